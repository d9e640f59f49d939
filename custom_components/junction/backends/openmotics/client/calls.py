"""Verdicts on raw calls: V0 actions by the policy, cloud requests by their paths.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Mapping
from typing import Any, Final

from ....errors import CallerError
from ...http import json_fields as j
from ...verdict import (
    COMMANDS,
    LOGS_IN,
    AccessCallError,
    ConfigurationCallError,
    Judgement,
    Rule,
    judge_request,
)
from .policy import judge
from .v0.api import is_reading

_INSIDE: Final = r"base/installations/[^/]+/"
_RULES: Final = (
    Rule("", r"authentication(/.*)?", LOGS_IN),
    Rule("", r"ws(/.*)?", LOGS_IN),
    Rule(
        "POST PUT PATCH DELETE",
        r".*\b(user|users|roles|user_roles|invites?)(/.*)?",
        Judgement(AccessCallError),
    ),
    Rule(
        "POST",
        _INSIDE
        + r"(outputs|lights|shutters|thermostats|ventilations|groupactions)/(.+/)?"
        r"(turn_on|turn_off|toggle|open|close|up|down|stop|change_direction"
        r"|change_position|change_relative_position|move|lock|unlock|trigger"
        r"|mode|state|setpoint|preset|level)",
        COMMANDS,
    ),
)
_PRESETS: Final = ("AWAY", "VACATION", "PARTY")


def judge_action(name: str, parameters: Mapping[str, Any]) -> Judgement:
    """Return the verdict on a V0 action.

    Raises CallerError for unknown or missing parameters, unless the action is refused
    anyway.
    """
    policy = judge(name, parameters)
    if not policy.is_refused:
        known = {
            one.rstrip("?"): one.endswith("?") for one in policy.parameters.split()
        }
        missing = [one for one, optional in known.items() if not optional]
        wrong = [
            *(f"+ {one}" for one in known if one in missing and one not in parameters),
            *(f"- {one}" for one in parameters if one not in known),
        ]
        if wrong:
            raise CallerError(
                f"{', '.join(wrong)} ({policy.parameters or '-'})", field="parameters"
            )
    return Judgement(policy.obstacle, changes=not is_reading(name))


def judge_cloud(method: str, path: str, body: object) -> Judgement:
    """Return the verdict on a cloud request; ``path`` is that of ``request``.

    The cloud replaces all preset temperatures at once, so a partial write would erase
    the others.
    """
    if not path.lower().startswith(("base/", "authentication", "ws")):
        path = f"base/installations/-/{path}"
    if method != "GET" and path.lower().endswith("/preset/config"):
        given = (
            j.number(body, mode, preset)
            for mode in ("heating", "cooling")
            for preset in _PRESETS
        )
        if any(temperature is None for temperature in given):
            return Judgement(ConfigurationCallError)
    return judge_request(_RULES, method, path)
