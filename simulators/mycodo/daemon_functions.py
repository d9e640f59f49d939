# ruff: noqa: D102 - Mycodo's own names, described where it lists them
"""Functions that the daemon of a simulated Mycodo exposes.

Names, arguments, and results are those of a real daemon
(docs/protocols/mycodo-daemon.md#functions).
"""

from typing import Any

import Pyro5.api

from .daemon_steering import SteeringFunctions, Value


@Pyro5.api.expose
class PyroServer(SteeringFunctions):
    """The exposed functions. Names and arguments are Mycodo's."""

    # The daemon.

    def daemon_status(self) -> str:
        return self._do("daemon_status", lambda: "alive")

    def check_daemon(self) -> str | None:
        return self._do("check_daemon", lambda: self._server.starting)

    def ram_use(self) -> float:
        return self._do("ram_use", lambda: 188.144)

    def is_in_virtualenv(self) -> bool:
        return self._do("is_in_virtualenv", lambda: True)

    def terminate_daemon(self) -> int:
        def work() -> int:
            self._server.state.daemon_running = False
            return 1

        return self._do("terminate_daemon", work)

    # Controllers.

    def _controller(self, identity: str) -> tuple[str, Any]:
        found = self._commands.controllers().get(identity)
        if found is None:
            raise AttributeError("'PyroServer' object has no attribute 'logger'")
        return found

    def controller_is_active(self, cont_id: str) -> bool:
        def work() -> bool:
            found = self._commands.controllers().get(cont_id)
            return bool(found and found[1].active)

        return self._do("controller_is_active", work)

    def controller_activate(self, cont_id: str) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            kind, row = self._controller(cont_id)
            name = f"{kind} controller with ID {cont_id}"
            if row.active:
                return 1, f"Cannot activate {name}: It's already active."
            row.active = True
            return 0, f"{name} activated."

        return self._do("controller_activate", work)

    def controller_deactivate(self, cont_id: str) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            kind, row = self._controller(cont_id)
            name = f"{kind} controller with ID {cont_id}"
            if not row.active:
                return 1, f"{name} not found"
            row.active = False
            return 0, f"{name} deactivated."

        return self._do("controller_deactivate", work)

    def controller_restart(self, cont_id: str) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            self._controller(cont_id)
            self._server.told.refreshed.append(("restart", cont_id))
            return 0, f"Successfully restarted controller with ID {cont_id}"

        return self._do("controller_restart", work)

    def function_status(self, function_id: str) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            found = self._commands.controllers().get(function_id)
            if found is None or not found[1].active:
                words = "Function ID not found. Is the Function activated?"
                return {"error": [words]}
            if found[0] not in ("PID", "Conditional"):
                return {"error": ["function_status() missing from Function Class"]}
            return {"string_status": "The controller has looped 5 times", "error": []}

        return self._do("function_status", work)

    def input_force_measurements(self, input_id: str) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            state = self._server.state
            found = next((i for i in state.inputs if i.unique_id == input_id), None)
            if found is None or not found.active:
                words = f"Cannot force acquisition of Input measurements: '{input_id}'"
                return 1, words
            found.due = min(found.due, state.now() + 0.1)
            return 0, "Input instructed to begin acquiring measurements"

        return self._do("input_force_measurements", work)

    # Conditions.

    def get_condition_measurement(self, condition_id: str) -> Value:
        return self._do(
            "get_condition_measurement",
            lambda: self._server.conditions.get(condition_id),
        )

    def get_condition_measurement_dict(self, condition_id: str) -> Value:
        return self._do(
            "get_condition_measurement_dict",
            lambda: self._server.conditions_dict.get(condition_id),
        )

    # Displays.

    def _display(self, lcd_id: str, what: str) -> tuple[int, str] | None:
        if lcd_id not in self._server.displays:
            return None
        self._server.told.displays.append((lcd_id, what))
        words = "Command sent to Function Controller and is running in the background."
        return 0, words

    def lcd_backlight(self, lcd_id: str, state: bool) -> Value:
        return self._do(
            "lcd_backlight", lambda: self._display(lcd_id, f"backlight {state}")
        )

    def lcd_flash(self, lcd_id: str, state: bool) -> Value:
        def work() -> Value:
            if lcd_id not in self._server.displays:
                return None
            missing = "'FunctionController' object has no attribute 'lcd_flash'"
            return 0, f"Cannot flash display ({state}): {missing}"

        return self._do("lcd_flash", work)

    def lcd_reset(self, lcd_id: str) -> None:
        self._do("lcd_reset", lambda: None)

    def display_backlight_color(self, lcd_id: str, color: Value) -> None:
        self._do("display_backlight_color", lambda: None)

    def module_function(
        self,
        controller_type: str,
        unique_id: str,
        button_id: str,
        args_dict: Value,
        thread: bool = True,
        return_from_function: bool = False,
    ) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            if (found := self._display(unique_id, button_id)) is not None:
                return found
            known = self._commands.controllers().get(unique_id)
            if known is not None and known[1].active:
                what = "is running in the background."
                return 0, f"Command sent to {controller_type} Controller and {what}"
            words = (
                f"Attempting to call {button_id}() in inactive {controller_type} "
                f"Controller with ID {unique_id}. Only active Function Controllers can "
                "have functions called."
            )
            return 0, words

        return self._do("module_function", work)

    # Reload settings.

    def _refresh(self, kind: str, identity: str) -> str | None:
        def work() -> str | None:
            found = self._commands.controllers().get(identity)
            if found is None or found[0] != kind or not found[1].active:
                return None
            self._server.told.refreshed.append((kind.lower(), identity))
            return f"{kind} settings successfully refreshed"

        return self._do(f"refresh_daemon_{kind.lower()}_settings", work)

    def refresh_daemon_conditional_settings(self, unique_id: str) -> str | None:
        return self._refresh("Conditional", unique_id)

    def refresh_daemon_trigger_settings(self, unique_id: str) -> str | None:
        return self._refresh("Trigger", unique_id)

    def refresh_daemon_misc_settings(self) -> None:
        self._do(
            "refresh_daemon_misc_settings",
            lambda: self._server.told.refreshed.append(("misc", "")),
        )

    # Actions.

    def trigger_action(
        self, action_id: str, value: Value = None, debug: bool = False
    ) -> dict[str, str]:
        def work() -> dict[str, str]:
            server, value_ = self._server, value or {}
            server.told.actions.append((action_id, value))
            if action_id not in server.actions:
                prefix = value_.get("message", "")
                words = f"Error: Action with ID {action_id} not found!"
                return {"message": prefix + words}
            if "message" not in value_:
                # The action fails inside the daemon.
                return {}
            return {"message": value_["message"] + server.actions[action_id]}

        return self._do("trigger_action", work)

    def trigger_all_actions(
        self, function_id: str, message: str = "", debug: bool = False
    ) -> str:
        def work() -> str:
            said = self._server.functions_with_actions.get(function_id, ())
            if function_id in self._server.functions_with_actions:
                self._server.told.actions.append((function_id, message))
            return message + "".join(said)

        return self._do("trigger_all_actions", work)

    # Widgets, for the web interface.

    def widget_add_refresh(self, unique_id: str) -> None:
        self._do("widget_add_refresh", lambda: None)

    def widget_remove(self, unique_id: str) -> None:
        self._do("widget_remove", lambda: None)

    def widget_execute(self, unique_id: str) -> None:
        self._do("widget_execute", lambda: None)
