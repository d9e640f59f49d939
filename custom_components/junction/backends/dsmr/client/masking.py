"""Remove personal data from a telegram, for diagnostics."""

import re
from typing import Any, Final

from .models import Telegram
from .units import is_unit

_PART: Final = re.compile(r"\*\w+(?=\))|\w+")


def masked(telegram: Telegram) -> dict[str, Any]:
    """Return the lines of a telegram with all digits of values replaced by 0.

    Maintainers need formats, units, and ids of lines, but no readings or meter numbers.
    """
    return {
        "lines": [_masked(line) for line in telegram.lines[1:] if b"(" in line],
        "unknown": list(telegram.layout.unknown),
        "malformed": sorted(telegram.malformed),
        "crc": telegram.crc is not None,
    }


def _masked(line: bytes) -> str:
    head, parenthesis, values = line.decode("ascii", "replace").partition("(")
    return head + parenthesis + _PART.sub(_blank, values)


def _blank(part: re.Match[str]) -> str:
    """Keep a known unit before the closing parenthesis; blank everything else."""
    if part[0].startswith("*") and is_unit(part[0][1:]):
        return part[0]
    return "".join("0" if c.isalnum() else c for c in part[0])
