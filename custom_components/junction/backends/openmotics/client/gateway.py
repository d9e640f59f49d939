"""The interface that all transports share."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol

from .models import Abilities, Configuration, Identity, Preset, States, Topic


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

    Commands return once the gateway accepted them. Those that set a state may be sent
    twice, and return as well when nobody knows whether they arrived: what came of them
    is for whoever sees the states to say.
    """

    @property
    def abilities(self) -> Abilities:
        """What it can do; known once it is open."""

    async def open(self) -> Identity:
        """Log in and find out who answers."""

    async def configuration(self) -> Configuration:
        """Return everything there is."""

    async def status(self, topic: Topic) -> States:
        """Return all states of a topic."""

    async def listen(self, listener: Listener) -> None:
        """Listen until the connection breaks; then raise. Only with ``push``."""

    async def set_output(
        self,
        output: int,
        on: bool,
        *,
        level: int | None = None,
        seconds: int | None = None,
    ) -> None:
        """Switch an output; ``level`` 0-100 (None = the last one), ``seconds`` then off."""

    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        """Open, close or stop a shutter."""

    async def place_shutter(
        self, shutter: int, position: int, *, seconds: float
    ) -> None:
        """Send a shutter to a position; ``seconds`` is the time of a full run."""

    async def move_shutter_group(self, group: int, direction: Direction) -> None:
        """Open, close or stop a group of shutters."""

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

    async def set_ventilation(self, unit: int, level: int | None) -> None:
        """Set a level; None = automatic."""

    async def run_group_action(self, action: int) -> None:
        """Run a group action. Never sent twice."""

    async def identify(self) -> None:
        """Let the gateway show itself."""

    async def close(self) -> None:
        """Log out. Never raises."""

    def diagnostics(self) -> dict[str, Any]:
        """Return counters and capabilities, without anything personal."""


type Sleep = Callable[[float], Any]
