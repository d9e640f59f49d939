"""The interface that all transports share."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Protocol

from ....errors import UnsupportedError
from ...http import Answer
from .models import (
    Abilities,
    Configuration,
    Day,
    Identity,
    Key,
    Preset,
    Sensor,
    States,
    Topic,
)


class Direction(StrEnum):
    """Where to send a shutter."""

    UP = "up"
    DOWN = "down"
    STOP = "stop"


class Listener(Protocol):
    """Who is told of what happens. All methods are called in the event loop."""

    def live(self) -> None:
        """Tell that from now on nothing is missed; what was before has to be read."""

    def changed(self, states: States) -> None:
        """Tell what some states are now."""

    def stale(self, topic: Topic) -> None:
        """Tell that something of a topic changed, but not to what."""


class Gateway(Protocol):
    """One installation. All coroutines raise only ``BackendError``.

    What a transport does not know raises UnsupportedError.

    Commands return once the gateway accepted them. Those that set a state may be sent
    twice, and return as well when nobody knows whether they arrived: what came of them
    is for whoever sees the states to say.
    """

    @property
    def abilities(self) -> Abilities:
        """What it can do; known once it is open."""

    async def open(self) -> Identity:
        """Log in and find out who answers."""

    async def configuration(self, keep: Collection[Key] = ()) -> Configuration:
        """Return everything there is.

        ``keep`` are the keys of what somebody has: it stays listed while it exists, also
        when the transport would hide it.
        """

    async def schedules(self) -> dict[int, dict[str, dict[str, Day]]]:
        """Return the days of each thermostat's week, by id and by heating and cooling."""
        raise UnsupportedError("schedules")

    async def status(self, topic: Topic) -> States:
        """Return all states of a topic."""

    async def listen(self, listener: Listener) -> None:
        """Listen until the connection breaks; then raise. Only with ``push``."""
        raise UnsupportedError("push")

    async def set_output(
        self,
        output: int,
        on: bool,
        *,
        level: int | None = None,
        seconds: int | None = None,
    ) -> None:
        """Switch an output; ``level`` 0-100 (None = the last one), ``seconds`` then off."""

    async def set_lamp(self, lamp: int, on: bool, *, level: int | None = None) -> None:
        """Switch a lamp of another maker; ``level`` 0-100 (None = the last one)."""
        raise UnsupportedError("lamp")

    async def turn_lights_off(self) -> None:
        """Switch off all outputs that are lights, and all lamps."""
        raise UnsupportedError("lights off")

    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        """Open, close or stop a shutter."""

    async def place_shutter(
        self, shutter: int, position: int, *, seconds: float
    ) -> None:
        """Send a shutter to a position; ``seconds`` is the time of a full run."""

    async def lock_shutter(self, shutter: int, locked: bool) -> None:
        """Lock a shutter, which then refuses to move, or unlock it."""
        raise UnsupportedError("shutter lock")

    async def set_shutter_preset(self, shutter: int, position: int) -> None:
        """Keep a position for a shutter to be sent to."""
        raise UnsupportedError("shutter preset")

    async def recall_shutter(self, shutter: int) -> None:
        """Send a shutter to the position that is kept for it."""
        raise UnsupportedError("shutter preset")

    async def move_shutter_group(self, group: int, direction: Direction) -> None:
        """Open, close or stop a group of shutters."""
        raise UnsupportedError("shutter group")

    async def set_thermostat(
        self,
        unit: int,
        *,
        on: bool | None = None,
        setpoint: float | None = None,
        preset: Preset | None = None,
    ) -> None:
        """Tell a thermostat; None = leave alone. ``setpoint`` in °C."""

    async def set_thermostat_group(
        self, group: int, *, on: bool | None = None, cooling: bool | None = None
    ) -> None:
        """Tell a group; all of its units go back to the preset auto."""

    async def set_preset_temperature(
        self, unit: int, preset: Preset, temperature: float, *, cooling: bool
    ) -> None:
        """Set what a preset (away, vacation, party) aims at, in °C."""
        raise UnsupportedError("preset temperatures")

    async def set_ventilation(
        self, unit: int, level: int | None, *, seconds: float | None = None
    ) -> None:
        """Set a level, for ``seconds`` or for good; None = automatic."""
        raise UnsupportedError("ventilation")

    async def set_sensor(self, sensor: Sensor, values: Mapping[str, float]) -> None:
        """Feed a virtual sensor: its values by quantity (temperature, …)."""
        raise UnsupportedError("virtual sensor")

    async def set_pulse_counter(self, counter: int, value: int) -> None:
        """Set the count of a virtual pulse counter."""
        raise UnsupportedError("pulse counter")

    async def press(self, button: int, pressed: bool) -> None:
        """Press or release a virtual input."""
        raise UnsupportedError("virtual input")

    async def restart(self) -> None:
        """Restart the services of the gateway, which ends all logins."""
        raise UnsupportedError("restart")

    async def call(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call a V0 action by its name and return its answer.

        Session, certificate, limits, and errors are those of all calls. Only what reads
        is sent again when the connection breaks. What ``policy`` refuses is for the caller
        to keep back. Raises UnsupportedError where there are no V0 actions.
        """
        raise UnsupportedError("V0 actions")

    async def whole_answer(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> Answer:
        """Call a V0 action as ``call`` does, and return its answer with its headers."""
        raise UnsupportedError("V0 actions")

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
    ) -> Answer:
        """Send a request to the cloud, ``body`` as JSON.

        ``path`` is below the installation, or below ``/api/v1.1`` if it begins with
        ``base/``.

        Raises UnsupportedError where there is no such API.
        """
        raise UnsupportedError("cloud API")

    async def run_group_action(self, action: int) -> None:
        """Run a group action. Never sent twice."""

    async def identify(self) -> None:
        """Let the gateway show itself."""
        raise UnsupportedError("identify")

    async def close(self) -> None:
        """Log out. Never raises."""

    def diagnostics(self) -> dict[str, Any]:
        """Return counters and capabilities, without anything personal."""
