"""Repair issues of servers that are forwarded to."""

from collections.abc import Iterator
from typing import Final

from homeassistant.config_entries import ConfigSubentry

from ...errors import AuthFailedError, BackendError
from ..base import Issue, Sink
from ..trust import certificate_issue, certificate_issue_id
from .client.errors import ApiDisabledError
from .client.health import Health

QUEUE_DAMAGED: Final = Issue(id="forward_queue_damaged", key="forward_queue_damaged")
"""The file of telegrams that wait could not be read, and was put aside."""


class ForwardIssues:
    """What only the person can put right, told to a sink when it changes."""

    def __init__(self) -> None:
        """Begin with nothing reported."""
        self._reported: dict[str, Issue] = {}

    def update(self, sink: Sink, subentry: ConfigSubentry, health: Health) -> None:
        """Report what is wrong with a server now, and withdraw what no longer is."""
        found = {issue.id: issue for issue in _issues(subentry, health)}
        for known in self._known(subentry.subentry_id):
            if known not in found:
                del self._reported[known]
                sink.withdraw(known)
        for issue in found.values():
            if self._reported.get(issue.id) != issue:
                self._reported[issue.id] = issue
                sink.report(issue)

    def withdraw(self, sink: Sink, target: str) -> None:
        """Withdraw everything that was reported of a server."""
        for issue in self._known(target):
            del self._reported[issue]
            sink.withdraw(issue)

    @staticmethod
    def withdraw_old(sink: Sink, target: str) -> None:
        """Withdraw what outlived a restart; it is reported again if it is still true."""
        sink.withdraw(certificate_issue_id(target))

    def _known(self, target: str) -> list[str]:
        return [issue for issue in self._reported if issue.endswith(f"_{target}")]


def _issues(subentry: ConfigSubentry, health: Health) -> Iterator[Issue]:
    """Yield what only the person can put right."""
    error = health.error
    troubles: dict[str, BackendError | None] = {
        "key": error if isinstance(error, AuthFailedError) else None,
        "disabled": error if isinstance(error, ApiDisabledError) else None,
        "refused": health.refusal,
    }
    if health.slow:
        yield Issue(
            id=f"forward_slow_{subentry.subentry_id}",
            key="forward_slow",
            placeholders={"server": subentry.title, "waiting": str(health.queued)},
        )
    for kind, trouble in troubles.items():
        if trouble is not None:
            yield Issue(
                id=f"forward_{kind}_{subentry.subentry_id}",
                key=f"forward_{kind}",
                placeholders={
                    "server": subentry.title,
                    "detail": trouble.placeholders["detail"],
                },
            )
    if error is not None and (issue := certificate_issue(error, subentry)) is not None:
        yield issue
