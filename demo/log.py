"""Parse Home Assistant's log, and find unexpected messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re
from typing import Final, override

_START: Final = re.compile(
    # The UTC offset is new in 2026.11.
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(?:[+-]\d\d:\d\d)? "
    r"(?P<level>[A-Z]+) \([^)]*\) \[(?P<logger>[^\]]+)\] ",
    re.MULTILINE,
)
_BAD: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
_OURS: Final = "custom_components.junction"

_EVERY_CUSTOM_ONE: Final = re.compile(
    r"custom integration \w+ which has not been tested by Home Assistant"
)
# Messages unrelated to Junction, from a Home Assistant without ffmpeg, compilers, or the internet.
_HARMLESS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"Skipping pip installation of required modules",
        r"zlib_ng and isal are not available",
        r"FFmpeg",
        r"turbojpeg",
        # Voice, which needs packages without wheels for Python 3.14
        r"assist_pipeline|assist_satellite|pymicro_vad",
        # Containers may lack Bluetooth and udev
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
        """Whether Junction logged it."""
        return self.logger.startswith(_OURS)

    @property
    def about_us(self) -> bool:
        """Whether it mentions Junction, from any logger."""
        return self.ours or "junction" in self.text

    @override
    def __str__(self) -> str:
        """Return the first line and, of a traceback, the last one."""
        lines = self.text.strip().splitlines()
        shown = lines if len(lines) < 12 else [*lines[:2], "…", *lines[-9:]]
        return f"{self.level} [{self.logger}] " + "\n    ".join(shown)


def records(text: str) -> Iterator[Record]:
    """Yield the messages of a log, each with its continuation lines."""
    starts = list(_START.finditer(text))
    ends = [*(start.start() for start in starts), len(text)]
    for start, end in zip(starts, ends[1:], strict=True):
        yield Record(start["level"], start["logger"], text[start.end() : end])


def complaints(messages: Iterable[Record]) -> list[Record]:
    """Return the warnings and errors that need attention.

    These include every message that mentions Junction, except Home Assistant's standard warning
    about custom integrations, and every deprecation at any level.
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
