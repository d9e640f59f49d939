"""One V0 action of a simulated gateway, with the types of its parameters.

Protocol: docs/protocols/openmotics.md#transport.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .reads import Handler


class BadRequest(Exception):
    """A response with a status other than 200: status and message, or a page."""

    def __init__(self, status: int, words: str, *, html: bool = False) -> None:
        """Store the response."""
        super().__init__(words)
        self.status, self.words, self.html = status, words, html


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``parameters`` maps names to types; optional types end in ``?``."""

    handler: Handler
    parameters: Mapping[str, Callable[[str], Any]]
    deprecated: str | None = None
    since: str = ""

    def read(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Parse the parameters like the gateway."""
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
    """Parse a Boolean: every text is true, except a few."""
    return text.lower() not in {"false", "0", "0.0", "no"}


def whole(text: str) -> int:
    """Parse an integer: "3" and "3.0"."""
    return int(float(text))
