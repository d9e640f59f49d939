"""Schedule of topics, which are polled rarely while the gateway pushes changes.

Protocol: docs/protocols/openmotics.md#recommended-client-behavior.
"""

from collections.abc import Collection, Mapping
from typing import Final

from .models import Topic

SAFETY: Final = 300.0
"""Seconds between two polls of pushed states, as a safeguard."""
COUNTERS: Final = 60.0
DOUBT: Final = 10.0
"""Seconds before an incomplete configuration is read again."""
CONFIRMATION: Final = 60.0
"""Seconds before a failed request is repeated."""

_POLLED: Final[Mapping[Topic, float]] = {
    Topic.OUTPUTS: 5.0,
    Topic.LAMPS: 30.0,
    Topic.INPUTS: 5.0,
    Topic.SHUTTERS: 15.0,
    Topic.SENSORS: 30.0,
    Topic.THERMOSTATS: 30.0,
    Topic.VENTILATION: 30.0,
}
# Seconds, while a shutter moves, and for the shutter without events.
_MOVING: Final = 5.0
_BLIND: Final = 15.0


class Poller:
    """Due times of all topics. ``tick`` is the time between two polls in seconds."""

    def __init__(self, *, power: float, tick: float) -> None:
        """Make everything due; power is polled every ``power`` seconds."""
        self._power = power
        self._tick = tick
        self._due: dict[Topic, float] = {}

    def mark(self, topics: Collection[Topic] = tuple(Topic)) -> None:
        """Make topics due now."""
        for topic in topics:
            self._due.pop(topic, None)

    def due(self, topics: Collection[Topic], now: float) -> list[Topic]:
        """Return the topics that are due, in a fixed order."""
        # Ticks may be slightly early or late.
        soon = now + self._tick / 2
        return [
            topic
            for topic in Topic
            if topic in topics and self._due.get(topic, 0.0) <= soon
        ]

    def postpone(self, topic: Topic, now: float) -> None:
        """Delay the next poll of a topic that failed."""
        self._due[topic] = now + CONFIRMATION

    def done(
        self,
        topic: Topic,
        now: float,
        *,
        live: bool,
        blind: Collection[Topic] = (),
        moving: bool = False,
    ) -> None:
        """Record that a topic was read; ``live``: the gateway pushes its changes."""
        match topic:
            case Topic.POWER:
                interval = self._power
            case Topic.ENERGY | Topic.PULSES:
                interval = COUNTERS
            case Topic.PRESETS | Topic.MODULES:
                interval = SAFETY
            case Topic.SHUTTERS if moving and (not live or topic in blind):
                interval = _MOVING
            case _ if not live:
                interval = _POLLED[topic]
            case _ if topic in blind:
                interval = max(self._tick, _BLIND)
            case _:
                interval = SAFETY
        self._due[topic] = now + max(interval, self._tick)
