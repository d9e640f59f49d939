"""Turn the bytes of a line into the telegrams of a meter, whatever the line carries."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from .acceptance import TelegramAcceptor
from .carrier import Carrier, carrier_of
from .dialect import Dialect
from .dlms.decoder import DlmsDecoder, Text
from .dlms.models import Encryption, ListKind, Push, Wire
from .dlms.notification import TAG as NOTIFICATION
from .dlms.telegrams import TelegramMaker
from .encryption import CipherStream, FrameCounter, Keys, Opened
from .framing import P1Framer
from .line_kinds import LineKind, LineKindDetector
from .models import Rejection, Telegram
from .rfxtrx import RfxtrxUnwrapper
from .statistics import LinkStatistics

_KINDS: Final = {Wire.HDLC: LineKind.HDLC, Wire.MBUS: LineKind.MBUS}
_NOTIFICATION: Final = bytes((NOTIFICATION,))
# So many whole messages that are no list tell that there is none; so many frames, when
# they make no whole message.
_NO_LIST: Final = 2
_NO_MESSAGE: Final = 12


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
        self.system_title: bytes | None = None
        """Of the encrypting meter: its stable id on that level."""
        self.list_kind: ListKind | None = None
        """How the lists of a meter that pushes them are made."""
        self._monotonic = monotonic
        self._acceptor = TelegramAcceptor(
            self.statistics,
            standard_offset=standard_offset,
            now=now,
            on_crc=self._leave_parity,
        )
        self._accept = self._acceptor.accept
        # First line of the telegrams, as their framer knows it
        self._header: str | None = None
        self._clear = P1Framer()
        self._cipher = CipherStream(keys)
        self._counter = FrameCounter()
        self._rfxtrx = RfxtrxUnwrapper()
        self._unwrapped = P1Framer()
        self._decrypted = P1Framer()
        self._kinds = LineKindDetector()
        self._dlms = DlmsDecoder(keys)
        self.maker = TelegramMaker()
        """Makes the telegrams of a meter that pushes lists."""

    @property
    def last(self) -> Telegram | None:
        """The last telegram that was delivered."""
        return self._acceptor.last

    @property
    def dialect(self) -> Dialect:
        """The companion standard that the meter follows."""
        return self._acceptor.dialect

    @property
    def standard_offset(self) -> timedelta | None:
        """What the meter's winter time was found to be ahead of UTC, if it was."""
        return self._acceptor.found_offset

    @property
    def check_sum(self) -> str | None:
        """Which check sum the meter prints, if it is not the one of the standard."""
        return self._acceptor.check_sum

    @property
    def key_needed(self) -> bool:
        """Whether encrypted frames arrive and there is no key."""
        return (
            self.carrier is Carrier.UNKNOWN
            and not self.is_other
            and (self._cipher.key_needed or self._dlms.key_needed)
        )

    @property
    def wrong_key(self) -> bool:
        """Whether encrypted frames arrive that the key does not open."""
        if self._dlms.frames:
            return self._dlms.wrong_key
        return self.other_kind is None and self._cipher.wrong_key

    @property
    def frames_seen(self) -> int:
        """How much arrived that looks like a telegram, readable or not."""
        return self._acceptor.frames + self._cipher.frames + self._dlms.frames

    @property
    def cipher_frames(self) -> int:
        """How many encrypted frames arrived, opened or not."""
        return max(self._cipher.frames, self._dlms.ciphered)

    @property
    def other_kind(self) -> LineKind | None:
        """What the line carries, when that is nothing that can be read."""
        if self.carrier is not Carrier.UNKNOWN:
            return None
        dlms = self._dlms
        if dlms.unknown:
            return LineKind.UNKNOWN_LIST
        if dlms.wire in _KINDS and not dlms.ciphered:
            if dlms.broken >= _NO_LIST or dlms.frames >= _NO_MESSAGE:
                return _KINDS[dlms.wire]
        return self._kinds.found

    @property
    def unknown_list(self) -> str | None:
        """The types in a list that no reader knows, for a report; None without one."""
        return next(iter(self._dlms.unknown), None)

    @property
    def unknown_lists(self) -> dict[str, int]:
        """How often lists came that no reader knows, by the types in them."""
        return dict(self._dlms.unknown)

    @property
    def is_other(self) -> bool:
        """Whether something came that can not be read, though it may be chance."""
        return self.other_kind is not None or (
            self.carrier is Carrier.UNKNOWN and self._dlms.broken > 0
        )

    @property
    def is_noise(self) -> bool:
        """Whether what arrives is hardly any text."""
        return self.carrier is Carrier.UNKNOWN and self._kinds.is_noise

    def reset(self) -> None:
        """Start a new connection."""
        self.carrier = Carrier.UNKNOWN
        self.maker.pause()
        for part in (
            self._dlms,
            self._clear,
            self._cipher,
            self._counter,
            self._rfxtrx,
            self._unwrapped,
            self._kinds,
            self._acceptor,
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
        if carrier is Carrier.BARE_ENCRYPTED:
            return self._decrypt(data)
        pushed = self._receive(data)
        if pushed or self.carrier is not Carrier.UNKNOWN:
            return pushed
        telegrams = [
            *self._feed(self._clear, data, Carrier.CLEAR),
            *self._decrypt(data),
            *self._feed(self._unwrapped, self._rfxtrx.feed(data), Carrier.RFXTRX),
        ]
        if self.carrier is Carrier.UNKNOWN:
            self._kinds.feed(data)
        return telegrams

    def _leave_parity(self) -> None:
        """Stop checking parity: the meter's check sum tells more."""
        for framer in (self._clear, self._unwrapped):
            framer.parity.is_checked = False

    def _feed(self, framer: P1Framer, data: bytes, carrier: Carrier) -> list[Telegram]:
        overruns = framer.overruns
        telegrams: list[Telegram] = []
        for frame in framer.feed(data):
            if (telegram := self._accept(frame, self._monotonic())) is not None:
                telegrams.append(telegram)
                if telegram.header is not self._header or self.carrier is not carrier:
                    self._header = telegram.header
                    framer.header = b"/" + telegram.lines[0]
                    self.carrier = carrier
        self.statistics.framing_errors += framer.overruns - overruns
        return telegrams

    def _receive(self, data: bytes) -> list[Telegram]:
        """Return the telegrams made of the DLMS pushes that are complete now."""
        dlms, at = self._dlms, self._monotonic()
        damaged, broken, replays = dlms.damaged, dlms.broken, dlms.replays
        undecipherable = dlms.undecipherable
        telegrams: list[Telegram] = []
        for one in dlms.feed(data, at):
            if isinstance(one, Push):
                telegrams.append(self._take(one, at))
                encrypted = one.encryption is not None
                self.carrier = carrier_of(dlms.wire, encrypted=encrypted)
            elif (telegram := self._accept_text(one, at)) is not None:
                telegrams.append(telegram)
                self.carrier = carrier_of(dlms.wire, encrypted=True)
        reject = self.statistics.reject
        if dlms.frames:
            for _ in range(dlms.damaged - damaged):
                reject(Rejection.CRC)
        for _ in range(dlms.broken - broken):
            reject(Rejection.SHAPE)
        for _ in range(dlms.replays - replays):
            reject(Rejection.REPLAY)
        for _ in range(dlms.undecipherable - undecipherable):
            reject(Rejection.UNDECIPHERABLE)
        return telegrams

    def _take(self, push: Push, at: float) -> Telegram:
        """Return the telegram that a push makes."""
        self.list_kind = push.list.kind
        if (encryption := push.encryption) is not None:
            self.system_title = encryption.title
            self.statistics.unauthenticated += (
                encryption.has_tag and not encryption.authentic
            )
        acceptor = self._acceptor
        telegram = self.maker.make(push, at, acceptor.offset, acceptor.last)
        return acceptor.deliver(telegram, at)

    def _accept_text(self, text: Text, at: float) -> Telegram | None:
        """Return the P1 telegram that came in a frame of DLMS, if it is to be used."""
        encryption = text.encryption
        return self._accept_opened(
            Opened(
                text.plain, encryption.authentic, encryption.title, encryption.counter
            ),
            at,
        )

    def _decrypt(self, data: bytes) -> list[Telegram]:
        if self._dlms.wire in _KINDS:
            # The same bytes, and their frames tell more
            return []
        cipher, statistics = self._cipher, self.statistics
        at = self._monotonic()
        broken, undecipherable = cipher.broken, cipher.undecipherable
        telegrams: list[Telegram] = []
        for opened in cipher.feed(data, at):
            if not opened.plain.startswith(b"/") and self._dlms.is_inside:
                # The frame around it comes to its end next
                continue
            if not self._counter.accept(opened.system_title, opened.counter):
                statistics.reject(Rejection.REPLAY)
                continue
            if opened.plain.startswith(_NOTIFICATION):
                telegrams += self._accept_notification(opened, at)
            elif (telegram := self._accept_opened(opened, at)) is not None:
                telegrams.append(telegram)
                self.carrier = Carrier.ENCRYPTED
        statistics.framing_errors += cipher.broken - broken
        for _ in range(cipher.undecipherable - undecipherable):
            statistics.reject(Rejection.UNDECIPHERABLE)
        statistics.lost_frames = self._counter.lost
        return telegrams

    def _accept_notification(self, opened: Opened, at: float) -> list[Telegram]:
        """Return the telegrams made of a push that stood in no frame of its own."""
        encryption = Encryption(
            opened.system_title,
            0,
            opened.counter,
            has_tag=opened.authenticated,
            authentic=opened.authenticated,
        )
        pushes = self._dlms.read_plain(opened.plain, encryption)
        telegrams = [self._take(one, at) for one in pushes if isinstance(one, Push)]
        if telegrams:
            self.carrier = Carrier.BARE_ENCRYPTED
        elif not self._dlms.unknown:
            self.statistics.reject(Rejection.SHAPE)
        return telegrams

    def _accept_opened(self, opened: Opened, at: float) -> Telegram | None:
        framer = self._decrypted
        framer.reset()
        frames = list(framer.feed(opened.plain))
        if not frames:
            # A key that fits, and another protocol behind it
            self.statistics.reject(Rejection.SHAPE)
            return None
        telegram = self._accept(frames[0], at, authentic=opened.authenticated)
        if telegram is not None:
            self.system_title = opened.system_title
            self.statistics.unauthenticated += not opened.authenticated
        return telegram
