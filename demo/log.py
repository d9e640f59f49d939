"""Parse Home Assistant's log, and find what should not be in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re
from typing import Final, override

_START: Final = re.compile(
    # The offset came with 2026.11.
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(?:[+-]\d\d:\d\d)? "
    r"(?P<level>[A-Z]+) \([^)]*\) \[(?P<logger>[^\]]+)\] ",
    re.MULTILINE,
)
_BAD: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
_OURS: Final = "custom_components.junction"

_EVERY_CUSTOM_ONE: Final = re.compile(
    r"custom integration \w+ which has not been tested by Home Assistant"
)
# Not about Junction: what a Home Assistant without ffmpeg, compilers and the internet says.
_HARMLESS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"Skipping pip installation of required modules",
        r"zlib_ng and isal are not available",
        r"FFmpeg",
        r"turbojpeg",
        # Voice, which needs packages without wheels for Python 3.14
        r"assist_pipeline|assist_satellite|pymicro_vad",
        # A container may have neither Bluetooth nor udev
        r"DBus|bluetooth|udev",
    )
)


@dataclass(frozen=True, slots=True)
class Record:
    """One message, with its traceback if it has one."""

    level: str
    logger: str
    text: str

    @property
    def ours(self) -> bool:
        """Whether Junction itself said it."""
        return self.logger.startswith(_OURS)

    @property
    def about_us(self) -> bool:
        """Whether it names Junction, by whomever it was said."""
        return self.ours or "junction" in self.text

    @override
    def __str__(self) -> str:
        """Return its beginning and, of a traceback, its end."""
        lines = self.text.strip().splitlines()
        shown = lines if len(lines) < 12 else [*lines[:2], "…", *lines[-9:]]
        return f"{self.level} [{self.logger}] " + "\n    ".join(shown)


def records(text: str) -> Iterator[Record]:
    """Yield the messages of a log, each with the lines that follow it."""
    starts = list(_START.finditer(text))
    ends = [*(start.start() for start in starts), len(text)]
    for start, end in zip(starts, ends[1:], strict=True):
        yield Record(start["level"], start["logger"], text[start.end() : end])


def complaints(messages: Iterable[Record]) -> list[Record]:
    """Return the warnings and errors that somebody should look at.

    Whatever names Junction is one of them, harmless or not, but for the remark that Home
    Assistant makes about every custom integration; so is what is
    deprecated, at any level.
    """
    return [message for message in messages if _bad(message)]


def _bad(message: Record) -> bool:
    if "deprecated" in message.text.lower():
        return True
    if message.level not in _BAD or _EVERY_CUSTOM_ONE.search(message.text):
        return False
    return message.about_us or not any(
        pattern.search(message.text) for pattern in _HARMLESS
    )
