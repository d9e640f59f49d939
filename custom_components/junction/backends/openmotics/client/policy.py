"""Policy of V0 actions: which may be called by name, and why others may not.

Protocol: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from typing import Any, Final

from ....errors import CallerError
from ...verdict import CallRefusedError, HardwareCallError, UnknownCallError
from .policy_table import CONFIRM, FREE, REFUSED, USED


@dataclass(frozen=True, slots=True)
class Policy:
    """Policy of an action.

    ``obstacle`` is the error that blocks it, or None; see ``verdict.Judgement``.
    ``reason`` says why. ``parameters`` are their names, optional ones with ``?``.
    ``used``: the client itself calls it.
    """

    obstacle: type[CallerError] | None = None
    parameters: str = ""
    used: bool = False
    reason: str = ""

    @property
    def is_refused(self) -> bool:
        """Return whether it may never be called by name."""
        return self.obstacle is not None and issubclass(self.obstacle, CallRefusedError)


UNKNOWN: Final = Policy(UnknownCallError, reason="is not known")
_OFF: Final = Policy(HardwareCallError, reason="leaves the master off")
_CARRIERS: Final = {"add_schedule": "arguments", "schedule_action": "action"}
"""Actions that contain another action, and the parameter with it."""


def judge(name: str, parameters: Mapping[str, Any] | None = None) -> Policy:
    """Return the policy of an action, including that of an action inside it."""
    policy = ACTIONS.get(name, UNKNOWN)
    given = parameters or {}
    if name == "reset_master" and str(given.get("power_on", True)).lower() in _FALSE:
        return _OFF
    if (carrier := _CARRIERS.get(name)) is not None:
        inside = _opened(given.get(carrier))
        named = inside.get("name", inside.get("action"))
        if named is not None or given.get("schedule_type") == "LOCAL_API":
            carried = judge(str(named), _opened(inside.get("parameters")))
            if carried.is_refused:
                return carried
    return policy


def _opened(value: object) -> dict[str, Any]:
    """Return an object that may be encoded as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


_FALSE: Final = frozenset({"false", "0", "0.0", "no"})

ACTIONS: Final[Mapping[str, Policy]] = {
    **{
        name: Policy(None, parameters, name in USED)
        for name, parameters in FREE.items()
    },
    **{
        name: Policy(obstacle, parameters, name in USED, reason)
        for table in (CONFIRM, REFUSED)
        for obstacle, rows in table.items()
        for name, (parameters, reason) in rows.items()
    },
}
"""Policies by the name of the action."""
