"""Turn the bytes of a line into telegrams of a meter, over any carrier."""

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
from .dlms.telegrams import TelegramBuilder
from .encryption import CipherStream, FrameCounter, Keys, Opened
from .framing import P1Framer
from .line_kinds import LineKind, LineKindDetector
from .models import Rejection, Telegram
from .rfxtrx import RfxtrxUnwrapper
from .statistics import LinkStatistics

_KINDS: Final = {Wire.HDLC: LineKind.HDLC, Wire.MBUS: LineKind.MBUS}
_NOTIFICATION: Final = bytes((NOTIFICATION,))
# Complete messages without a list after which there is none; or frames, if they never
# complete a message.
_NO_LIST: Final = 2
_NO_MESSAGE: Final = 12


def _now() -> datetime:
    return datetime.now(UTC)


class P1Stream:
    """Turn raw bytes into telegrams.

    All carriers are tried in parallel until the first telegram is accepted; from then
    on only its carrier is used, until ``reset``. What is learned about the meter
    (layout, checksum, time offset, interval) survives reconnects.
    """

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        standard_offset: timedelta | None = None,
        now: Callable[[], datetime] = _now,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize.

        ``standard_offset`` is the UTC offset of the meter's winter time, determined
        from telegrams if None. ``now`` returns UTC, ``monotonic`` seconds.
        """
        self.statistics = LinkStatistics()
        self.carrier = Carrier.UNKNOWN
        self.system_title: bytes | None = None
        """System title of a meter that encrypts: its stable id."""
        self.list_kind: ListKind | None = None
        """Format of the lists of a meter that pushes them."""
        self._monotonic = monotonic
        self._acceptor = TelegramAcceptor(
            self.statistics,
            standard_offset=standard_offset,
            now=now,
            on_crc=self._leave_parity,
        )
        self._accept = self._acceptor.accept
        # First line of the telegrams, as known to their framer.
        self._header: str | None = None
        self._clear = P1Framer()
        self._cipher = CipherStream(keys)
        self._counter = FrameCounter()
        self._rfxtrx = RfxtrxUnwrapper()
        self._unwrapped = P1Framer()
        self._decrypted = P1Framer()
        self._kinds = LineKindDetector()
        self._dlms = DlmsDecoder(keys)
        self.builder = TelegramBuilder()
        """Makes the telegrams of a meter that pushes lists."""

    @property
    def last(self) -> Telegram | None:
        """Return the last accepted telegram."""
        return self._acceptor.last

    @property
    def dialect(self) -> Dialect:
        """Return the companion standard of the meter."""
        return self._acceptor.dialect

    @property
    def standard_offset(self) -> timedelta | None:
        """Return the UTC offset determined for the meter's winter time, if any."""
        return self._acceptor.found_offset

    @property
    def check_sum(self) -> str | None:
        """Return which checksum the meter uses, None for the standard one."""
        return self._acceptor.check_sum

    @property
    def key_needed(self) -> bool:
        """Return whether encrypted frames arrive without a key."""
        return (
            self.carrier is Carrier.UNKNOWN
            and not self.is_other
            and (self._cipher.key_needed or self._dlms.key_needed)
        )

    @property
    def wrong_key(self) -> bool:
        """Return whether encrypted frames arrive that the key does not decrypt."""
        if self._dlms.frames:
            return self._dlms.wrong_key
        return self.other_kind is None and self._cipher.wrong_key

    @property
    def frames_seen(self) -> int:
        """Return the number of received telegrams and frames, readable or not."""
        return self._acceptor.frames + self._cipher.frames + self._dlms.frames

    @property
    def cipher_frames(self) -> int:
        """Return the number of encrypted frames, decrypted or not."""
        return max(self._cipher.frames, self._dlms.ciphered)

    @property
    def other_kind(self) -> LineKind | None:
        """Return the kind of line, if it is not one that can be read."""
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
        """Return the types in a list of an unknown format, for a bug report; None without one."""
        return next(iter(self._dlms.unknown), None)

    @property
    def unknown_lists(self) -> dict[str, int]:
        """Return the number of lists of unknown formats, by the types in them."""
        return dict(self._dlms.unknown)

    @property
    def is_other(self) -> bool:
        """Return whether other data arrived, possibly by chance."""
        return self.other_kind is not None or (
            self.carrier is Carrier.UNKNOWN and self._dlms.broken > 0
        )

    @property
    def is_noise(self) -> bool:
        """Return whether the data is hardly text."""
        return self.carrier is Carrier.UNKNOWN and self._kinds.is_noise

    def reset(self) -> None:
        """Prepare for a new connection."""
        self.carrier = Carrier.UNKNOWN
        self.builder.pause()
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
        """Stop checking parity, because the meter's checksum is better."""
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
        """Return the telegrams from the DLMS pushes that are complete now."""
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
        """Return the telegram from a push."""
        self.list_kind = push.list.kind
        if (encryption := push.encryption) is not None:
            self.system_title = encryption.title
            self.statistics.unauthenticated += (
                encryption.has_tag and not encryption.authentic
            )
        acceptor = self._acceptor
        telegram = self.builder.make(push, at, acceptor.offset, acceptor.last)
        return acceptor.deliver(telegram, at)

    def _accept_text(self, text: Text, at: float) -> Telegram | None:
        """Return the P1 telegram from a DLMS frame, if it is accepted."""
        encryption = text.encryption
        return self._accept_opened(
            Opened(
                text.plain, encryption.authentic, encryption.title, encryption.counter
            ),
            at,
        )

    def _decrypt(self, data: bytes) -> list[Telegram]:
        if self._dlms.wire in _KINDS:
            # The same bytes are decoded with their frames.
            return []
        cipher, statistics = self._cipher, self.statistics
        at = self._monotonic()
        broken, undecipherable = cipher.broken, cipher.undecipherable
        telegrams: list[Telegram] = []
        for opened in cipher.feed(data, at):
            if not opened.plain.startswith(b"/") and self._dlms.is_inside:
                # The end of the frame around it follows.
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
        """Return the telegrams from a push without its own frame."""
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
            # The key is right, but the content is another protocol.
            self.statistics.reject(Rejection.SHAPE)
            return None
        telegram = self._accept(frames[0], at, authentic=opened.authenticated)
        if telegram is not None:
            self.system_title = opened.system_title
            self.statistics.unauthenticated += not opened.authenticated
        return telegram
