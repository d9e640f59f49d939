"""One V0 action of a simulated gateway: how its parameters are parsed.

On the wire: docs/protocols/openmotics.md#transport.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .reads import Handler


class BadRequest(Exception):
    """An answer with another status than 200: the status and the words, or a page."""

    def __init__(self, status: int, words: str, *, html: bool = False) -> None:
        """Keep all of it."""
        super().__init__(words)
        self.status, self.words, self.html = status, words, html


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``parameters`` are the types by name; optional ones end in ``?``."""

    handler: Handler
    parameters: Mapping[str, Callable[[str], Any]]
    deprecated: str | None = None
    since: str = ""

    def read(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Parse what was given, as the gateway does."""
        names = {name.rstrip("?") for name in self.parameters}
        if unknown := sorted(set(given) - names):
            words = f"Unexpected body parameters: {', '.join(unknown)}"
            raise BadRequest(400, words, html=True)
        if missing := [
            name
            for name in self.parameters
            if not name.endswith("?") and name not in given
        ]:
            raise BadRequest(404, f"Missing parameters: {','.join(missing)}")
        read: dict[str, Any] = {}
        for name, parse in self.parameters.items():
            text = given.get(name.rstrip("?"))
            if text is None or text.lower() in {"null", "none", ""}:
                continue
            try:
                read[name.rstrip("?")] = parse(text)
            except ValueError:
                raise BadRequest(406, "invalid_parameters") from None
        return read


def truth(text: str) -> bool:
    """Read a truth value: everything but a few words is true."""
    return text.lower() not in {"false", "0", "0.0", "no"}


def whole(text: str) -> int:
    """Read a whole number: "3" and "3.0"."""
    return int(float(text))
