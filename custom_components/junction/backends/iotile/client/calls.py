"""Verdicts on raw calls to an IOTile Cloud.

Protocol: docs/protocols/iotile.md#endpoints.
"""

from typing import Final

from ...verdict import (
    COMMANDS,
    DELETES,
    LOGS_IN,
    READS,
    AccessCallError,
    Judgement,
    Rule,
    SecretsCallError,
    judge_request,
)

_WRITES: Final = "POST PUT PATCH DELETE"
_RULES: Final = (
    Rule("GET", r"auth/(user-info|token)", READS),
    Rule("", r"auth(/.*)?", LOGS_IN),
    # A device key has the permissions of the user who claimed the device, and never
    # expires.
    Rule("GET", r"device/[^/]+/key", Judgement(SecretsCallError, changes=False)),
    Rule("POST", r"(data|event|note|location)", COMMANDS),
    Rule("POST", r"device/[^/]+/new_property", COMMANDS),
    Rule("POST", r"device/[^/]+/(reset|trim|unclaim)", DELETES),
    Rule(_WRITES, r"account(/.*)?", Judgement(AccessCallError)),
    Rule(
        _WRITES,
        r"org/[^/]+/(members|membership|register|pending|invitation)(/.*)?",
        Judgement(AccessCallError),
    ),
)


def judge(method: str, path: str) -> Judgement:
    """Return the verdict on a request; ``path`` is below ``/api/v1/``."""
    return judge_request(_RULES, method, path)
