"""Repair issues of forwarding targets."""

from collections.abc import Iterator
from typing import Final

from homeassistant.config_entries import ConfigSubentry

from ...errors import AuthFailedError, BackendError
from ..base import Issue, Sink
from ..trust import certificate_issue, certificate_issue_id
from .client.errors import ApiDisabledError
from .client.health import Health

QUEUE_DAMAGED: Final = Issue(id="forward_queue_damaged", key="forward_queue_damaged")
"""The queue file could not be read, and was set aside."""


class ForwardIssues:
    """Repair issues of the targets, reported when they change."""

    def __init__(self) -> None:
        """Start with nothing reported."""
        self._reported: dict[str, Issue] = {}

    def update(self, sink: Sink, subentry: ConfigSubentry, health: Health) -> None:
        """Report the current problems of a server, and withdraw those that are solved."""
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
        """Withdraw all issues of a server."""
        for issue in self._known(target):
            del self._reported[issue]
            sink.withdraw(issue)

    @staticmethod
    def withdraw_old(sink: Sink, target: str) -> None:
        """Withdraw issues from before a restart; they are reported again if still present."""
        sink.withdraw(certificate_issue_id(target))

    def _known(self, target: str) -> list[str]:
        return [issue for issue in self._reported if issue.endswith(f"_{target}")]


def _issues(subentry: ConfigSubentry, health: Health) -> Iterator[Issue]:
    """Yield the problems that only the user can fix."""
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
