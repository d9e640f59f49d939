"""Compare the pace of a server with that of the meter."""

from dataclasses import dataclass
from typing import Final

_WINDOW: Final = 600.0
# A backlog younger than this comes of a short trouble, not of a slow server (s).
_LATE: Final = 600.0


@dataclass(slots=True)
class Pace:
    """What was offered and sent in the last ten minutes, and whether that is too little."""

    offered: int = 0
    sent: int = 0
    _since: float | None = None
    _slow: bool = False

    def is_slow(self, now: float, delay: float) -> bool:
        """Return whether more is offered than sent. ``now`` is monotonic, in s.

        ``delay`` is the age of the oldest telegram that waits. A server that is away is
        not slow.
        """
        if self._since is None:
            self._since = now
        if now - self._since >= _WINDOW:
            self._slow = 0 < self.sent < self.offered and delay > _LATE
            self._since, self.offered, self.sent = now, 0, 0
        elif delay <= _LATE:
            self._slow = False
        return self._slow
