"""Parse the requests of Mycodo's action "Webhook" (docs/protocols/mycodo.md#push).

The user writes the text of the action; with ``{{{message}}}`` in it, it has a line

    [Trigger 00000035 (Fan off)] Output <output id> CH<channel> <what happened>
"""

from dataclasses import dataclass
import re
from typing import Final

from .models import OutputState

_MESSAGE: Final = re.compile(
    r"Output (?P<output>[0-9A-Za-z-]{1,64}) CH(?P<channel>\d{1,4}) "
    r"(?:Duty Cycle (?P<duty>[\d.]{1,20})|(?P<word>on|off)(?![a-z]))"
)


@dataclass(frozen=True, slots=True)
class OutputChange:
    """A changed output. A duty cycle is in percent."""

    output: str
    channel: int
    state: OutputState


def parse(text: str) -> list[OutputChange]:
    """Return all changes in a text, in their order."""
    found = []
    for match in _MESSAGE.finditer(text):
        state: OutputState = match["word"] == "on"
        if match["duty"]:
            try:
                state = float(match["duty"].rstrip(".")) or False
            except ValueError:
                continue
        found.append(OutputChange(match["output"], int(match["channel"]), state))
    return found


def action_text(url: str) -> str:
    """Return the text that the user has to enter for the action."""
    return f"POST {url}\nContent-Type: text/plain\n\n{{{{{{message}}}}}}"
