"""Sanitize text from outside: make it storable, and free of control characters and markup.

Free of Home Assistant. All texts from servers and meters pass here once: a lone
surrogate, which JSON allows, would keep Home Assistant from saving its registries.
"""

from collections.abc import Mapping
import hashlib
from math import isfinite
import re
from typing import Any, Final

MAX_NAME: Final = 255
"""Maximum length of a name or a state in characters, as in Home Assistant."""

MAX_DEPTH: Final = 64
"""Maximum nesting of objects and arrays. Real answers stay below ten levels."""

# Home Assistant's JSON takes integers up to 64 bits, its database only signed ones.
MAX_INTEGER: Final = 2**63 - 1

_ELLIPSIS: Final = "…"
_LONE: Final = "\ud800-\udfff"
_SEPARATORS: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters except tab and line feed, bidirectional marks and overrides,
# zero-width spaces, and noncharacters. Joiners stay: emoji and some scripts need them.
_REMOVED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_LONE_SURROGATE: Final = re.compile(f"[{_LONE}]")
_MARKUP: Final = str.maketrans(
    {"<": "‹", ">": "›", "[": "(", "]": ")", "*": "∗", "`": "'", "~": "∼", "|": "¦"}
)
_UNDERSCORE: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# Plain text that Markdown turns into a link: a URL, a host, an email address.
_LINKED: Final = re.compile(
    r":(?=//)|(?<=www)\.|@|(?<=mailto):|(?<=xmpp):", re.IGNORECASE
)
_HEADING: Final = re.compile(r"^[#\s]+")
# Invisible, and not allowed in a URL.
_JOINER: Final = "\u2060"


def clean_text(text: str, limit: int | None = None) -> str:
    """Return text that can be stored and shown, of at most ``limit`` characters.

    Line feeds and tabs stay. A lone surrogate becomes U+FFFD, as broken UTF-8 does.
    Other control characters, bidirectional overrides, and invisible characters are
    removed.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + _ELLIPSIS
    if text.isprintable():
        return text
    text = _LONE_SURROGATE.sub("\ufffd", _SEPARATORS.sub("\n", text))
    return _REMOVED.sub("", text)


def clean_line(text: str, limit: int = MAX_NAME) -> str:
    """Return text as a name: clean, on one line, without surrounding whitespace."""
    # Cut early to save time; the result is cut to the limit again below.
    text = " ".join(clean_text(text[: 4 * limit + 1]).split())
    return text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS


def clean_id(text: str) -> str:
    """Return an id that can be stored. Long ids are shortened and stay distinct."""
    if len(text) <= MAX_NAME and text.isprintable():
        return text
    cleaned = clean_text(text)
    if len(cleaned) <= MAX_NAME:
        return cleaned
    digest = hashlib.sha256(cleaned.encode()).hexdigest()[:16]
    return f"{cleaned[: MAX_NAME - 17]}-{digest}"


def plain_words(text: str, limit: int = MAX_NAME) -> str:
    """Return a server's words as one line without Markdown or HTML.

    Characters with a meaning in either are replaced by look-alikes, so that the same
    text can be shown with and without Markdown.
    """
    text = clean_line(text, limit).translate(_MARKUP)
    text = " ".join(_UNDERSCORE.sub(" ", _HEADING.sub("", text)).split())
    return _LINKED.sub(lambda found: f"{found[0]}{_JOINER}", text)


def clean_value(value: object, limit: int | None = None) -> object:
    """Return JSON-like data with clean texts and numbers that can be stored.

    Integers beyond 64 bits become floats. Floats that are not finite, and integers too
    large for a float, become None. ``limit`` is the maximum length of each text. Raises
    ValueError if the data is nested deeper than ``MAX_DEPTH``.
    """
    return _clean(value, limit, MAX_DEPTH)


def _clean(value: Any, limit: int | None, depth: int) -> Any:  # noqa: ANN401 - JSON
    # The most frequent types first: this runs for every value of an answer.
    if isinstance(value, str):
        if limit is None and value.isprintable():
            return value
        return clean_text(value, limit)
    if isinstance(value, Mapping | list | tuple) and not depth:
        msg = f"nested deeper than {MAX_DEPTH}"
        raise ValueError(msg)
    if isinstance(value, Mapping):
        return {
            _clean(key, limit, depth): _clean(item, limit, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_clean(item, limit, depth - 1) for item in value]
    if isinstance(value, tuple):
        return tuple(_clean(item, limit, depth - 1) for item in value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return _as_float(value)
    return value


def _as_float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


# Built once: a union is slow to build and to check against.
_NESTS: Final = (dict, list)


def is_deep(value: object) -> bool:
    """Return whether JSON is nested deeper than ``MAX_DEPTH``."""
    level = [value] if isinstance(value, _NESTS) else []
    for _ in range(MAX_DEPTH):
        level = [
            item
            for part in level
            for item in (part.values() if isinstance(part, dict) else part)
            if isinstance(item, _NESTS)
        ]
        if not level:
            return False
    return True
