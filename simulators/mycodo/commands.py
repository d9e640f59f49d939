"""Endpoints that change a setting, or command the daemon.

See docs/protocols/mycodo.md#commands-to-outputs and
docs/protocols/mycodo.md#controllers-inputs-and-the-daemon.
"""

from collections.abc import Callable
from typing import Any, Final

from .outputs import Refused
from .pipeline import Abort, Call, DaemonGone, Json, Pipeline, Reply

_CONTROLLER_GONE: Final = (
    "AttributeError: 'PyroServer' object has no attribute 'logger'"
)


class Commands:
    """Carries out commands."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Share the state and the output engine."""
        self._pipeline = pipeline
        self._state = pipeline.state
        self._engine = pipeline.engine

    def add_routes(self, add: Callable[..., None]) -> None:
        """Add the endpoints."""
        steer: dict[str, Any] = {"permission": "controllers"}
        add(
            "POST",
            "/outputs/{id}",
            self._set_output,
            body=True,
            endpoint="/outputs/{id}",
            **steer,
        )
        add(
            "GET",
            "/controllers/{id}",
            self._controller,
            null={"is_active": None},
            traceback="custom",
            **steer,
        )
        add(
            "POST",
            "/controllers/{id}",
            self._activate,
            body=True,
            traceback="custom",
            **steer,
        )
        add("POST", "/inputs/{id}/force-measurement", self._force, **steer)
        add(
            "GET",
            "/daemon/",
            self._daemon,
            null=dict.fromkeys(("RAM", "is_running", "python_virtual_env")),
            **steer,
        )

    async def _set_output(self, call: Call) -> Reply:
        body = call.body if isinstance(call.body, dict) else {}
        channel = 0 if body.get("channel", 0) is None else body.get("channel")
        number = None if channel is None else _number(channel, "channel", "number")
        state, kind, amount = self._payload(body)
        await self._pipeline.ask_daemon()
        try:
            words = self._engine.command(
                call.at["id"],
                None if number is None else int(number),
                state,
                kind,
                amount,
            )
        except Refused as err:
            return 460, {"message": f"Fail: {err}"}
        # Triggers run inside the command, including their webhooks.
        await self._pipeline.announce()
        return 200, {"message": f"Success: {words}"}

    @staticmethod
    def _payload(body: dict[str, Json]) -> tuple[str, str, float]:
        """Return the requested command, by the precedence of the fields."""
        on = "on" if body.get("state") else "off"
        duration = body.get("duration")
        if duration is not None:
            duration = _number(duration, "duration", "number")
        duty = body.get("duty_cycle")
        if duty is not None:
            duty = _number(duty, "duty_cycle", "float value")
            if not 0 <= duty <= 100:
                raise Abort(
                    422, {"message": "duty_cycle does not represent float value"}
                )
        volume = body.get("volume")
        if volume is not None:
            volume = _number(volume, "volume", "float value")
        if body.get("state") is not None and duration is not None:
            return on, "sec", duration
        if duty is not None:
            # The daemon receives "on" with an amount of 0, which drivers treat as off.
            return ("on", "pwm", duty) if duty else ("on", "pwm", 0.0)
        if volume is not None:
            return "on", "vol", volume
        if body.get("state") is not None:
            return on, "sec", 0.0
        raise Abort(460, {"message": "Insufficient payload"})

    def controllers(self) -> dict[str, tuple[str, Any]]:
        """Return everything that can be activated: (kind, row) by id."""
        state = self._state
        return {
            row.unique_id: (kind, row)
            for kind, rows in (
                ("Input", state.inputs),
                ("Function", state.functions),
                ("PID", state.pids),
                ("Trigger", state.triggers),
                ("Conditional", state.conditionals),
            )
            for row in rows
        }

    async def _controller(self, call: Call) -> Reply:
        await self._pipeline.ask_daemon()
        found = self.controllers().get(call.at["id"])
        return 200, {"is_active": bool(found and found[1].active)}

    async def _activate(self, call: Call) -> Reply:
        if not isinstance(call.body, dict) or "activate" not in call.body:
            raise Abort(422, {"message": 'missing "activate" in payload'})
        await self._pipeline.ask_daemon()
        identity = call.at["id"]
        if (found := self.controllers().get(identity)) is None:
            raise DaemonGone(_CONTROLLER_GONE)
        kind, row = found
        active = bool(call.body["activate"])
        name = f"{kind} controller with ID {identity}"
        if active == row.active:
            words = (
                f"Cannot activate {name}: It's already active."
                if active
                else f"{name} not found"
            )
            return 460, {"message": words}
        row.active = active
        if hasattr(row, "due"):
            row.due = self._state.now() + min(0.1, row.period)
        return 200, {"message": f"{name} {'' if active else 'de'}activated."}

    async def _force(self, call: Call) -> Reply:
        try:
            await self._pipeline.ask_daemon()
        except DaemonGone as err:
            text = f"Traceback (most recent call last):\n{err}\n"
            return 200, {"message": text}
        identity = call.at["id"]
        found = next((i for i in self._state.inputs if i.unique_id == identity), None)
        if found is None or not found.active:
            words = f"Cannot force acquisition of Input measurements: '{identity}'"
            return 460, {"message": words}
        found.due = min(found.due, self._state.now() + 0.1)
        return 200, {"message": "Input instructed to begin acquiring measurements"}

    async def _daemon(self, call: Call) -> Reply:
        try:
            await self._pipeline.ask_daemon()
        except DaemonGone:
            return 200, {"RAM": None, "is_running": False, "python_virtual_env": None}
        return 200, {"RAM": 148.564, "is_running": True, "python_virtual_env": True}


def _number(value: Json, field: str, what: str) -> float:
    try:
        return float(value)
    except TypeError, ValueError:
        raise Abort(
            422, {"message": f"{field} does not represent {_article(what)}{what}"}
        ) from None


def _article(what: str) -> str:
    return "a " if what == "number" else ""


def add_command_routes(add: Callable[..., None], pipeline: Pipeline) -> None:
    """Add the endpoints."""
    Commands(pipeline).add_routes(add)
