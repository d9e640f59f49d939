"""Virtual time: one clock for the whole simulated house.

Moments are seconds since 1970-01-01 00:00 UTC, like the result of ``time.time()``.
"""

import asyncio
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
import time

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class VirtualClock:
    """A clock that runs ``speed`` times as fast as real time and can jump ahead.

    At a speed of 0 it moves only by ``jump`` or ``set``, to simulate a day in seconds. It never
    runs backward, because the house integrates energy over it; a device with a wrong clock has an
    offset of its own.
    """

    def __init__(
        self,
        start: float,
        speed: float = 1.0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start at the moment ``start``; ``monotonic`` is the source of real seconds."""
        self._monotonic = monotonic
        self._base = start
        self._real = monotonic()
        self._speed = _checked_speed(speed)
        self._changed = asyncio.Event()
        self.jumps = 0

    @property
    def speed(self) -> float:
        """Virtual seconds per real second."""
        return self._speed

    def now(self) -> float:
        """Return the current virtual moment."""
        if not self._speed:
            return self._base
        return self._base + (self._monotonic() - self._real) * self._speed

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on, and notify waiting tasks."""
        self._rebase(self.now())
        self._speed = _checked_speed(speed)
        self._wake()

    def jump(self, seconds: float) -> None:
        """Move ahead by ``seconds`` (0 or more) at once.

        Raises ValueError for a jump into the past.
        """
        self.set(self.now() + seconds)

    def set(self, moment: float) -> None:
        """Move ahead to ``moment`` at once.

        Raises ValueError when ``moment`` has passed.
        """
        now = self.now()
        if moment < now:
            msg = f"virtual time cannot go back by {now - moment:g} s"
            raise ValueError(msg)
        self._rebase(moment)
        self.jumps += 1
        self._wake()

    async def wait_until(self, moment: float) -> None:
        """Return once the clock shows ``moment``, whether by running or by a jump."""
        while (ahead := moment - self.now()) > 0:
            changed = self._changed
            try:
                async with asyncio.timeout(
                    ahead / self._speed if self._speed else None
                ):
                    await changed.wait()
            except TimeoutError:
                continue

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` of virtual time."""
        await self.wait_until(self.now() + seconds)

    def _rebase(self, moment: float) -> None:
        self._base = moment
        self._real = self._monotonic()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _checked_speed(speed: float) -> float:
    if speed < 0:
        msg = f"speed must not be negative: {speed:g}"
        raise ValueError(msg)
    return speed


@lru_cache(maxsize=64)
def _summer_time(year: int) -> tuple[int, int]:
    """Return the first second of EU summer time and the one after its end (2000/84/EC)."""

    def last_sunday(month: int) -> int:
        day = datetime(year, month, 31, 1, tzinfo=UTC)
        return int((day - timedelta(days=(day.weekday() + 1) % 7)).timestamp())

    return last_sunday(3), last_sunday(10)


@lru_cache(maxsize=256)
def _date(day: int) -> tuple[int, int, int]:
    date = time.gmtime(day * DAY)
    return date.tm_year, date.tm_mon, date.tm_mday


@dataclass(frozen=True, slots=True)
class CivilTime:
    """Local time: a standard offset and, if ``summer``, EU summer time."""

    standard_hours: int = 1
    summer: bool = True

    def is_summer(self, moment: int) -> bool:
        """Return whether summer time is in force."""
        if not self.summer:
            return False
        first, end = _summer_time(_date(moment // DAY)[0])
        return first <= moment < end

    def local(self, moment: int) -> int:
        """Return the local time as if it were UTC; split it into fields, but never compare it."""
        return moment + (self.standard_hours + self.is_summer(moment)) * HOUR

    def stamp(self, moment: int) -> str:
        """Return ``YYMMDDhhmmssX``; X is S in summer time and W otherwise."""
        summer = self.is_summer(moment)
        day, second = divmod(moment + (self.standard_hours + summer) * HOUR, DAY)
        year, month, date = _date(day)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        digits = (
            f"{year % 100:02d}{month:02d}{date:02d}{hour:02d}{minute:02d}{second:02d}"
        )
        return digits + ("S" if summer else "W")

    def month_start(self, moment: int, months: int = 0) -> int:
        """Return the first second of the local month of ``moment``, or of one ``months`` away."""
        year, month, _ = _date(self.local(moment) // DAY)
        index = year * 12 + month - 1 + months
        wall = timegm((index // 12, index % 12 + 1, 1, 0, 0, 0))
        winter = wall - self.standard_hours * HOUR
        # No month begins within an hour of a clock change, so one step back is enough.
        return winter - HOUR if self.is_summer(winter - HOUR) else winter
