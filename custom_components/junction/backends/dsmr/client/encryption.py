"""Decrypt general-glo-ciphering (``docs/protocols/dsmr.md#encrypted-frames``).

A frame is 0xDB, the system title with its length (8), the length of the rest in BER,
security control byte, frame counter (4 bytes), cipher text, and a 12-byte tag if the
control byte says authenticated. The initialization vector is system title and counter;
the additional authenticated data is the control byte and the authentication key.
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
# First block of GCM's counter mode; block 1 makes the tag.
_FIRST_BLOCK: Final = b"\x00\x00\x00\x02"

# Seconds; longer than any pause within a frame, so the rest is not a frame.
_GAP: Final = 3.0
# A broken frame is no proof of a wrong key; this many in a row are.
_WRONG_KEY_AFTER: Final = 3
_KEY_SIZE: Final = 16
_NOTIFICATION: Final = 0x0F
# Start of the list by the format of its time.
_TIMES: Final = {0x00: 6, 0x09: 19, 0x0C: 18}

# Luxembourg: public, and the same in all meters.
PUBLIC_AUTHENTICATION_KEY: Final = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


def parse_key(text: str) -> bytes:
    """Return the key for 32 hexadecimal digits.

    Whitespace, colons, and dashes between digits are allowed, and so is a leading
    ``0x``. Some operators write the 16 bytes as 16 characters. Raises InvalidKeyError.
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
    """Keys from the grid operator (16 bytes each).

    The default authentication key is Luxembourg's public one.
    """

    encryption: bytes = field(repr=False)
    authentication: bytes = field(default=PUBLIC_AUTHENTICATION_KEY, repr=False)


def parse_keys(encryption: str | None, authentication: str | None) -> Keys | None:
    """Return the parsed keys, None without an encryption key.

    Raises InvalidKeyError.
    """
    if not encryption:
        return None
    if not authentication:
        return Keys(parse_key(encryption))
    return Keys(parse_key(encryption), parse_key(authentication))


class Opened(NamedTuple):
    """Content of a frame.

    ``authenticated`` is False if the tag could not be verified; the text then still has
    its own checksum.
    """

    plain: bytes
    authenticated: bool
    system_title: bytes
    counter: int


class CipherStream:
    """Find and decrypt encrypted frames in received data.

    ``frames`` counts complete frames, ``undecipherable`` those that the key did not
    decrypt, ``broken`` false starts of frames.
    """

    def __init__(self, keys: Keys | None) -> None:
        """Initialize with keys, or without to find out whether any are needed."""
        self.keys = keys
        self.frames = 0
        self.undecipherable = 0
        self.broken = 0
        self._buffer = b""
        self._last_at = 0.0
        self._in_a_row = 0

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self._buffer = b""

    @property
    def key_needed(self) -> bool:
        """Return whether frames arrived without a key for them."""
        return self.keys is None and self.frames > 0

    @property
    def wrong_key(self) -> bool:
        """Return whether the key failed for several frames in a row."""
        return self._in_a_row >= _WRONG_KEY_AFTER

    def feed(self, data: bytes, at: float) -> list[Opened]:
        """Return the content of the frames that are complete now.

        ``at`` is a monotonic time in seconds.
        """
        opened: list[Opened] = []
        if self._buffer and at - self._last_at > _GAP:
            # The missing bytes will never arrive; a frame may follow the false start.
            self.broken += 1
            self._scan(self._buffer[1:], opened, wait=False)
            self._buffer = b""
        self._last_at = at
        self._buffer = self._scan(self._buffer + data, opened, wait=True)
        return opened

    def _scan(self, buffer: bytes, opened: list[Opened], *, wait: bool) -> bytes:
        """Decrypt the frames in the buffer; return the rest, which may become one."""
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
    """Return start and end of the rest of the frame that begins ``at``.

    Returns None if it is not a frame. If there is not enough data yet, the end is
    beyond the end of the buffer.
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
    """Return where a frame may start inside one that could not be decrypted, or its end.

    The length in a false start must not skip the data after it.
    """
    while (at := buffer.find(_TAG, at, end)) >= 0:
        if _measure(buffer, at) is not None:
            return at
        at += 1
    return end


def decipher(keys: Keys, title: bytes, rest: bytes) -> tuple[bytes, bool]:
    """Return the decrypted data of a frame, and whether its tag was verified.

    ``rest`` begins with the security control byte. A wrong key returns noise.
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
    """Return the content of a frame, None if the key does not decrypt it."""
    counter = int.from_bytes(rest[1:_CONTROL_AND_COUNTER])
    plain, authentic = decipher(keys, title, rest)
    # One byte in 256 is a slash; the manufacturer's letters make it a header.
    is_text = plain.startswith(b"/") and plain[1:4].isalpha()
    if authentic or is_text or _is_notification(plain):
        return Opened(plain, authentic, title, counter)
    return None


def _is_notification(plain: bytes) -> bool:
    """Return whether this is a DLMS DataNotification: tag, number, time, structure."""
    if len(plain) < 8 or plain[0] != _NOTIFICATION or plain[5] not in _TIMES:
        return False
    return plain[_TIMES[plain[5]] : _TIMES[plain[5]] + 1] in (b"\x01", b"\x02")


class FrameCounter:
    """Check the frame counters of a meter: they only rise, by one per frame.

    ``lost`` counts frames that never arrived during a connection.
    """

    def __init__(self) -> None:
        """Initialize without a counter."""
        self.lost = 0
        self._title = b""
        self._last = -1
        self._connected = False
        self._lower: list[int] = []

    def reset(self) -> None:
        """Prepare for a new connection: frames sent in between were not lost on the line."""
        self._connected = False
        self._lower = []

    def accept(self, title: bytes, counter: int) -> bool:
        """Return whether a frame with this counter is new.

        A counter that restarts (after work on the meter) is accepted once three frames
        in a row continue it; a repeated frame never is.
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
