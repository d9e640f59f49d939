"""Turn the bytes of a line into the telegrams of a meter, whatever the line carries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from time import monotonic

from .dialect import Dialect, dialect_of, usual_offset
from .encryption import CipherStream, FrameCounter, Keys, Opened
from .framing import Frame, P1Framer
from .line_kinds import LineKind, LineKindDetector
from .models import Layout, Rejection, Telegram
from .offset import OffsetFinder
from .rfxtrx import RfxtrxUnwrapper
from .statistics import IntervalMeter, LinkStatistics
from .telegram import TelegramError, TelegramParser
from .validate import Validator


class Carrier(StrEnum):
    """How the line carries telegrams."""

    UNKNOWN = "unknown"
    CLEAR = "clear"
    ENCRYPTED = "encrypted"
    RFXTRX = "rfxtrx"


def _now() -> datetime:
    return datetime.now(UTC)


class P1Stream:
    """Takes raw bytes and gives telegrams.

    What the line carries is found out by trying everything at once until the first
    telegram is accepted; from then on only that is tried, until ``reset``. What was
    learned about the meter (shape, check sum, time, interval) outlives connections.
    """

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        standard_offset: timedelta | None = None,
        now: Callable[[], datetime] = _now,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """Start listening.

        ``standard_offset`` is the meter's winter time ahead of UTC, found out when
        None. ``now`` gives UTC, ``monotonic`` seconds.
        """
        self.statistics = LinkStatistics()
        self.carrier = Carrier.UNKNOWN
        self.dialect = Dialect.OTHER
        self.last: Telegram | None = None
        """The last telegram that was delivered."""
        self.system_title: bytes | None = None
        """Of the encrypting meter: its stable id on that level."""
        self._now = now
        self._monotonic = monotonic
        self._parser = TelegramParser(now=now)
        self._offset = OffsetFinder(standard_offset)
        self._clear = P1Framer()
        self._cipher = CipherStream(keys)
        self._counter = FrameCounter()
        self._rfxtrx = RfxtrxUnwrapper()
        self._unwrapped = P1Framer()
        self._kinds = LineKindDetector()
        self._is_dlms = False
        self._validator = Validator()
        self._interval = IntervalMeter()
        self._layout: Layout | None = None
        self._has_crc = False
        self._frames_seen = 0

    @property
    def standard_offset(self) -> timedelta | None:
        """What the meter's winter time was found to be ahead of UTC, if it was."""
        return self._offset.found

    @property
    def check_sum(self) -> str | None:
        """Which check sum the meter prints, if it is not the one of the standard."""
        found = self._parser.check_sums.found
        return found.name if found is not None else None

    @property
    def key_needed(self) -> bool:
        """Whether encrypted frames arrive and there is no key."""
        return (
            self.carrier is Carrier.UNKNOWN
            and not self.is_other
            and self._cipher.key_needed
        )

    @property
    def wrong_key(self) -> bool:
        """Whether encrypted frames arrive that the key does not open."""
        return self.other_kind is None and self._cipher.wrong_key

    @property
    def frames_seen(self) -> int:
        """How much arrived that looks like a telegram, readable or not."""
        return self._frames_seen + self._cipher.frames

    @property
    def cipher_frames(self) -> int:
        """How many encrypted frames arrived, opened or not."""
        return self._cipher.frames

    @property
    def other_kind(self) -> LineKind | None:
        """What the line carries, when that is no P1."""
        if self.carrier is not Carrier.UNKNOWN:
            return None
        return LineKind.DLMS if self._is_dlms else self._kinds.found

    @property
    def is_other(self) -> bool:
        """Whether a frame of another protocol arrived, though one may be chance."""
        return self.other_kind is not None or (
            self.carrier is Carrier.UNKNOWN and self._kinds.suspects
        )

    @property
    def is_noise(self) -> bool:
        """Whether what arrives is hardly any text."""
        return self.carrier is Carrier.UNKNOWN and self._kinds.is_noise

    def reset(self) -> None:
        """Start a new connection."""
        self.carrier = Carrier.UNKNOWN
        self._is_dlms = False
        for part in (
            self._clear,
            self._cipher,
            self._counter,
            self._rfxtrx,
            self._unwrapped,
            self._kinds,
            self._interval,
        ):
            part.reset()

    def feed(self, data: bytes) -> list[Telegram]:
        """Return the telegrams that are complete now. Never raises."""
        self.statistics.bytes_received += len(data)
        carrier = self.carrier
        if carrier is Carrier.CLEAR:
            return self._feed(self._clear, data, Carrier.CLEAR)
        if carrier is Carrier.ENCRYPTED:
            return self._decrypt(data)
        if carrier is Carrier.RFXTRX:
            return self._feed(self._unwrapped, self._rfxtrx.feed(data), Carrier.RFXTRX)
        self._kinds.feed(data)
        return [
            *self._feed(self._clear, data, Carrier.CLEAR),
            *self._decrypt(data),
            *self._feed(self._unwrapped, self._rfxtrx.feed(data), Carrier.RFXTRX),
        ]

    def _feed(self, framer: P1Framer, data: bytes, carrier: Carrier) -> list[Telegram]:
        overruns = framer.overruns
        telegrams: list[Telegram] = []
        for frame in framer.feed(data):
            if (telegram := self._accept(frame, self._monotonic())) is not None:
                telegrams.append(telegram)
                framer.header = b"/" + telegram.lines[0]
                self.carrier = carrier
        self.statistics.framing_errors += framer.overruns - overruns
        return telegrams

    def _decrypt(self, data: bytes) -> list[Telegram]:
        cipher, statistics = self._cipher, self.statistics
        at = self._monotonic()
        broken, undecipherable = cipher.broken, cipher.undecipherable
        telegrams: list[Telegram] = []
        for opened in cipher.feed(data, at):
            if not self._counter.accept(opened.system_title, opened.counter):
                statistics.reject(Rejection.REPLAY)
                continue
            if (telegram := self._accept_opened(opened, at)) is not None:
                telegrams.append(telegram)
        statistics.framing_errors += cipher.broken - broken
        for _ in range(cipher.undecipherable - undecipherable):
            statistics.reject(Rejection.UNDECIPHERABLE)
        statistics.lost_frames = self._counter.lost
        if telegrams:
            self.carrier = Carrier.ENCRYPTED
        return telegrams

    def _accept_opened(self, opened: Opened, at: float) -> Telegram | None:
        frames = list(P1Framer().feed(opened.plain))
        if not frames:
            # A key that fits, and another protocol behind it
            self._is_dlms = self._is_dlms or self.statistics.telegrams == 0
            self.statistics.reject(Rejection.SHAPE)
            return None
        telegram = self._accept(frames[0], at, authentic=opened.authenticated)
        if telegram is not None:
            self.system_title = opened.system_title
            self.statistics.unauthenticated += not opened.authenticated
        return telegram

    def _accept(
        self, frame: Frame, at: float, *, authentic: bool | None = None
    ) -> Telegram | None:
        """Return the telegram in the frame, or None when it is not to be used.

        ``authentic`` says whether the tag of an encrypted one was verified.
        """
        self._frames_seen += 1
        try:
            telegram = self._parser.parse(frame.raw, self.last)
        except TelegramError as err:
            self.statistics.reject(err.reason if frame.complete else Rejection.CUT)
            return None
        if telegram.crc is not None:
            if not self._has_crc:
                self._has_crc = True
                for framer in (self._clear, self._unwrapped):
                    framer.parity.is_checked = False
        elif self._has_crc or authentic is False:
            missing = Rejection.CRC_MISSING if frame.complete else Rejection.CUT
            self.statistics.reject(missing)
            return None
        elif (
            not authentic
            and (reason := self._validator.check(telegram, at)) is not None
        ):
            self.statistics.reject(reason)
            return None
        return self._deliver(telegram, at)

    def _deliver(self, telegram: Telegram, at: float) -> Telegram:
        """Learn from an accepted telegram."""
        now = self._now()
        if telegram.layout is not self._layout:
            self._layout = telegram.layout
            self.dialect = dialect_of(telegram)
            self._offset.expect(usual_offset(self.dialect))
        offset = self._offset.observe(telegram.stamp, now)
        if offset != telegram.standard_offset:
            self._parser.standard_offset = offset
            telegram = replace(telegram, standard_offset=offset)
        self._interval.observe(telegram, at)
        statistics = self.statistics
        statistics.telegrams += 1
        statistics.malformed_lines += len(telegram.malformed)
        statistics.interval = self._interval.interval
        statistics.lost_telegrams = self._interval.lost
        statistics.last_telegram = now
        self.last = telegram
        return telegram
