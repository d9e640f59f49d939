"""Reassemble the pieces of a push (``docs/protocols/dlms.md#pieces``)."""

from typing import Final, NamedTuple

from .axdr import AxdrError, read_length
from .frames import Part
from .models import Wire
from .notification import LLC

_BLOCK: Final = 0xE0
_LAST_BLOCK: Final = 0x80
_BLOCK_HEAD: Final = 6
_LONGEST: Final = 16384


_NOTIFICATION: Final = b"\x0f"
_CIPHERED: Final = b"\xdb\x08"


class Whole(NamedTuple):
    """A complete APDU, and the number of its frames."""

    data: bytes
    frames: int
    wire: Wire
    address: bytes


class Assembler:
    """Reassemble segments of HDLC and M-Bus, and blocks of general block transfer.

    ``lost`` counts pushes with a missing piece.
    """

    def __init__(self) -> None:
        """Initialize without pieces."""
        self.lost = 0
        self._pieces: list[bytes] = []
        self._blocks: list[bytes] = []
        self._block_frames = 0

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self._pieces = []
        self._blocks = []
        self._block_frames = 0

    def add(self, part: Part) -> Whole | None:
        """Return the APDU that this piece completes, None if more pieces follow."""
        if part.first:
            if self._pieces:
                self.lost += 1
            self._pieces = []
        elif not self._pieces:
            # Blocks, and the lists of some gateways, begin without the link layer's
            # mark. Otherwise the beginning was lost.
            if not _begins(part):
                self.lost += 1
                return None
        elif part.number is not None and part.number != len(self._pieces):
            self.lost += 1
            self._pieces = []
            return None
        self._pieces.append(part.data)
        if not part.last:
            if sum(map(len, self._pieces)) > _LONGEST:
                self._pieces = []
            return None
        data, frames = b"".join(self._pieces), len(self._pieces)
        self._pieces = []
        data = data.removeprefix(LLC)
        if part.wire is Wire.BARE:
            frames = 0
        if data[:1] == bytes((_BLOCK,)):
            return self._block(data, frames, part)
        return Whole(data, frames, part.wire, part.address)

    def _block(self, data: bytes, frames: int, part: Part) -> Whole | None:
        """Process one block; a missing block discards all of them."""
        try:
            size, at = read_length(data, _BLOCK_HEAD)
        except AxdrError:
            return None
        number = int.from_bytes(data[2:4])
        if number == 1:
            self._blocks, self._block_frames = [], 0
        elif number != len(self._blocks) + 1 or at + size > len(data):
            self.lost += bool(self._blocks)
            self._blocks = []
            return None
        self._blocks.append(data[at : at + size])
        self._block_frames += frames
        if not data[1] & _LAST_BLOCK:
            return None
        whole = b"".join(self._blocks).removeprefix(LLC)
        self._blocks = []
        return Whole(whole, self._block_frames, part.wire, part.address)


def _begins(part: Part) -> bool:
    """Return whether a push begins here, without the link layer's mark.

    The middle of a push may look the same, but then fails to parse.
    """
    if part.number is not None:
        return False
    if part.data[:1] == bytes((_BLOCK,)):
        return part.last
    return part.data.startswith((_NOTIFICATION, _CIPHERED))
