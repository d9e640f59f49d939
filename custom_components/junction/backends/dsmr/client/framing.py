"""Cut telegrams out of a stream of bytes (``docs/protocols/dsmr.md#dirty-streams``).

A telegram begins with ``/`` and ends with ``!``, each at the beginning of a line,
because text messages may contain both. The content does not matter here.
"""

from collections.abc import Iterable, Iterator
import re
from typing import Final, NamedTuple

from .parity import ParityStripper

# Bytes; a full text message and a log of ten failures take 3.5 KB.
MAX_TELEGRAM: Final = 16384

# Padding of adapters and noise: 0x00 and 0xFF (0x7F without its parity bit), a byte
# order mark without its parity bits (``o;?``), whitespace, and short junk.
_START: Final = re.compile(
    rb"^(?:o;\?)?[^\x21-\x7e\n]*(/)"
    rb"|^[\x20-\x7e]{1,40}?(/)(?=[A-Za-z]{3}[0-9][^\n()]{0,60}\r?\n)",
    re.MULTILINE,
)
_PRINTABLE: Final = re.compile(rb"[\x20-\x7e]")
_MAX_LINE: Final = 80
_SHORTEST_HEADER: Final = 5
_LINE_FEED: Final = 0x0A


class Frame(NamedTuple):
    """Bytes of one telegram, from ``/`` to the end of the ``!`` line.

    ``complete`` is False if another telegram began instead of the ``!`` line: it was
    cut off, or the meter omits the last line.
    """

    raw: bytes
    complete: bool


class P1Framer:
    """Find telegrams in received data, in pieces of any size.

    ``header`` may be set to the first line of the telegrams (with ``/``) once it is
    known: telegrams are then also found in the middle of a line, after junk or after a
    truncated telegram. ``overruns`` counts telegrams without an end, ``skipped`` the
    bytes between telegrams.
    """

    def __init__(self) -> None:
        """Initialize at the beginning of a line."""
        self.header: bytes | None = None
        self.overruns = 0
        self.skipped = 0
        self.parity = ParityStripper()
        # Starts at the beginning of a line, with ``?`` in the middle of one, or with
        # the ``/`` of an incomplete telegram, which continues in _pieces. Its last line
        # may have begun (_ending).
        self._buffer = b""
        self._pieces: list[bytes] = []
        self._size = 0
        self._inside = False
        self._ending = False
        self._scan = 0
        # Start of the next last line in the current buffer, so that each byte is
        # searched only once however many telegrams begin in it.
        self._next_end = 0

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self.parity.reset()
        self._buffer = b""
        self._pieces = []
        self._size = 0
        self._inside = False
        self._ending = False
        self._scan = 0

    def feed(self, data: bytes) -> Iterable[Frame]:
        """Return the telegrams that are complete now; must be iterated to its end.

        ``header`` may be set between two telegrams, and applies from the next one on.
        """
        data = self.parity.feed(data)
        if (
            self._inside
            and not self._ending
            and b"!" not in data
            and b"/" not in data
            and self._size <= MAX_TELEGRAM
        ):
            # Most pieces are small and end no telegram.
            self._pieces.append(data)
            self._size += len(data)
            return ()
        if self._buffer or self._pieces:
            data = b"".join((self._buffer, *self._pieces, data))
            self._pieces = []
        self._ending = False
        return self._frames(data)

    def _frames(self, buffer: bytes) -> Iterator[Frame]:
        at = 0
        self._next_end = 0
        while True:
            if not self._inside:
                if at and at == len(buffer):
                    # The usual case: nothing after the last telegram.
                    self._buffer = b""
                    return
                start = self._start(buffer, at)
                if start < 0:
                    self._skip(buffer, at)
                    return
                self.skipped += start - at
                at, self._scan, self._inside = start, start + 1, True
            end, complete = self._end(buffer, at)
            if end < 0:
                self._keep(buffer, at)
                return
            yield Frame(buffer[at:end], complete)
            at, self._scan = end, end + 1

    def _start(self, buffer: bytes, at: int) -> int:
        """Return the start of the next telegram, or -1."""
        if buffer.startswith(b"/", at):
            return at
        match = _START.search(buffer, at)
        start = match.start(match.lastindex or 1) if match else -1
        return self._by_header(buffer, at, len(buffer), start)

    def _by_header(self, buffer: bytes, at: int, end: int, start: int) -> int:
        """Return where the known header is before ``start`` (-1: the end)."""
        if self.header is not None and len(self.header) >= _SHORTEST_HEADER:
            if start >= 0:
                end = min(end, start + len(self.header))
            anywhere = buffer.find(self.header, at, end)
            if anywhere >= 0 and (start < 0 or anywhere < start):
                return anywhere
        return start

    def _end(self, buffer: bytes, at: int) -> tuple[int, bool]:
        """Return the end of the telegram that starts ``at``, and whether it is complete.

        -1 if it continues. Afterwards the next telegram starts there, or none.
        """
        scan = self._scan
        if 0 <= self._next_end < scan:
            # Searching for one byte is many times faster than for two.
            mark = buffer.find(b"!", scan + 1)
            if mark < 0 or buffer[mark - 1] == _LINE_FEED:
                self._next_end = max(mark - 1, -1)
            else:
                self._next_end = buffer.find(b"\n!", scan)
        end = self._next_end
        restart = self._restart(buffer, scan, len(buffer) if end < 0 else end)
        if restart >= 0:
            return restart, False
        if end < 0:
            back = len(self.header) if self.header else 1
            self._scan = max(at + 1, len(buffer) - back)
            return -1, False
        stop = buffer.find(b"\n", end + 2)
        slash = buffer.find(b"/", end + 2, len(buffer) if stop < 0 else stop)
        if slash >= 0:
            # The line end was lost, and the next telegram starts here.
            return slash, True
        if stop < 0:
            self._scan = end
            self._ending = True
            return -1, False
        self._inside = False
        return stop + 1, True

    def _restart(self, buffer: bytes, scan: int, end: int) -> int:
        """Return where another telegram starts before the end of this one, or -1."""
        if buffer.find(b"/", scan, end) < 0:
            # The usual case.
            return -1
        restart = buffer.find(b"\n/", scan, end) + 1 or -1
        return self._by_header(buffer, scan, end, restart)

    def _keep(self, buffer: bytes, at: int) -> None:
        """Keep the incomplete telegram that starts ``at``."""
        if len(buffer) - at <= MAX_TELEGRAM:
            self._buffer = buffer[at:]
            self._size = len(self._buffer)
            self._scan -= at
            return
        self.overruns += 1
        self._inside = False
        self._skip(buffer, at)

    def _skip(self, buffer: bytes, at: int) -> None:
        """Keep only the last line, in which a telegram may still start."""
        line = buffer[max(at, buffer.rfind(b"\n") + 1) :]
        if len(line) > _MAX_LINE:
            tail = line[-len(self.header) :] if self.header else b""
            line = b"?" + tail if _PRINTABLE.search(line) else b""
        self.skipped += max(0, len(buffer) - at - len(line))
        self._buffer = line
