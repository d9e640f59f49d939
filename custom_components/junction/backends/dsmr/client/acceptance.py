"""Decide which telegrams of a meter to use, and learn from those what it is like."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .dialect import Dialect, dialect_of, usual_offset
from .framing import Frame
from .models import Layout, Rejection, Telegram
from .offset import OffsetFinder
from .statistics import IntervalMeter, LinkStatistics
from .telegram import TelegramError, TelegramParser
from .validate import Validator


class TelegramAcceptor:
    """Takes the frames of one meter and gives the telegrams that are to be used.

    What was learned about the meter (shape, check sum, time, interval) outlives
    connections. Every telegram is counted in ``statistics``.
    """

    def __init__(
        self,
        statistics: LinkStatistics,
        *,
        standard_offset: timedelta | None,
        now: Callable[[], datetime],
        on_crc: Callable[[], None],
    ) -> None:
        """Start without any telegram.

        ``standard_offset`` is the meter's winter time ahead of UTC, found out when
        None. ``now`` gives UTC. ``on_crc`` is called once, when a check sum fitted.
        """
        self.dialect = Dialect.OTHER
        self.last: Telegram | None = None
        """The last telegram that was delivered."""
        self.frames = 0
        """How many frames were looked at."""
        self._statistics = statistics
        self._now = now
        self._on_crc = on_crc
        self._parser = TelegramParser(now=now)
        self._offset = OffsetFinder(standard_offset)
        self._validator = Validator()
        self._interval = IntervalMeter()
        self._layout: Layout | None = None
        self._has_crc = False

    @property
    def offset(self) -> timedelta:
        """What the meter's winter time is taken to be ahead of UTC."""
        return self._offset.offset

    @property
    def found_offset(self) -> timedelta | None:
        """What it was found to be, if it was."""
        return self._offset.found

    @property
    def check_sum(self) -> str | None:
        """Which check sum the meter prints, if it is not the one of the standard."""
        found = self._parser.check_sums.found
        return found.name if found is not None else None

    def reset(self) -> None:
        """Start a new connection."""
        self._interval.reset()

    def accept(
        self, frame: Frame, at: float, *, authentic: bool | None = None
    ) -> Telegram | None:
        """Return the telegram in a frame, or None when it is not to be used.

        ``at`` is when it arrived (monotonic, seconds). ``authentic`` says whether the
        tag of an encrypted one was verified.
        """
        self.frames += 1
        try:
            telegram = self._parser.parse(frame.raw, self.last)
        except TelegramError as err:
            self._statistics.reject(err.reason if frame.complete else Rejection.CUT)
            return None
        if telegram.crc is not None:
            if not self._has_crc:
                self._has_crc = True
                self._on_crc()
        elif self._has_crc or authentic is False:
            missing = Rejection.CRC_MISSING if frame.complete else Rejection.CUT
            self._statistics.reject(missing)
            return None
        elif (
            not authentic
            and (reason := self._validator.check(telegram, at)) is not None
        ):
            self._statistics.reject(reason)
            return None
        return self.deliver(telegram, at)

    def deliver(self, telegram: Telegram, at: float) -> Telegram:
        """Learn from a telegram that is to be used, and return it."""
        now = self._now()
        if telegram.layout is not self._layout:
            self._layout = telegram.layout
            self.dialect = dialect_of(telegram)
            self._offset.expect(usual_offset(self.dialect))
        stamp = telegram.stamp
        offset = self._offset.observe(stamp, now)
        if offset != telegram.standard_offset:
            self._parser.standard_offset = offset
            telegram = replace(telegram, standard_offset=offset)
        interval = self._interval
        interval.observe(stamp, at)
        statistics = self._statistics
        statistics.telegrams += 1
        statistics.malformed_lines += len(telegram.malformed)
        statistics.interval = interval.interval
        statistics.lost_telegrams = interval.lost
        statistics.last_telegram = now
        self.last = telegram
        return telegram
