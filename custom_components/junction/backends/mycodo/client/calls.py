"""Verdicts on raw calls of Mycodo's REST API.

Protocol: docs/protocols/mycodo.md#endpoints.
"""

from typing import Final

from ...verdict import (
    COMMANDS,
    READS,
    BackupCallError,
    DisturbingCallError,
    Judgement,
    Rule,
    SecretsCallError,
    SoftwareCallError,
    judge_request,
)

_RULES: Final = (
    # Both are GET requests, but one installs packages, and the other returns all
    # settings.
    Rule("", r"dependency/.*", Judgement(SoftwareCallError)),
    Rule("", r"export_import/.*", Judgement(BackupCallError)),
    # It stays down until somebody starts it on its host.
    Rule("", r"daemon/terminate", Judgement(DisturbingCallError)),
    Rule("GET", r"log/.*", Judgement(SecretsCallError, changes=False)),
    Rule("POST", r"measurements/multi", READS),
    Rule("POST", r"(outputs|controllers)/[^/]+", COMMANDS),
    Rule("POST", r"inputs/[^/]+/force-measurement", COMMANDS),
    Rule("POST", r"measurements/create(/[^/]+){4}", COMMANDS),
    Rule("POST", r"notes/create", COMMANDS),
)


def judge(method: str, path: str) -> Judgement:
    """Return the verdict on a request; ``path`` is below ``/api/``."""
    return judge_request(_RULES, method, path)
