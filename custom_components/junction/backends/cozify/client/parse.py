"""Parse the answers of a hub into deltas and objects."""

from typing import Any

from ....errors import BackendError
from ...http import Answer, UnexpectedJsonError, json_fields as j


def parse_poll(answer: Answer) -> list[dict[str, Any]]:
    """Return the deltas in a poll answer, which is an object, a list, or empty.

    Raises ProtocolError for anything else.
    """
    if answer.status in (204, 304) or not answer.body.strip():
        return []
    found = answer.json()
    if found is None:
        return []
    deltas: list[Any] = found if isinstance(found, list) else [found]
    if not all(_is_delta(delta) for delta in deltas):
        raise UnexpectedJsonError("hub/poll")
    return deltas


def _is_delta(said: object) -> bool:
    return isinstance(said, dict) and (
        "polls" in said or said.get("type") == "POLL_DELTA"
    )


def parse_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the objects in the answer to a command, [] without any."""
    try:
        found = answer.json()
    except BackendError:
        return []
    return j.mappings(found) or []
