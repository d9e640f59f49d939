"""Interface of all connections to an installation."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Protocol

from ...http import Answer
from .errors import TransportUnsupportedError
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
    """Direction of a shutter."""

    UP = "up"
    DOWN = "down"
    STOP = "stop"


class Listener(Protocol):
    """Receiver of pushed changes. All methods are called in the event loop."""

    def live(self) -> None:
        """Report that the stream is complete from now on; earlier changes must be read."""

    def changed(self, states: States) -> None:
        """Report the new values of some states."""

    def stale(self, topic: Topic) -> None:
        """Report that a state of a topic changed, without its new value."""


class Gateway(Protocol):
    """One installation. All coroutines raise only ``BackendError``.

    Methods that a connection does not support raise OtherWayError.

    Commands return once the gateway accepted them. Commands that set a state may be
    sent twice, and also return if it is unknown whether they arrived: the caller
    confirms them by the states.
    """

    @property
    def abilities(self) -> Abilities:
        """Return the capabilities; known after ``open``."""

    async def open(self) -> Identity:
        """Log in and return the identity of the installation."""

    async def configuration(self, keep: Collection[Key] = ()) -> Configuration:
        """Return the configuration.

        ``keep`` are keys that are in use: they stay listed while they exist, even if
        the connection would hide them.
        """

    async def schedules(self) -> dict[int, dict[str, dict[str, Day]]]:
        """Return the weekly schedule of each thermostat, by id and by heating and cooling."""
        raise TransportUnsupportedError

    async def status(self, topic: Topic) -> States:
        """Return all states of a topic."""

    async def listen(self, listener: Listener) -> None:
        """Listen until the connection breaks, then raise. Only with ``push``."""
        raise TransportUnsupportedError

    async def set_output(
        self,
        output: int,
        on: bool,
        *,
        level: int | None = None,
        seconds: int | None = None,
    ) -> None:
        """Switch an output; ``level`` 0-100 (None = last one), ``seconds`` until it turns off."""

    async def set_lamp(self, lamp: int, on: bool, *, level: int | None = None) -> None:
        """Switch a light of another vendor; ``level`` 0-100 (None = last one)."""
        raise TransportUnsupportedError

    async def turn_lights_off(self) -> None:
        """Turn off all outputs that are lights, and all lights of other vendors."""
        raise TransportUnsupportedError

    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        """Open, close, or stop a shutter."""

    async def place_shutter(
        self, shutter: int, position: int, *, seconds: float
    ) -> None:
        """Move a shutter to a position, from 0 (open) to ``steps`` - 1.

        ``seconds`` is the time of a full run.
        """

    async def lock_shutter(self, shutter: int, locked: bool) -> None:
        """Lock a shutter, so that it refuses to move, or unlock it."""
        raise TransportUnsupportedError

    async def set_shutter_preset(self, shutter: int, position: int) -> None:
        """Store the preset position of a shutter, from 0 (open) to ``steps`` - 1."""
        raise TransportUnsupportedError

    async def recall_shutter(self, shutter: int) -> None:
        """Move a shutter to its preset position."""
        raise TransportUnsupportedError

    async def move_shutter_group(self, group: int, direction: Direction) -> None:
        """Open, close, or stop a group of shutters."""
        raise TransportUnsupportedError

    async def set_thermostat(
        self,
        unit: int,
        *,
        on: bool | None = None,
        setpoint: float | None = None,
        preset: Preset | None = None,
    ) -> None:
        """Control a thermostat; None = unchanged. ``setpoint`` in °C."""

    async def set_thermostat_group(
        self, group: int, *, on: bool | None = None, cooling: bool | None = None
    ) -> None:
        """Control a thermostat group; all its units return to the preset auto."""

    async def set_preset_temperature(
        self, unit: int, preset: Preset, temperature: float, *, cooling: bool
    ) -> None:
        """Set the temperature of a preset (away, vacation, party) in °C."""
        raise TransportUnsupportedError

    async def set_ventilation(
        self, unit: int, level: int | None, *, seconds: float | None = None
    ) -> None:
        """Set a level, for ``seconds`` or permanently; None = automatic."""
        raise TransportUnsupportedError

    async def set_sensor(self, sensor: Sensor, values: Mapping[str, float]) -> None:
        """Set the values of a virtual sensor by quantity (temperature, …)."""
        raise TransportUnsupportedError

    async def set_pulse_counter(self, counter: int, value: int) -> None:
        """Set the count of a virtual pulse counter."""
        raise TransportUnsupportedError

    async def press(self, button: int, pressed: bool) -> None:
        """Press or release a virtual input."""
        raise TransportUnsupportedError

    async def restart(self) -> None:
        """Restart the services of the gateway, which invalidates all tokens."""
        raise TransportUnsupportedError

    async def call(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call a V0 action by its name and return its answer.

        Session, certificate, limits, and errors are the same as for all requests. Only
        actions that read are repeated if the connection breaks. The caller must check
        ``policy`` first. Raises OtherWayError for connections without V0 actions.
        """
        raise TransportUnsupportedError

    async def call_with_headers(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> Answer:
        """Call a V0 action as ``call`` does, and return the answer with its headers."""
        raise TransportUnsupportedError

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
    ) -> Answer:
        """Send a request to the cloud, with ``body`` as JSON.

        ``path`` is below the installation, or below ``/api/v1.1`` if it begins with
        ``base/``.

        Raises OtherWayError for connections without this API.
        """
        raise TransportUnsupportedError

    async def run_group_action(self, action: int) -> None:
        """Run a group action. Never repeated."""

    async def identify(self) -> None:
        """Let the gateway identify itself (action ``indicate``)."""
        raise TransportUnsupportedError

    async def close(self) -> None:
        """Log out. Never raises."""

    def diagnostics(self) -> dict[str, Any]:
        """Return counters and capabilities, without personal data."""
