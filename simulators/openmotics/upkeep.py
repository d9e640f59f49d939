"""Maintenance V0 actions of a simulated gateway: modules, buses, plugins, old hardware.

No client needs them to show a house. Responses follow captures or descriptions where those exist;
of the others only the field names are known.

Protocol: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Callable
import json
from typing import Any

from .action import Action, truth, whole
from .engine import Engine
from .reads import Handler
from .state import UNSET, Row
from .switching import Refusal

RECENT = 10.0
"""Seconds for which a change counts as recent."""
_DAYS = tuple(
    f"auto_{day}" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
_COPIED = (*_DAYS, "setp3", "setp4", "setp5")
_PUMPS = [
    {"id": number, "output": UNSET, "outputs": "", "room": UNSET} for number in range(8)
]
_LED: Row = {
    "id": 0,
    "room": UNSET,
    **{f"can_led_{led}_id": UNSET for led in range(1, 5)},
    **{f"can_led_{led}_function": "UNKNOWN" for led in range(1, 5)},
}
_DIMMERS = dict.fromkeys(
    ("min_dim_level", "dim_step", "dim_wait_cycle", "dim_memory"), UNSET
)
_MODULES: tuple[tuple[str, str, str, str | None], ...] = (
    ("master", "105.123.123.001", "input", None),
    ("master", "073.123.123.002", "input", "3.1.0"),
    ("master", "116.123.123.001", "sensor", None),
    ("master", "111.123.123.001", "output", None),
    ("master", "100.123.123.001", "dim_control", None),
    ("master", "111.123.123.002", "output", None),
    ("master", "114.123.123.001", "shutter", None),
    ("master", "114.123.123.002", "shutter", None),
    ("gateway", "2", "energy", "1.0.0"),
    ("gateway", "3", "power", "1.0.0"),
    ("gateway", "4", "p1_concentrator", "1.0.0"),
)
"""Location, address, type, and firmware of each module; virtual modules have none."""


class Upkeep:
    """Actions about the gateway itself."""

    def __init__(self, engine: Engine) -> None:
        """Use an engine and its state."""
        self.engine = engine
        self.state = engine.state

    def actions(self) -> dict[str, Action]:
        """Return all actions by name."""
        return self._plain() | self._old_hardware() | self._bus() | self._kept()

    def _plain(self) -> dict[str, Action]:
        fixed: dict[str, Row] = {
            "module_discover_status": {"running": False},
            "get_update_output": {"output": ""},
            "in_power_address_mode": {"address_mode": False},
            "get_can_bus_termination": {"bus_termination": True},
            "master_diagnostics": {"data": {}},
            "get_plugin_logs": {"logs": {}},
            "get_system_info": {
                "model": "None",
                "operating_system": {
                    "id": "debian",
                    "version": '"12"',
                    "name": '"Debian GNU/Linux"',
                },
                "platform": self.state.platform,
            },
        }
        fields: dict[str, Callable[[str], Any]] = {"fields?": json.loads}
        return {
            **{name: Action(_same(answer), {}) for name, answer in fixed.items()},
            "get_last_outputs": Action(self._last_outputs, {}),
            "get_last_inputs": Action(self._last_inputs, {}),
            "get_dimmer_configuration": Action(_same({"config": _DIMMERS}), fields),
            "get_modules_information": Action(
                self._modules,
                {
                    "source?": str,
                    "address?": str,
                    "fields?": json.loads,
                    "refresh?": truth,
                },
            ),
            "get_metric_definitions": Action(
                _same({"definitions": {}}), {"source?": str, "metric_type?": str}
            ),
            "send_notification": Action(
                self._notify,
                {"source": str, "topic": str, "message": str, "type?": str},
            ),
            "get_settings": Action(
                lambda settings: {"values": dict.fromkeys(settings)},
                {"settings": json.loads},
            ),
        }

    def _old_hardware(self) -> dict[str, Action]:
        """Return actions that only Classic gateways have, and those for pumps."""
        fields: dict[str, Callable[[str], Any]] = {"fields?": json.loads}
        one = {"id": whole, **fields}
        group = {
            name: value
            for name, value in self.state.groups[0].items()
            if name not in {"id", "name"}
        }
        found = {
            "get_global_thermostat_configuration": Action(
                _same({"config": group}), fields
            ),
            "get_global_rtd10_configuration": Action(self._classic({}), fields),
            "set_airco_status": Action(
                self._classic({}), {"thermostat_id": whole, "airco_on": truth}
            ),
            "get_can_led_configurations": Action(_same({"config": [_LED]}), fields),
            "get_can_led_configuration": Action(_same({"config": _LED}), one),
        }
        for way in ("heating", "cooling"):
            found |= {
                f"get_rtd10_{way}_configurations": Action(
                    self._classic({"config": []}), fields
                ),
                f"get_rtd10_{way}_configuration": Action(
                    self._classic({"config": {}}), one
                ),
            }
        for kind in ("pump_group", "cooling_pump_group"):
            found |= {
                f"get_{kind}_configurations": Action(_same({"config": _PUMPS}), fields),
                # A bug of this version.
                f"get_{kind}_configuration": Action(_refused("Object not found"), one),
            }
        return found

    def _bus(self) -> dict[str, Action]:
        """Return actions that access the master and the buses."""
        recorded = self._recorded
        register: dict[str, Callable[[str], Any]] = {
            "slaveaddress": whole,
            "registeraddress": whole,
            "number_of_decimals?": whole,
            "functioncode?": whole,
            "signed?": truth,
        }
        samples = {"module_id": whole, "input_id?": whole}
        no_modbus = _refused("Feature unavailable")
        return {
            "flash_leds": Action(recorded("flash_leds"), {"type": whole, "id": whole}),
            "set_master_status_leds": Action(
                recorded("set_master_status_leds"), {"status": truth}
            ),
            "reset_master": Action(recorded("reset_master"), {"power_on?": truth}),
            "set_all_lights_floor_off": Action(self._floor(False), {"floor": whole}),
            "set_all_lights_floor_on": Action(self._floor(True), {"floor": whole}),
            "do_basic_action": Action(
                self._basic, {"action_type": whole, "action_number": whole}
            ),
            "get_master_debug_buffer": Action(_refused("'read'"), {"amount?": whole}),
            "master_clear_error_list": Action(self._clear_errors, {}),
            "read_modbus_register": Action(no_modbus, register),
            "read_modbus_registers": Action(no_modbus, {"args": json.loads}),
            "write_modbus_register": Action(no_modbus, {**register, "value": float}),
            "write_modbus_registers": Action(no_modbus, {"args": json.loads}),
            "get_energy_time": Action(self._samples("voltage", "current"), samples),
            "get_energy_frequency": Action(
                self._samples("voltage", "current"), samples
            ),
            "stop_plugin": Action(self._plugin, {"name": str}),
            "start_plugin": Action(self._plugin, {"name": str}),
        }

    def _kept(self) -> dict[str, Action]:
        """Return actions for weekly programs, and delayed actions (deprecated)."""
        copy = {"source_id": whole, "destination_id": whole}
        return {
            "copy_thermostat_schedule": Action(
                self._copy(self.state.thermostats), copy
            ),
            "copy_cooling_schedule": Action(self._copy(self.state.cooling), copy),
            "schedule_action": Action(
                self._schedule, {"timestamp": whole, "action": json.loads}
            ),
            "list_scheduled_actions": Action(
                lambda: {"actions": list(self.state.scheduled)}, {}
            ),
            "remove_scheduled_action": Action(self._unschedule, {"id": whole}),
        }

    def _last_outputs(self) -> Row:
        return {"outputs": self._recent(self.state.output_changes)}

    def _last_inputs(self) -> Row:
        recent = self._recent(self.state.input_changes)
        return {"inputs": [[number, None] for number in recent[-5:]]}

    def _recent(self, changes: dict[int, float]) -> list[int]:
        since = self.state.now() - RECENT
        return [number for number, when in changes.items() if when >= since]

    def _modules(self, source: str | None = None, **_rest: Any) -> Row:
        found: Row = {"master": {}, "gateway": {}}
        for order, (where, address, kind, firmware) in enumerate(_MODULES):
            if source in {None, where}:
                found[where][address] = {
                    "address": address,
                    "source": where,
                    "module_type": kind,
                    "hardware_type": "physical" if firmware else "virtual",
                    "firmware_version": firmware,
                    "order": order,
                    "update_success": None,
                }
        return {"modules": found}

    def _notify(
        self,
        source: str,
        topic: str,
        message: str,
        type: str = "USER",  # noqa: A002 - the parameter's name
    ) -> Row:
        """Return the event; the local socket never delivers it."""
        data = {"source": source, "type": type, "topic": topic, "message": message}
        return {"event": {"type": "NOTIFICATION", "data": data}}

    def _classic(self, answer: Row) -> Handler:
        def handler(**_given: Any) -> Row:
            if not self.state.quirks.classic:
                raise Refusal("Unsupported")
            return answer

        return handler

    def _recorded(self, name: str) -> Handler:
        def handler(**given: Any) -> Row:
            self.engine.commands.append((name, given.get("id", 0), given))
            return {}

        return handler

    def _floor(self, on: bool) -> Handler:
        def handler(floor: int | None = None) -> Row:
            if floor not in {None, UNSET}:
                raise Refusal("Unsupported")
            for row in self.state.outputs:
                if row["type"] == UNSET:
                    self.engine.put_output(row["id"], on)
            return {}

        return handler

    def _basic(self, action_type: int, action_number: int) -> Row:
        """Switch an output on (165); unknown actions succeed without any effect."""
        self.engine.commands.append(("basic", action_type, action_number))
        if action_type == 165 and action_number in self.state.output_values:
            self.engine.put_output(action_number, True)
        return {}

    def _clear_errors(self) -> Row:
        self.state.errors.clear()
        return {}

    def _samples(self, *names: str) -> Handler:
        def handler(module_id: int, input_id: int | None = None) -> Row:
            silent = self.state.quirks.silent_module
            if module_id == silent or all(
                row["id"] != module_id for row in self.state.modules
            ):
                raise Refusal("Internal communication timeout")
            ports = range(12) if input_id is None else [input_id]
            return {str(port): {name: [0.0] * 80 for name in names} for port in ports}

        return handler

    def _plugin(self, name: str) -> Row:
        raise Refusal(f"Plugin '{name}' does not exist.")

    def _copy(self, rows: list[Row]) -> Handler:
        def handler(source_id: int, destination_id: int) -> Row:
            numbered = {row["id"]: row for row in rows}
            if source_id not in numbered or destination_id not in numbered:
                raise Refusal("Object not found")
            # Valves keep their state.
            source = numbered[source_id]
            numbered[destination_id].update({name: source[name] for name in _COPIED})
            return {}

        return handler

    def _schedule(self, timestamp: int, action: Row) -> Row:
        self.state.scheduled.append(
            {
                "id": len(self.state.scheduled) + 1,
                "timestamp": timestamp,
                "action": action,
            }
        )
        return {}

    def _unschedule(self, id: int) -> Row:  # noqa: A002 - the parameter's name
        self.state.scheduled[:] = [
            row for row in self.state.scheduled if row["id"] != id
        ]
        return {}


def _same(answer: Row) -> Handler:
    def handler(**_given: Any) -> Row:
        return answer

    return handler


def _refused(words: str) -> Handler:
    def handler(**_given: Any) -> Row:
        raise Refusal(words)

    return handler
