"""The V0 actions that command: those of the local gateway and the first cloud.

On the wire: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Final, override

from .....errors import RejectedError
from ....http import ConnectionLostError, TimedOutError
from ..errors import BusTimeoutError, TimerError, UnknownPositionError
from ..gateway import Direction
from ..models import Kind, Motion, Preset, ShutterState, Topic
from .api import V0Api

# Who sets a state may not know whether it arrived; who looks at the states will.
_UNCERTAIN: Final = (BusTimeoutError, ConnectionLostError, TimedOutError)

_CAME_OF: Final[Mapping[Direction, frozenset[Motion]]] = {
    Direction.UP: frozenset({Motion.GOING_UP, Motion.UP}),
    Direction.DOWN: frozenset({Motion.GOING_DOWN, Motion.DOWN}),
    Direction.STOP: frozenset({Motion.STOPPED, Motion.UP, Motion.DOWN}),
}
"""What a shutter may be doing once a command has reached it."""

_SETPOINTS: Final[Mapping[Preset, int]] = {
    Preset.AUTO: 0,
    Preset.MANUAL: 0,
    Preset.AWAY: 3,
    Preset.VACATION: 4,
    Preset.PARTY: 5,
}


class V0Gateway(V0Api):
    """Everything but the way of a call."""

    @override
    async def set_output(
        self,
        output: int,
        on: bool,
        *,
        level: int | None = None,
        seconds: int | None = None,
    ) -> None:
        form: dict[str, Any] = {"id": output, "is_on": on}
        if on and level is not None:
            form["dimmer"] = level
        if on and seconds is not None:
            timers = self._abilities.timers
            if timers and seconds not in timers:
                raise TimerError(durations=", ".join(map(str, timers)))
            form["timer"] = seconds
        await _uncertain(self.call("set_output", form))

    @override
    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        try:
            await self.call(f"do_shutter_{direction}", {"id": shutter})
        except _UNCERTAIN:
            # No state is waited for that would tell whether it moves.
            found = (await self.status(Topic.SHUTTERS)).get(
                (Kind.SHUTTER, str(shutter))
            )
            if (
                not isinstance(found, ShutterState)
                or found.motion not in _CAME_OF[direction]
            ):
                raise

    @override
    async def place_shutter(
        self, shutter: int, position: int, *, seconds: float
    ) -> None:
        # From an unknown position the gateway drives up first, and answers only then.
        # A second request would come in the middle of that.
        try:
            await self.call(
                "do_shutter_goto",
                {"id": shutter, "position": position},
                idempotent=False,
                timeout=1.2 * seconds + 5,
            )
        except RejectedError as err:
            if "could not get actual position" in err.detail:
                raise UnknownPositionError(err.detail) from err
            raise

    @override
    async def move_shutter_group(self, group: int, direction: Direction) -> None:
        await self.call(f"do_shutter_group_{direction}", {"id": group})

    @override
    async def set_thermostat(
        self,
        unit: int,
        *,
        on: bool | None = None,
        setpoint: float | None = None,
        preset: Preset | None = None,
    ) -> None:
        if not self._abilities.unit_off:
            await self._set_classic_thermostat(unit, setpoint, preset)
            return
        if on is None and preset is None:
            await _uncertain(
                self.call(
                    "set_current_setpoint",
                    {"thermostat": unit, "temperature": setpoint},
                )
            )
            return
        form = {
            "thermostat_id": unit,
            "preset": preset,
            "state": None if on is None else "on" if on else "off",
            "temperature": setpoint,
        }
        await _uncertain(self.call("set_thermostat", form))

    async def _set_classic_thermostat(
        self, unit: int, setpoint: float | None, preset: Preset | None
    ) -> None:
        if preset is not None:
            await _uncertain(
                self.call(
                    "set_per_thermostat_mode",
                    {
                        "thermostat_id": unit,
                        "automatic": preset is Preset.AUTO,
                        "setpoint": _SETPOINTS[preset],
                    },
                )
            )
        if setpoint is not None:
            await _uncertain(
                self.call(
                    "set_current_setpoint",
                    {"thermostat": unit, "temperature": setpoint},
                )
            )

    @override
    async def set_thermostat_group(
        self, group: int, *, on: bool | None = None, cooling: bool | None = None
    ) -> None:
        if self._abilities.unit_off:
            form: dict[str, Any] = {
                "thermostat_group_id": group,
                "mode": None
                if cooling is None
                else "cooling"
                if cooling
                else "heating",
                "state": None if on is None else "on" if on else "off",
            }
            await _uncertain(self.call("set_thermostat_group", form))
            return
        self._on = self._on if on is None else on
        self._cooling = self._cooling if cooling is None else cooling
        await _uncertain(
            self.call(
                "set_thermostat_mode",
                {
                    "thermostat_on": self._on,
                    "cooling_mode": self._cooling,
                    "cooling_on": self._cooling,
                    "automatic": True,
                    "setpoint": 0,
                },
            )
        )

    @override
    async def set_ventilation(self, unit: int, level: int | None) -> None:
        if level is None:
            request = self.call("set_ventilation_mode_auto", {"ventilation_id": unit})
        else:
            request = self.call(
                "set_ventilation_level", {"ventilation_id": unit, "level": level}
            )
        await _uncertain(request)

    @override
    async def run_group_action(self, action: int) -> None:
        await self.call(
            "do_group_action", {"group_action_id": action}, idempotent=False
        )

    @override
    async def identify(self) -> None:
        await self.call("indicate")


async def _uncertain(request: Awaitable[object]) -> None:
    """Send what sets a state; an answer that got lost says nothing either way."""
    try:
        await request
    except _UNCERTAIN:
        return
