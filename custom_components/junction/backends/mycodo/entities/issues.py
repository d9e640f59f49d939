"""Repair issues of a Mycodo."""

from typing import Final

from ....errors import BackendError
from ...base import Issue, Sink
from ...trust import ISSUE_CERTIFICATE, certificate_issue
from ..client import Poller, UselessKeyError

ISSUE_ROLE: Final = "mycodo_useless_key"
ISSUE_OUTPUT_LIST: Final = "mycodo_output_list"
MEND_OUTPUT_LIST: Final = (
    "sudo sqlite3 /opt/Mycodo/databases/mycodo.db "
    "\"UPDATE output SET i2c_bus = 1 WHERE i2c_bus = '';\""
)


def tell_issues(sink: Sink, poller: Poller) -> None:
    """Withdraw issues that are solved, and report the current ones."""
    sink.withdraw(ISSUE_CERTIFICATE)
    sink.withdraw(ISSUE_ROLE)
    if (broken := poller.broken_outputs) is None:
        sink.withdraw(ISSUE_OUTPUT_LIST)
        return
    sink.report(
        Issue(
            id=ISSUE_OUTPUT_LIST,
            key=ISSUE_OUTPUT_LIST,
            placeholders={
                "outputs": ", ".join(broken) or "-",
                "command": MEND_OUTPUT_LIST,
            },
        )
    )


def issue_for(error: BackendError) -> Issue | None:
    """Return the repair issue of an error that only the user can fix, or None."""
    if isinstance(error, UselessKeyError):
        return Issue(id=ISSUE_ROLE, key=ISSUE_ROLE)
    return certificate_issue(error)
