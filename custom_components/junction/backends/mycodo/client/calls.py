"""Which requests by people are sent to Mycodo's REST API.

On the wire: docs/protocols/mycodo.md#endpoints.
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
    # Both are GET, and yet: one installs packages, the other hands out everything.
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
    """Return what becomes of a request, ``path`` below ``/api/``."""
    return judge_request(_RULES, method, path)
