"""Settings of a Mycodo entry: what the user chose, and what the API key allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

NAME: Final = "mycodo"

CONF_INTERVAL: Final = "interval"
"""Option: seconds between two reads of the outputs."""
CONF_REMOTE_PUSH: Final = "remote_push"
"""Option: take pushes from outside the local network, too."""
CONF_SHOW_AS: Final = "show_as"
"""Option: what a channel is shown as."""
CONF_LIMITS: Final = "limits"
"""Option: the range of a value output."""

DEFAULT_INTERVAL: Final = 10
MIN_INTERVAL: Final = 5
MAX_INTERVAL: Final = 300


class ShowAs(StrEnum):
    """What a channel is shown as; by default a switch, or a light if it is a PWM."""

    LIGHT = "light"
    OUTLET = "outlet"
    FAN = "fan"
    VALVE = "valve"
    NUMBER = "number"


def channel_id(output: str, channel: int) -> str:
    """Return what stands for a channel in options and point ids."""
    return f"{output}:{channel}"


@dataclass(frozen=True, slots=True)
class Limits:
    """The range of a value output, in its unit."""

    low: float
    high: float
    step: float


_DEFAULT_LIMITS: Final[Mapping[str, Limits]] = {
    "V": Limits(0, 10, 0.1),
    "percent": Limits(0, 100, 1),
    "steps": Limits(-10_000, 10_000, 1),
    "Ohm": Limits(0, 100_000, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``steer``: whether the key may. ``pid_routes``: whether PIDs can be told anything."""

    steer: bool = True
    pid_routes: bool = False
    show_as: Mapping[str, ShowAs] = field(default_factory=dict)
    limits: Mapping[str, Limits] = field(default_factory=dict)

    @classmethod
    def read(cls, options: Mapping[str, Any], *, steer: bool, pid_routes: bool) -> Self:
        """Read them from the options of an entry."""
        return cls(
            steer=steer,
            pid_routes=pid_routes,
            show_as={
                channel: ShowAs(kind)
                for kind, channels in options.get(CONF_SHOW_AS, {}).items()
                for channel in channels
            },
            limits={
                channel: Limits(found["low"], found["high"], found["step"])
                for channel, found in options.get(CONF_LIMITS, {}).items()
            },
        )

    def limit(self, channel: str, unit: str) -> Limits:
        """Return the range of a value output that is measured in a unit of Mycodo."""
        return self.limits.get(channel) or _DEFAULT_LIMITS.get(
            unit, Limits(0, 100, 0.1)
        )
