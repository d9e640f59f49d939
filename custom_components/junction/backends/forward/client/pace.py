"""Compare the rate of a server with that of the meter."""

from dataclasses import dataclass
from typing import Final

_WINDOW: Final = 600.0
# Seconds. A younger backlog comes from a short outage, not from a slow server.
_LATE: Final = 600.0


@dataclass(slots=True)
class Pace:
    """Telegrams offered and sent in the last ten minutes."""

    offered: int = 0
    sent: int = 0
    _since: float | None = None
    _slow: bool = False

    def is_slow(self, now: float, delay: float) -> bool:
        """Return whether more is offered than sent. ``now`` is monotonic, in seconds.

        ``delay`` is the age of the oldest waiting telegram (s). An unreachable server
        is not slow.
        """
        if self._since is None:
            self._since = now
        if now - self._since >= _WINDOW:
            self._slow = 0 < self.sent < self.offered and delay > _LATE
            self._since, self.offered, self.sent = now, 0, 0
        elif delay <= _LATE:
            self._slow = False
        return self._slow
