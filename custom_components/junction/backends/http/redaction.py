"""Remove secrets from errors and logs."""

from collections.abc import Iterable, Iterator
import re
from typing import Any, Final
from urllib.parse import quote, quote_plus

_TELLTALE: Final = re.compile(
    r"auth|cookie|e-?mail|jwt|key|otp|pass|pin|secret|session|token|user", re.IGNORECASE
)
HIDDEN: Final = "**REDACTED**"


def hide(text: str, sent: Iterable[tuple[str, Any]]) -> str:
    """Return the text without the confidential values among the pairs of name and value.

    A value is confidential by its name: headers, query and form fields for keys,
    tokens, passwords, users, and the like.
    """
    for secret in sorted({*_secrets(sent)}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _secrets(sent: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for name, value in sent:
        if not isinstance(value, str) or not _TELLTALE.search(name):
            continue
        # A server may echo "Bearer abc" or only "abc", and "a+b" also as "a%2Bb".
        for part in (value, value.rpartition(" ")[2]):
            # Shorter values would match parts of ordinary words.
            if len(part) >= 4:
                yield from (part, quote(part, safe=""), quote_plus(part))
