"""Which V0 actions anybody may call by name, and why not the others.

On the wire: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
from typing import Any, Final

from .policy_table import CONFIRM, FREE, REFUSED, USED


class Verdict(StrEnum):
    """Whether an action may be called by its name."""

    FREE = "free"
    CONFIRM = "confirm"
    """Only by somebody who says that it is meant."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Policy:
    """What is known of an action.

    ``parameters`` are their names, those that may be left out with ``?``. ``used``: the
    client calls it by itself. ``reason`` says why it is not free.
    """

    verdict: Verdict
    parameters: str = ""
    used: bool = False
    reason: str = ""


UNKNOWN: Final = Policy(Verdict.REFUSED, reason="is not known")
_OFF: Final = Policy(Verdict.REFUSED, reason="leaves the master off")
_CARRIERS: Final = {"add_schedule": "arguments", "schedule_action": "action"}
"""Actions that carry another one, and the parameter with it."""


def judge(name: str, parameters: Mapping[str, Any] | None = None) -> Policy:
    """Return whether an action may be called, with what it carries in mind."""
    policy = ACTIONS.get(name, UNKNOWN)
    given = parameters or {}
    if name == "reset_master" and str(given.get("power_on", True)).lower() in _FALSE:
        return _OFF
    if (carrier := _CARRIERS.get(name)) is not None:
        inside = _opened(given.get(carrier))
        named = inside.get("name", inside.get("action"))
        if named is not None or given.get("schedule_type") == "LOCAL_API":
            carried = judge(str(named), _opened(inside.get("parameters")))
            if carried.verdict is Verdict.REFUSED:
                return carried
    return policy


def _opened(value: object) -> dict[str, Any]:
    """Return an object that may come as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


_FALSE: Final = frozenset({"false", "0", "0.0", "no"})

ACTIONS: Final[Mapping[str, Policy]] = {
    **{
        name: Policy(Verdict.FREE, parameters, name in USED)
        for name, parameters in FREE.items()
    },
    **{
        name: Policy(verdict, parameters, name in USED, reason)
        for verdict, table in (
            (Verdict.CONFIRM, CONFIRM),
            (Verdict.REFUSED, REFUSED),
        )
        for name, (parameters, reason) in table.items()
    },
}
"""All of them by name."""
