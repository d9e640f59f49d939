"""Settings of a Mycodo entry: the user's options, and the permissions of the API key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

NAME: Final = "mycodo"
TITLE: Final = "Mycodo"

CONF_INTERVAL: Final = "interval"
"""Option: seconds between two reads of the outputs."""
CONF_REMOTE_PUSH: Final = "remote_push"
"""Option: accept pushes from outside the local network, too."""
CONF_SHOW_AS: Final = "show_as"
"""Option: kind of entity for a channel."""
CONF_LIMITS: Final = "limits"
"""Option: the range of a value output."""
CONF_REVERSED: Final = "reversed"
"""Option: PWM channels that report 100 percent minus the command."""

CONF_DAEMON: Final = "daemon"
"""Option: whether to use the daemon's own port, which has no password."""
CONF_DAEMON_HOST: Final = "daemon_host"
CONF_DAEMON_PORT: Final = "daemon_port"
DEFAULT_DAEMON_PORT: Final = 9080
CONF_EXECUTE_ACTIONS: Final = "execute_actions"
"""Option: ids of functions "Execute Actions", which no list has."""

DEFAULT_INTERVAL: Final = 10
MIN_INTERVAL: Final = 5
MAX_INTERVAL: Final = 300


class ShowAs(StrEnum):
    """Kind of entity for a channel; by default a switch, or a light for PWM."""

    LIGHT = "light"
    OUTLET = "outlet"
    FAN = "fan"
    VALVE = "valve"
    NUMBER = "number"


def channel_id(output: str, channel: int) -> str:
    """Return the id of a channel in options and point ids."""
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
    """Settings that affect the entities.

    ``can_control``: whether the key may control. ``pid_routes``: whether PIDs can be
    controlled. ``channel``: whether the daemon's own port is used.
    """

    can_control: bool = True
    pid_routes: bool = False
    show_as: Mapping[str, ShowAs] = field(default_factory=dict)
    limits: Mapping[str, Limits] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()
    channel: bool = False
    execute_actions: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        options: Mapping[str, Any],
        *,
        can_control: bool,
        pid_routes: bool,
        channel: bool = False,
    ) -> Self:
        """Read the settings from the options of an entry."""
        return cls(
            can_control=can_control,
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
            reversed=frozenset(options.get(CONF_REVERSED, ())),
            channel=channel,
            execute_actions=tuple(options.get(CONF_EXECUTE_ACTIONS, ())),
        )

    def is_reversed(self, channel: str) -> bool:
        """Return the user's setting for a channel whose inversion Mycodo does not report."""
        return channel in self.reversed

    def limit(self, channel: str, unit: str) -> Limits:
        """Return the range of a value output, in one of Mycodo's units."""
        return self.limits.get(channel) or _DEFAULT_LIMITS.get(
            unit, Limits(0, 100, 0.1)
        )
