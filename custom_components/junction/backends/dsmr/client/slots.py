"""How each line of a meter's telegrams is parsed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .models import Layout, Reading, Telegram
from .obis import Kind, Meaning


class Slot:
    """How to parse one line of a layout."""

    __slots__ = (
        "cast",
        "channel",
        "fixed",
        "head",
        "key",
        "kind",
        "shape",
        "start",
        "stop",
        "unit",
    )

    def __init__(self, head: bytes, found: Meaning | None, *, fixed: bool) -> None:
        # Printed id with its parenthesis; empty for other lines than data.
        self.head: Final = head
        self.key: Final = found.key if found else ""
        self.kind: Final = found.kind if found else Kind.UNKNOWN
        self.channel: Final = found.channel if found else None
        # If such a line changes, a full parse is needed: the header, malformed lines,
        # and lines that continue in the next one.
        self.fixed: Final = fixed
        # Shape of the line in which ``cast`` can parse the number between ``start`` and
        # ``stop``; learned from the first valid line.
        self.shape: bytes | None = None
        self.start: Final = len(self.head)
        self.cast: Final[Callable[[bytes], float]] = (
            int if self.kind is Kind.COUNT else float
        )
        self.stop = 0
        self.unit: str | None = None


NO_SLOT: Final = Slot(b"", None, fixed=True)


@dataclass(frozen=True, slots=True)
class SlotLayout(Layout):
    """A layout with one slot for each line, the header included."""

    slots: tuple[Slot, ...]


def joined(lines: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each line joined with its continuation lines, and whether it had any.

    The header and the continuation lines themselves are empty.
    """
    for index, line in enumerate(lines):
        if index == 0 or (line.startswith(b"(") and lines[index - 1] and index > 1):
            yield b"", True
            continue
        following = index + 1
        while following < len(lines) and lines[following].startswith(b"(") and line:
            line += lines[following]
            following += 1
        yield line, following > index + 1


def layout_of(
    readings: Mapping[str, Reading],
    unknown: list[str],
    slots: list[Slot],
    base: Telegram | None,
) -> Layout:
    """Return the layout, which is that of ``base`` if its lines have the same ids."""
    layout = SlotLayout(frozenset(readings), tuple(unknown), tuple(slots))
    if base is None or not isinstance(old := base.layout, SlotLayout):
        return layout
    same = len(slots) == len(old.slots) and all(
        a.head == b.head and a.fixed == b.fixed and a.kind == b.kind
        for a, b in zip(slots, old.slots, strict=True)
    )
    return old if same else layout
