"""Base of the points of output channels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.components.sensor import SensorEntityDescription, SensorStateClass
from homeassistant.helpers.typing import UNDEFINED

from ....model import UNAVAILABLE, Point, SensorPoint
from ..client import (
    ChannelKey,
    Commands,
    MycodoState,
    Output,
    OutputChannel,
    OutputState,
)
from ..settings import Settings, ShowAs, channel_id
from .duty import Duty
from .meaning import HA_UNITS

type Described = tuple[Point[Any], Callable[[MycodoState], object]]
"""A point, and its state reader."""


@dataclass(slots=True)
class OutputChannelPoint:
    """Output channel from which a point is created.

    ``alone``: the output has no other channel. ``unit`` is that of a value output.
    """

    commands: Commands
    settings: Settings
    output: Output
    channel: OutputChannel
    duty: Duty
    alone: bool
    unit: str

    @property
    def key(self) -> ChannelKey:
        """Return the key of the channel for commands."""
        return self.channel.output, self.channel.channel

    @property
    def show_as(self) -> ShowAs | None:
        """Return the kind of entity that the user chose, or None."""
        return self.settings.show_as.get(channel_id(*self.key))

    def _state(self, mycodo: MycodoState) -> object:
        """Return the state of the channel, UNAVAILABLE if the output is unknown."""
        if (
            mycodo.outputs is None
            or (channels := mycodo.outputs.get(self.channel.output)) is None
        ):
            return UNAVAILABLE
        return channels.get(self.channel.channel)

    def reader(
        self, convert: Callable[[Any], object]
    ) -> Callable[[MycodoState], object]:
        """Return a state reader; ``convert`` is not called for unknown states."""

        def read(mycodo: MycodoState) -> object:
            state = self._state(mycodo)
            return state if state is UNAVAILABLE or state is None else convert(state)

        return read

    def named(self, kind: str) -> dict[str, Any]:
        """Return the arguments of a point that name it."""
        own = bool(self.channel.name) or self.alone
        return {
            "device": self.output.id,
            "id": f"{self.channel.channel}_{kind}",
            "name": self.channel.name or None,
            "placeholders": {} if own else {"number": str(self.channel.channel + 1)},
        }

    def described(self) -> dict[str, Any]:
        """Return the arguments of a description that name an entity."""
        return {
            "key": "output",
            # The only channel is the device's main feature.
            "name": None if self.alone else UNDEFINED,
            "translation_key": (
                None if self.alone or self.channel.name else "mycodo_channel"
            ),
        }

    def number(self, state: OutputState) -> float:
        """Return the state of a value output as a number."""
        if isinstance(state, bool) or state is None:
            return self.channel.off_value
        return state

    def level(self, unit: str, read: Callable[[Any], object]) -> Described:
        """Return a sensor, for a read-only key."""
        point = SensorPoint(
            **self.named("level"),
            description=SensorEntityDescription(
                **self.described(),
                native_unit_of_measurement=HA_UNITS.get(unit),
                state_class=SensorStateClass.MEASUREMENT,
            ),
        )
        return point, self.reader(read)
