"""Injectable clock and random numbers."""

import asyncio
from datetime import UTC, datetime
from random import random
from time import monotonic


class Clock:
    """Real clock and random numbers; tests inject others."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(seconds)

    def random(self) -> float:
        """Return a random number, 0 <= x < 1."""
        return random()  # noqa: S311 - spreads reconnects, keeps no secret
