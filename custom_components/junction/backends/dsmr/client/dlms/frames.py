"""Find frames of HDLC and wired M-Bus in received data (``docs/protocols/dlms.md#frames``).

Both may contain their own flags as data, so frames are cut by their length and verified
by their checksums; if a frame is invalid, one byte is skipped.
"""

from enum import Enum, auto
from typing import Final, NamedTuple

from ..crc import crc16_x25
from .axdr import AxdrError, AxdrShortError
from .models import Wire
from .notification import LLC, TAG, read_notification

_FLAG: Final = 0x7E
_FORMAT: Final = 0xA0
_SEGMENTED: Final = 0x08
_SHORTEST: Final = 7
_MBUS: Final = 0x68
_MBUS_END: Final = 0x16
_MBUS_HEAD: Final = 5
# A length below this has overflowed 255.
_WRAPPED: Final = 5
_ADDRESS_END: Final = 0x01
_LONGEST_ADDRESS: Final = 4

# Seconds; longer than any pause within a push, so the missing bytes will never arrive.
_GAP: Final = 3.0
# Seconds; gateways send each push at once, a line sends byte by byte.
_PAUSE: Final = 0.2
_MAX_BARE: Final = 4096


class Part(NamedTuple):
    """Content of one frame: an APDU, or a piece of one.

    ``first`` and ``last`` are its position in the APDU; ``address`` is that of the
    sender.
    """

    wire: Wire
    data: bytes
    first: bool
    last: bool
    number: int | None = None
    address: bytes = b""


class _Found(Enum):
    NOTHING = auto()
    MORE = auto()


class FrameFinder:
    """Cut frames out of a stream.

    ``frames`` counts valid frames, ``damaged`` those with a wrong checksum. A
    DataNotification without a frame is only searched where a sender begins.
    """

    def __init__(self) -> None:
        """Initialize without data."""
        self.frames = 0
        self.damaged = 0
        self._framed = False
        self._buffer = b""
        self._is_start = True
        self._last_at = 0.0

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self.frames = 0
        self._framed = False
        self._buffer = b""
        self._is_start = True

    @property
    def is_inside(self) -> bool:
        """Return whether a frame has begun and not ended."""
        return self._buffer[:1] in (b"\x7e", b"\x68") and len(self._buffer) > 1

    def feed(self, data: bytes, at: float) -> list[Part]:
        """Return the content of the frames that are complete now.

        ``at`` is a monotonic time in seconds.
        """
        found: list[Part] = []
        pause = at - self._last_at
        self._last_at = at
        if self._buffer and pause > _GAP:
            # A frame may follow the false start.
            self._scan(self._buffer[1:], found, wait=False)
            self._buffer = b""
        if not self._buffer and pause > _PAUSE:
            self._is_start = True
        self._buffer = self._scan(self._buffer + data, found, wait=True)
        return found

    def _scan(self, buffer: bytes, found: list[Part], *, wait: bool) -> bytes:
        """Extract the frames from the buffer; return the rest, which may become one."""
        at, size = 0, len(buffer)
        while at < size:
            byte = buffer[at]
            if byte == _FLAG:
                result = self._hdlc(buffer, at)
            elif byte == _MBUS:
                result = _mbus(buffer, at)
            elif self._is_start and not self._framed:
                result = _bare(buffer, at)
            else:
                at = _next_start(buffer, at + 1)
                continue
            if result is _Found.MORE:
                if wait:
                    return buffer[at:]
                result = _Found.NOTHING
            if isinstance(result, tuple):
                part, at = result
                self.frames += 1
                self._framed = self._framed or part.wire is not Wire.BARE
                self._is_start = True
                found.append(part)
                continue
            self._is_start = self._is_start and byte == _FLAG
            at += 1
        return b""

    def _hdlc(self, buffer: bytes, at: int) -> tuple[Part, int] | _Found:
        """Return the content of the HDLC frame that begins ``at``, and its end."""
        if at + 3 > len(buffer):
            rest = buffer[at + 1 : at + 2]
            is_none = bool(rest) and rest[0] & 0xF0 != _FORMAT
            return _Found.NOTHING if is_none else _Found.MORE
        form = buffer[at + 1]
        size = (form & 0x07) << 8 | buffer[at + 2]
        if form & 0xF0 != _FORMAT or size < _SHORTEST:
            return _Found.NOTHING
        end = at + 1 + size
        if end >= len(buffer):
            return _Found.MORE
        if buffer[end] != _FLAG:
            return _Found.NOTHING
        body = buffer[at + 1 : end]
        where = _after_addresses(body)
        head = body[: where + 3]
        if where < 0 or crc16_x25(head[:-2]) != int.from_bytes(head[-2:], "little"):
            return _Found.NOTHING
        # The shorter checksum above is checked first, which rejects noise cheaply.
        if crc16_x25(body[:-2]) != int.from_bytes(body[-2:], "little"):
            self.damaged += 1
            return _Found.NOTHING
        data = body[where + 3 : -2]
        last = not form & _SEGMENTED
        part = Part(
            Wire.HDLC,
            data,
            first=data.startswith(LLC),
            last=last,
            address=body[2:where],
        )
        # The flag may also begin the next frame.
        return part, end


def _after_addresses(body: bytes) -> int:
    """Return the position of the control byte after two addresses, -1 without one."""
    at = 2
    for _ in range(2):
        for length in range(1, _LONGEST_ADDRESS + 1):
            if at + length > len(body):
                return -1
            if body[at + length - 1] & _ADDRESS_END:
                at += length
                break
        else:
            return -1
    return at if at + 5 <= len(body) else -1


def _mbus(buffer: bytes, at: int) -> tuple[Part, int] | _Found:
    """Return the content of the M-Bus frame that begins ``at``, and its end."""
    head = buffer[at : at + 4]
    if head[1:2] != head[2:3] and len(head) > 2:
        return _Found.NOTHING
    if len(head) < 4:
        return _Found.MORE
    if head[3] != _MBUS:
        return _Found.NOTHING
    size = head[1] + 256 if head[1] < _WRAPPED else head[1]
    end = at + 4 + size
    if end + 2 > len(buffer):
        return _Found.MORE
    body = buffer[at + 4 : end]
    if buffer[end + 1] != _MBUS_END or sum(body) & 0xFF != buffer[end]:
        return _Found.NOTHING
    control = body[2]
    if control & 0xE0:
        return _Found.NOTHING
    index = control & 0x0F
    part = Part(
        Wire.MBUS,
        body[_MBUS_HEAD:],
        first=index == 0,
        last=bool(control & 0x10),
        number=index,
    )
    return part, end + 2


def _bare(buffer: bytes, at: int) -> tuple[Part, int] | _Found:
    """Return the DataNotification without a frame that begins ``at``, and its end."""
    rest = buffer[at : at + len(LLC)]
    if len(rest) < len(LLC) and LLC.startswith(rest):
        return _Found.MORE
    start = at + len(LLC) if rest == LLC else at
    if start < len(buffer) and buffer[start] != TAG:
        return _Found.NOTHING
    try:
        _, end = read_notification(buffer, start)
    except AxdrShortError:
        too_long = len(buffer) - at > _MAX_BARE
        return _Found.NOTHING if too_long else _Found.MORE
    except AxdrError:
        return _Found.NOTHING
    return Part(Wire.BARE, buffer[start:end], first=True, last=True), end


def _next_start(buffer: bytes, at: int) -> int:
    """Return the next possible start of a frame, or the end of the buffer."""
    starts = [i for i in (buffer.find(_FLAG, at), buffer.find(_MBUS, at)) if i >= 0]
    return min(starts, default=len(buffer))
