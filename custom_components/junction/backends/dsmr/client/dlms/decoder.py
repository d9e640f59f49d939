"""Decode DLMS pushes from the bytes of a line, in any frames."""

from collections import Counter
from typing import Final, NamedTuple

from ..encryption import FrameCounter, Keys
from .assembly import Assembler, Whole
from .axdr import AxdrError
from .ciphering import TAG as CIPHERED, opened, read_ciphered
from .frames import FrameFinder
from .lists import UnknownListError, read_list
from .models import Encryption, Push, Wire
from .notification import read_all

_AIDON: Final = b"\x41\x08\x83"
_STRUCTURE: Final = 0x02
_WRONG_KEY_AFTER: Final = 3
_MAX_PATTERNS: Final = 8
_TEXT: Final = b"/"


class Text(NamedTuple):
    """An encrypted P1 telegram that came in a DLMS frame."""

    plain: bytes
    encryption: Encryption


class DlmsDecoder:
    """Find and decode pushes in received data.

    ``wire`` is the kind of frames, once one was found. ``unknown`` counts lists of an
    unknown format; ``replays``, ``undecipherable``, and ``broken`` count ignored
    pushes. ``title`` is the system title of a meter that encrypts.
    """

    def __init__(self, keys: Keys | None = None) -> None:
        """Initialize with keys, or without to find out whether any are needed."""
        self.wire: Wire | None = None
        self.unknown: Counter[str] = Counter()
        self.replays = self.undecipherable = self.broken = 0
        self.ciphered = 0
        self.title: bytes | None = None
        self._keys = keys
        self._finder = FrameFinder()
        self._assembler = Assembler()
        self._counter = FrameCounter()
        self._in_a_row = 0

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self.wire = None
        self.unknown.clear()
        self.broken = self.ciphered = 0
        self._finder.reset()
        self._assembler.reset()
        self._counter.reset()

    @property
    def frames(self) -> int:
        """Return the number of complete frames."""
        return self._finder.frames

    @property
    def damaged(self) -> int:
        """Return the number of damaged frames, and of damaged pushes of several frames."""
        return self._finder.damaged + self._assembler.lost

    @property
    def is_inside(self) -> bool:
        """Return whether a frame has begun and not ended."""
        return self._finder.is_inside

    @property
    def key_needed(self) -> bool:
        """Return whether encrypted pushes arrived without a key for them."""
        return self._keys is None and self.ciphered > 0

    @property
    def wrong_key(self) -> bool:
        """Return whether the key failed for several encrypted pushes in a row.

        Their frames were intact, so the line is not the cause.
        """
        return self._in_a_row >= _WRONG_KEY_AFTER

    def feed(self, data: bytes, at: float) -> list[Push | Text]:
        """Return what is complete now; ``at`` is a monotonic time (s). Never raises."""
        found: list[Push | Text] = []
        for part in self._finder.feed(data, at):
            self.wire = part.wire
            if (whole := self._assembler.add(part)) is not None:
                found += self._read(whole)
        return found

    def read_plain(self, plain: bytes, encryption: Encryption) -> list[Push | Text]:
        """Return the pushes in data that was decrypted elsewhere."""
        return self._pushes(Whole(plain, 0, Wire.BARE, b""), encryption)

    def _read(self, whole: Whole) -> list[Push | Text]:
        if whole.data[:1] != bytes((CIPHERED,)):
            return self._pushes(whole, None)
        try:
            ciphered = read_ciphered(whole.data)
        except AxdrError:
            self.broken += 1
            return []
        self.ciphered += 1
        self.title = ciphered.title
        if self._keys is None:
            return []
        plain, authentic = opened(ciphered, self._keys)
        encryption = Encryption(
            ciphered.title,
            ciphered.security,
            ciphered.counter,
            has_tag=ciphered.has_tag,
            authentic=authentic,
        )
        is_text = plain.startswith(_TEXT) and plain[1:4].isalpha()
        if not authentic and not is_text and not _is_notification(plain):
            self.undecipherable += 1
            self._in_a_row += 1
            return []
        self._in_a_row = 0
        if not self._counter.accept(ciphered.title, ciphered.counter):
            self.replays += 1
            return []
        if is_text:
            return [Text(plain, encryption)]
        return self._pushes(whole._replace(data=plain), encryption)

    def _pushes(self, whole: Whole, encryption: Encryption | None) -> list[Push | Text]:
        """Return the pushes in an APDU; none if any part of it cannot be parsed."""
        try:
            notifications = read_all(whole.data)
        except AxdrError:
            self.broken += 1
            return []
        pushes: list[Push | Text] = []
        for time, body in notifications:
            try:
                found = read_list(body, _manufacturer(whole, encryption))
            except UnknownListError as err:
                if len(self.unknown) < _MAX_PATTERNS or err.pattern in self.unknown:
                    self.unknown[err.pattern] += 1
                continue
            pushes.append(
                Push(
                    whole.frames,
                    "struct" if body.tag == _STRUCTURE else "array",
                    len(body.items),
                    time,
                    found,
                    encryption,
                )
            )
        return pushes


def _is_notification(plain: bytes) -> bool:
    """Return whether the data is a complete DataNotification, which noise never is."""
    try:
        read_all(plain)
    except AxdrError:
        return False
    return bool(plain)


def _manufacturer(whole: Whole, encryption: Encryption | None) -> str | None:
    """Return the manufacturer by the start of the system title, or by the address."""
    if encryption is not None:
        flag = encryption.title[:3]
        if flag.isalpha() and flag.isascii():
            return flag.decode("ascii").upper()
    return "ADN" if whole.address == _AIDON else None
