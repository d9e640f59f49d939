"""Schedule of topics: read rarely while the gateway reports changes by itself.

On the wire: docs/protocols/openmotics.md#recommended-client-behavior.
"""

from collections.abc import Collection, Mapping
from typing import Final

from .models import Topic

SAFETY: Final = 300.0
"""Seconds between two looks at what the gateway tells by itself."""
COUNTERS: Final = 60.0
DOUBT: Final = 10.0
"""Seconds until a listing that lacks something is read again."""
CONFIRMATION: Final = 60.0
"""Seconds that something that failed is left alone."""

_POLLED: Final[Mapping[Topic, float]] = {
    Topic.OUTPUTS: 5.0,
    Topic.LAMPS: 30.0,
    Topic.INPUTS: 5.0,
    Topic.SHUTTERS: 15.0,
    Topic.SENSORS: 30.0,
    Topic.THERMOSTATS: 30.0,
    Topic.VENTILATION: 30.0,
}
# While one moves, and for the one of which the gateway does not tell.
_MOVING: Final = 5.0
_BLIND: Final = 15.0


class Poller:
    """When each topic is due. ``tick`` is the shortest time between two looks, in s."""

    def __init__(self, *, power: float, tick: float) -> None:
        """Make everything due; power is read every ``power`` seconds."""
        self._power = power
        self._tick = tick
        self._due: dict[Topic, float] = {}

    def mark(self, topics: Collection[Topic] = tuple(Topic)) -> None:
        """Make topics due now."""
        for topic in topics:
            self._due.pop(topic, None)

    def due(self, topics: Collection[Topic], now: float) -> list[Topic]:
        """Return those of the topics that are due, in a fixed order."""
        # Ticks come a little early or late.
        soon = now + self._tick / 2
        return [
            topic
            for topic in Topic
            if topic in topics and self._due.get(topic, 0.0) <= soon
        ]

    def postpone(self, topic: Topic, now: float) -> None:
        """Leave a topic that failed alone for a while."""
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
        """Note that a topic was read; ``live``: the gateway tells what changes."""
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
