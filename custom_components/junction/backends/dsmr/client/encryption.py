"""Decrypt frames: general-glo-ciphering (``docs/protocols/dsmr.md#encrypted-frames``).

A frame is 0xDB, the system title with its length (8), the length of the rest in BER,
security control byte, frame counter (4 bytes), cipher text, and a tag of 12 bytes
when the control byte says authenticated. The initial vector is system title and
counter; what is authenticated besides is the control byte and the authentication key.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR, GCM

from .errors import InvalidKeyError

_TAG: Final = 0xDB
_TITLE_SIZE: Final = 8
_LENGTH_AT: Final = 2 + _TITLE_SIZE
_GCM_TAG_SIZE: Final = 12
_CONTROL_AND_COUNTER: Final = 5
AUTHENTICATED: Final = 0x10
_CONTROLS: Final = (0x20, 0x21, 0x30, 0x31)
_SHORTEST: Final = 60
_LONGEST: Final = 8192
# The first block of GCM's counter mode; block 1 makes the tag.
_FIRST_BLOCK: Final = b"\x00\x00\x00\x02"

# Longer than any pause inside a frame: what is left then is no frame.
_GAP: Final = 3.0
# A broken frame is not a wrong key; this many in a row are.
_WRONG_KEY_AFTER: Final = 3
_KEY_SIZE: Final = 16
_NOTIFICATION: Final = 0x0F
# Where its list begins, by how its time is given
_TIMES: Final = {0x00: 6, 0x09: 19, 0x0C: 18}

# Luxembourg: public, and the same in all meters.
PUBLIC_AUTHENTICATION_KEY: Final = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


def parse_key(text: str) -> bytes:
    """Return the key that people wrote down as 32 hexadecimal digits.

    Blanks, colons and dashes between digits are fine, and so is ``0x`` before them. Some
    operators write the 16 bytes as 16 characters. Raises InvalidKeyError.
    """
    plain = "".join(text.split())
    digits = plain.replace(":", "").replace("-", "").removeprefix("0x")
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(plain) == _KEY_SIZE and plain.isascii() and plain.isprintable():
        key = plain.encode("ascii")
    if len(key) != _KEY_SIZE:
        raise InvalidKeyError
    return key


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that the grid operator handed out (16 bytes each).

    The authentication key is Luxembourg's public one unless there is another.
    """

    encryption: bytes = field(repr=False)
    authentication: bytes = field(default=PUBLIC_AUTHENTICATION_KEY, repr=False)


def parse_keys(encryption: str | None, authentication: str | None) -> Keys | None:
    """Return the keys that people wrote down; None without an encryption key.

    Raises InvalidKeyError.
    """
    if not encryption:
        return None
    if not authentication:
        return Keys(parse_key(encryption))
    return Keys(parse_key(encryption), parse_key(authentication))


class Opened(NamedTuple):
    """What was in a frame.

    ``authenticated`` is False when the tag could not be verified; the text then
    still has its own check sum.
    """

    plain: bytes
    authenticated: bool
    system_title: bytes
    counter: int


class CipherStream:
    """Finds encrypted frames in what arrives, and opens them.

    ``frames`` counts whole frames, ``undecipherable`` those of them that our key did
    not open, ``broken`` what began like a frame and was none.
    """

    def __init__(self, keys: Keys | None) -> None:
        """Start with the keys, or without to find out whether there is need of any."""
        self.keys = keys
        self.frames = 0
        self.undecipherable = 0
        self.broken = 0
        self._buffer = b""
        self._last_at = 0.0
        self._in_a_row = 0

    def reset(self) -> None:
        """Forget what came over the connection before."""
        self._buffer = b""

    @property
    def key_needed(self) -> bool:
        """Whether there were frames and no key for them."""
        return self.keys is None and self.frames > 0

    @property
    def wrong_key(self) -> bool:
        """Whether several frames in a row did not open with our key."""
        return self._in_a_row >= _WRONG_KEY_AFTER

    def feed(self, data: bytes, at: float) -> list[Opened]:
        """Return what is in the frames that are complete now.

        ``at`` is a monotonic time in seconds.
        """
        opened: list[Opened] = []
        if self._buffer and at - self._last_at > _GAP:
            # What is waited for never comes; behind the false beginning may be a frame
            self.broken += 1
            self._scan(self._buffer[1:], opened, wait=False)
            self._buffer = b""
        self._last_at = at
        self._buffer = self._scan(self._buffer + data, opened, wait=True)
        return opened

    def _scan(self, buffer: bytes, opened: list[Opened], *, wait: bool) -> bytes:
        """Open the frames in the buffer; return what may become one."""
        at = 0
        while (at := buffer.find(_TAG, at)) >= 0:
            found = _measure(buffer, at)
            if found is None:
                at += 1
                continue
            start, end = found
            if end > len(buffer):
                if wait:
                    return buffer[at:]
                at += 1
                continue
            self.frames += 1
            if self.keys is None:
                at = end
                continue
            frame = _open(
                self.keys, buffer[at + 2 : at + _LENGTH_AT], buffer[start:end]
            )
            if frame is not None:
                self._in_a_row = 0
                opened.append(frame)
                at = end
                continue
            self._in_a_row += 1
            self.undecipherable += 1
            at = _next_start(buffer, at + 1, end)
        return b""


def _measure(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Return where the rest of the frame that begins ``at`` starts and ends.

    None when it is no frame. While too little is there to tell, the end lies behind
    the end of the buffer.
    """
    unknown = (at, len(buffer) + 1)
    if len(buffer) < at + 2:
        return unknown
    if buffer[at + 1] != _TITLE_SIZE:
        return None
    start = at + _LENGTH_AT + 1
    if len(buffer) < start:
        return unknown
    size = buffer[start - 1]
    if size >= 0x80:
        width = size & 0x7F
        if width not in (1, 2):
            return None
        start += width
        if len(buffer) < start:
            return unknown
        size = int.from_bytes(buffer[start - width : start])
    if not _SHORTEST <= size <= _LONGEST:
        return None
    if len(buffer) > start and buffer[start] not in _CONTROLS:
        return None
    return start, start + size


def _next_start(buffer: bytes, at: int, end: int) -> int:
    """Return where a frame may start inside one that did not open, or its end.

    The false length of a false beginning must not swallow what comes behind it.
    """
    while (at := buffer.find(_TAG, at, end)) >= 0:
        if _measure(buffer, at) is not None:
            return at
        at += 1
    return end


def decipher(keys: Keys, title: bytes, rest: bytes) -> tuple[bytes, bool]:
    """Return what the keys make of a frame, and whether its tag was verified.

    ``rest`` begins with the security control byte. A wrong key gives noise.
    """
    control = rest[0]
    vector = title + rest[1:_CONTROL_AND_COUNTER]
    algorithm = AES(keys.encryption)
    text = rest[_CONTROL_AND_COUNTER:]
    if control & AUTHENTICATED:
        text, tag = text[:-_GCM_TAG_SIZE], text[-_GCM_TAG_SIZE:]
        mode = GCM(vector, tag, min_tag_length=_GCM_TAG_SIZE)
        authentic = Cipher(algorithm, mode).decryptor()
        authentic.authenticate_additional_data(rest[:1] + keys.authentication)
        try:
            return authentic.update(text) + authentic.finalize(), True
        except InvalidTag:
            pass
    decryptor = Cipher(algorithm, CTR(vector + _FIRST_BLOCK)).decryptor()
    return decryptor.update(text) + decryptor.finalize(), False


def _open(keys: Keys, title: bytes, rest: bytes) -> Opened | None:
    """Return what is in a frame, or None when the key does not open it."""
    counter = int.from_bytes(rest[1:_CONTROL_AND_COUNTER])
    plain, authentic = decipher(keys, title, rest)
    # One byte in 256 is a slash: the manufacturer's letters make it a header
    is_text = plain.startswith(b"/") and plain[1:4].isalpha()
    if authentic or is_text or _is_notification(plain):
        return Opened(plain, authentic, title, counter)
    return None


def _is_notification(plain: bytes) -> bool:
    """Tell whether this is a DataNotification of DLMS: tag, number, time, structure."""
    if len(plain) < 8 or plain[0] != _NOTIFICATION or plain[5] not in _TIMES:
        return False
    return plain[_TIMES[plain[5]] : _TIMES[plain[5]] + 1] in (b"\x01", b"\x02")


class FrameCounter:
    """Watches the frame counters of a meter: they only rise, by one per frame.

    ``lost`` counts the frames that never arrived on a standing connection.
    """

    def __init__(self) -> None:
        """Start with any counter."""
        self.lost = 0
        self._title = b""
        self._last = -1
        self._connected = False
        self._lower: list[int] = []

    def reset(self) -> None:
        """Start a new connection: what was sent meanwhile is not lost on the line."""
        self._connected = False
        self._lower = []

    def accept(self, title: bytes, counter: int) -> bool:
        """Tell whether a frame with this counter is new.

        A counter that starts again (after work on the meter) is believed when three
        frames in a row go on from it; a frame sent twice never is.
        """
        if title == self._title and counter <= self._last:
            rising = bool(self._lower) and counter > self._lower[-1]
            self._lower = [*self._lower, counter] if rising else [counter]
            if len(self._lower) < _WRONG_KEY_AFTER or counter == self._last:
                return False
        elif title == self._title and self._connected:
            self.lost += counter - self._last - 1
        self._title, self._last = title, counter
        self._connected = True
        self._lower = []
        return True
