"""Read single fields of a server's JSON.

Every reader takes the object and the path to the field. It returns None if the field is
missing, null, or of another type, and never raises: a wrong field affects only itself.

    number({"live": [{"power": "1.5"}]}, "live", 0, "power") == 1.5
"""

from collections.abc import Mapping
import re
from typing import Any, Final

from ...cleaning import MAX_INTEGER

_NUMBER: Final = re.compile(
    r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?\s*", re.ASCII
)
_WHOLE: Final = re.compile(r"\s*[-+]?\d{1,20}\s*", re.ASCII)
MAX_NUMBER: Final = 1e18
"""Larger numbers are invalid, and overflow when converted or rounded."""
# Maximum length of a number in a string, in characters.
_LONGEST: Final = 64


def value(obj: object, *path: str | int) -> object:
    """Return the value at the path, of any type, or None."""
    for step in path:
        match step:
            case str() if isinstance(obj, Mapping):
                obj = obj.get(step)
            case int() if isinstance(obj, list) and -len(obj) <= step < len(obj):
                obj = obj[step]
            case _:
                return None
    return obj


def text(obj: object, *path: str | int) -> str | None:
    """Return a string, which may be empty."""
    found = value(obj, *path)
    return found if isinstance(found, str) else None


def number(obj: object, *path: str | int) -> float | None:
    """Return a number of at most ``MAX_NUMBER``, also from a string."""
    found = value(obj, *path)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    if isinstance(found, str) and (
        len(found) > _LONGEST or not _NUMBER.fullmatch(found)
    ):
        return None
    try:
        result = float(found)
    except OverflowError:
        return None
    # Comparing also excludes NaN.
    return result if abs(result) <= MAX_NUMBER else None


def integer(obj: object, *path: str | int) -> int | None:
    """Return an integer of at most 64 bits, also from 3.0, "3", or "3.0"."""
    found = value(obj, *path)
    whole: float | None
    if isinstance(found, int) and not isinstance(found, bool):
        whole = found
    elif isinstance(found, str) and len(found) <= _LONGEST and _WHOLE.fullmatch(found):
        # Not through a float, which drops the last digits of long ids.
        whole = int(found)
    else:
        whole = number(found)
    if whole is None or abs(whole) > MAX_INTEGER or not whole.is_integer():
        return None
    return int(whole)


def boolean(obj: object, *path: str | int) -> bool | None:
    """Return a boolean, also from 0, 1, "true", or "false" in any case."""
    found = value(obj, *path)
    if isinstance(found, str):
        found = {"true": True, "false": False}.get(found.strip().lower())
    if isinstance(found, bool | int | float) and found in (0, 1):
        return bool(found)
    return None


def mapping(obj: object, *path: str | int) -> dict[str, Any] | None:
    """Return a JSON object."""
    found = value(obj, *path)
    return found if isinstance(found, dict) else None


def sequence(obj: object, *path: str | int) -> list[Any] | None:
    """Return a JSON array. An empty one is not None: a list may be complete and empty."""
    found = value(obj, *path)
    return found if isinstance(found, list) else None


def mappings(obj: object, *path: str | int) -> list[dict[str, Any]] | None:
    """Return the objects in a JSON array, without other items."""
    found = sequence(obj, *path)
    return None if found is None else [row for row in found if isinstance(row, dict)]
