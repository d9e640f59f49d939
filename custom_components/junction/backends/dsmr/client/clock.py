"""Clock and randomness, to be injected."""

import asyncio
from datetime import UTC, datetime
from random import random
from time import monotonic


class Clock:
    """The real clocks and the real dice; tests hand in others."""

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only run forward."""
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return random()  # noqa: S311 - spreads reconnects, keeps no secret
