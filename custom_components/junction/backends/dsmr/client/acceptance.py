"""Decide which telegrams to accept, and learn the meter's properties from them."""

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
    """Take the frames of one meter and return the accepted telegrams.

    What is learned about the meter (layout, checksum, time offset, interval) survives
    reconnects. Every telegram is counted in ``statistics``.
    """

    def __init__(
        self,
        statistics: LinkStatistics,
        *,
        standard_offset: timedelta | None,
        now: Callable[[], datetime],
        on_crc: Callable[[], None],
    ) -> None:
        """Initialize without telegrams.

        ``standard_offset`` is the UTC offset of the meter's winter time, determined
        from telegrams if None. ``now`` returns UTC. ``on_crc`` is called once, when a
        checksum was valid.
        """
        self.dialect = Dialect.OTHER
        self.last: Telegram | None = None
        """Last accepted telegram."""
        self.frames = 0
        """Number of processed frames."""
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
        """Return the UTC offset assumed for the meter's winter time."""
        return self._offset.offset

    @property
    def found_offset(self) -> timedelta | None:
        """Return the UTC offset determined from telegrams, if any."""
        return self._offset.found

    @property
    def check_sum(self) -> str | None:
        """Return which checksum the meter uses, None for the standard one."""
        found = self._parser.check_sums.found
        return found.name if found is not None else None

    def reset(self) -> None:
        """Prepare for a new connection."""
        self._interval.reset()

    def accept(
        self, frame: Frame, at: float, *, authentic: bool | None = None
    ) -> Telegram | None:
        """Return the telegram in a frame, or None if it is not accepted.

        ``at`` is the arrival time (monotonic, seconds). ``authentic`` says whether the
        tag of an encrypted telegram was verified.
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
        """Learn from an accepted telegram, and return it."""
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
