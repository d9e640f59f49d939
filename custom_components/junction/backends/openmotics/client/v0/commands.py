"""V0 actions that send commands, for the local gateway and the legacy cloud.

Protocol: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Awaitable, Mapping
import json
from typing import Any, Final, override

from .....errors import RejectedError
from ....http import (
    ConnectionLostError,
    TimedOutError,
    UnexpectedJsonError,
    json_fields as j,
)
from ..errors import (
    BusTimeoutError,
    IncompleteSensorError,
    TimerError,
    UnknownPositionError,
)
from ..gateway import Direction
from ..models import Kind, Motion, Preset, Sensor, ShutterState, Topic
from .configuration import OLD_QUANTITIES
from .reading import V0Reading

# A command that sets a state may have arrived; the caller confirms it by the states.
_UNCERTAIN: Final = (BusTimeoutError, ConnectionLostError, TimedOutError)

_CAME_OF: Final[Mapping[Direction, frozenset[Motion]]] = {
    Direction.UP: frozenset({Motion.GOING_UP, Motion.UP}),
    Direction.DOWN: frozenset({Motion.GOING_DOWN, Motion.DOWN}),
    Direction.STOP: frozenset({Motion.STOPPED, Motion.UP, Motion.DOWN}),
}
"""Motions of a shutter after a command has reached it."""

_SETPOINTS: Final[Mapping[Preset, int]] = {
    Preset.AUTO: 0,
    Preset.MANUAL: 0,
    Preset.AWAY: 3,
    Preset.VACATION: 4,
    Preset.PARTY: 5,
}


class V0Gateway(V0Reading):
    """All commands; subclasses implement how a call is sent."""

    async def _set(
        self, action: str, form: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call an action that may be repeated, because it sets a state."""
        return await self.call(action, form, idempotent=True)

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
        await _uncertain(self._set("set_output", form))

    @override
    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        try:
            await self._set(f"do_shutter_{direction}", {"id": shutter})
        except _UNCERTAIN:
            # No confirmation follows here, so read whether it moves.
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
        # From an unknown position the gateway opens the shutter first, and answers only
        # then. A repeated request would interrupt that.
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
        await self._set(f"do_shutter_group_{direction}", {"id": group})

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
                self._set(
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
        await _uncertain(self._set("set_thermostat", form))

    async def _set_classic_thermostat(
        self, unit: int, setpoint: float | None, preset: Preset | None
    ) -> None:
        if preset is not None:
            await _uncertain(
                self._set(
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
                self._set(
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
            await _uncertain(self._set("set_thermostat_group", form))
            return
        self._on = self._on if on is None else on
        self._cooling = self._cooling if cooling is None else cooling
        await _uncertain(
            self._set(
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
    async def set_preset_temperature(
        self, unit: int, preset: Preset, temperature: float, *, cooling: bool
    ) -> None:
        kind = "cooling" if cooling else "thermostat"
        # A partial configuration would erase the rest of it, valves included.
        answer = await self.call(f"get_{kind}_configuration", {"id": unit})
        whole = j.mapping(answer, "config")
        if whole is None or j.integer(whole, "id") != unit:
            raise UnexpectedJsonError("config")
        told = {**whole, f"setp{_SETPOINTS[preset]}": temperature}
        await _uncertain(
            self._set(f"set_{kind}_configuration", {"config": json.dumps(told)})
        )

    @override
    async def set_ventilation(
        self, unit: int, level: int | None, *, seconds: float | None = None
    ) -> None:
        if level is None:
            request = self._set("set_ventilation_mode_auto", {"ventilation_id": unit})
        else:
            form = {"ventilation_id": unit, "level": level, "timer": seconds}
            request = self._set("set_ventilation_level", form)
        await _uncertain(request)

    # Setting virtual inputs, sensors, and counters.

    @override
    async def set_sensor(self, sensor: Sensor, values: Mapping[str, float]) -> None:
        if sensor.source == "master":
            # All three are required, whatever the sensor measures.
            form: dict[str, Any] = {
                "sensor_id": sensor.external,
                **{quantity: values.get(quantity) for quantity in OLD_QUANTITIES},
            }
            if missing := [name for name in OLD_QUANTITIES if form[name] is None]:
                raise IncompleteSensorError(missing=", ".join(missing))
            form["brightness"] = round(form["brightness"])
            await self._set("set_virtual_sensor", form)
            return
        [value] = values.values()
        status = json.dumps({"id": int(sensor.key), "value": value})
        await self._set("set_sensor_status", {"status": status})

    @override
    async def set_pulse_counter(self, counter: int, value: int) -> None:
        form = {"pulse_counter_id": counter, "value": value}
        await self._set("set_pulse_counter_status", form)

    @override
    async def press(self, button: int, pressed: bool) -> None:
        await self.call("set_input", {"id": button, "is_on": pressed})

    @override
    async def turn_lights_off(self) -> None:
        await self._set("set_all_lights_off")

    @override
    async def restart(self) -> None:
        await self.call("restart_services")

    @override
    async def run_group_action(self, action: int) -> None:
        await self.call(
            "do_group_action", {"group_action_id": action}, idempotent=False
        )

    @override
    async def identify(self) -> None:
        await self._set("indicate")


async def _uncertain(request: Awaitable[object]) -> None:
    """Send a command that sets a state; a lost answer is not an error."""
    try:
        await request
    except _UNCERTAIN:
        return
