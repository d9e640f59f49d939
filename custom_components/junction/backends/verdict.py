"""Verdicts on calls of a system's API: send, confirm first, or refuse, with the reason."""

from collections.abc import Collection
from dataclasses import dataclass
import re
from typing import Final

from ..errors import CallerError


class CallRefusedError(CallerError):
    """The call is for the system's own tools. Placeholder ``call``. Nothing was sent."""

    key = "call_refused"


class LoginCallError(CallRefusedError):
    """The call would end, replace or go around Junction's own login."""

    key = "call_refused_login"


class UsersCallError(CallRefusedError):
    """The call creates, lists or deletes users."""

    key = "call_refused_users"


class ErasingCallError(CallRefusedError):
    """The call can erase the installation or parts of it."""

    key = "call_refused_erases"


class SoftwareCallError(CallRefusedError):
    """The call installs, updates or removes software."""

    key = "call_refused_software"


class ConfigurationCallError(CallRefusedError):
    """The call writes configuration, and a part of it erases the rest."""

    key = "call_refused_configuration"


class HardwareCallError(CallRefusedError):
    """The call can stop a bus or a module, or change what they are."""

    key = "call_refused_hardware"


class BackupCallError(CallRefusedError):
    """The answer holds the whole installation, with all passwords and keys."""

    key = "call_refused_backup"


class UnknownCallError(CallRefusedError):
    """The system has no such function, or nobody knows what it does."""

    key = "call_refused_unknown"


class NotConfirmedCallError(CallerError):
    """The call changes the installation itself. Placeholder ``call``. Nothing was sent."""

    key = "call_not_confirmed"


class DeletingCallError(NotConfirmedCallError):
    """The call deletes or overwrites something for good."""

    key = "call_not_confirmed_deletes"


class SecretsCallError(NotConfirmedCallError):
    """The answer may hold secrets that cannot be told from other text."""

    key = "call_not_confirmed_secrets"


class AccessCallError(NotConfirmedCallError):
    """The call changes who may use the installation."""

    key = "call_not_confirmed_access"


class DisturbingCallError(NotConfirmedCallError):
    """The call goes to devices or a bus directly, or stops or restarts a part."""

    key = "call_not_confirmed_disturbs"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a call.

    ``obstacle`` is what keeps it back: None nothing, a NotConfirmedCallError until it is
    confirmed, a CallRefusedError for good. ``changes`` tells whether it may change what
    is shown.
    """

    obstacle: type[CallerError] | None = None
    changes: bool = True


READS: Final = Judgement(changes=False)
COMMANDS: Final = Judgement()
CONFIGURES: Final = Judgement(NotConfirmedCallError)
DELETES: Final = Judgement(DeletingCallError)
LOGS_IN: Final = Judgement(LoginCallError)


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the requests to some paths.

    ``methods`` "" are all methods. ``path`` is a regular expression for a whole path in
    lower case, without slashes at its ends.
    """

    methods: str
    path: str
    judgement: Judgement

    def fits(self, method: str, path: str) -> bool:
        """Return whether a request is one of these."""
        if self.methods and method not in self.methods.split():
            return False
        return re.fullmatch(self.path, path) is not None


def judge_request(rules: Collection[Rule], method: str, path: str) -> Judgement:
    """Return what becomes of a request, by the first rule that fits.

    Without one, what reads is free, and everything else needs confirmation.
    """
    path = path.strip("/").lower()
    for rule in rules:
        if rule.fits(method, path):
            return rule.judgement
    if method == "GET":
        return READS
    return DELETES if method == "DELETE" else CONFIGURES
