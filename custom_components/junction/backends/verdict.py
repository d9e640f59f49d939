"""Judge API calls: send, ask for confirmation, or refuse, with the reason."""

from collections.abc import Collection
from dataclasses import dataclass
import re
from typing import Final

from ..errors import CallerError


class CallRefusedError(CallerError):
    """Junction does not send this call. Placeholder ``call``. Nothing was sent."""

    key = "call_refused"


class LoginCallError(CallRefusedError):
    """The call would end, replace, or bypass Junction's own login."""

    key = "call_refused_login"


class UsersCallError(CallRefusedError):
    """The call creates, lists, or deletes users."""

    key = "call_refused_users"


class ErasingCallError(CallRefusedError):
    """The call can erase all or part of the installation."""

    key = "call_refused_erases"


class SoftwareCallError(CallRefusedError):
    """The call installs, updates, or removes software."""

    key = "call_refused_software"


class ConfigurationCallError(CallRefusedError):
    """The call writes part of a configuration, which erases the rest."""

    key = "call_refused_configuration"


class HardwareCallError(CallRefusedError):
    """The call can stop a bus or a module, or change its identity."""

    key = "call_refused_hardware"


class BackupCallError(CallRefusedError):
    """The answer holds the whole installation, with all passwords and keys."""

    key = "call_refused_backup"


class UnknownCallError(CallRefusedError):
    """The system has no such function, or its effect is unknown."""

    key = "call_refused_unknown"


class NotConfirmedCallError(CallerError):
    """The call changes the installation itself. Placeholder ``call``. Nothing was sent."""

    key = "call_not_confirmed"


class DeletingCallError(NotConfirmedCallError):
    """The call permanently deletes or overwrites something."""

    key = "call_not_confirmed_deletes"


class SecretsCallError(NotConfirmedCallError):
    """The answer may hold secrets that cannot be recognized."""

    key = "call_not_confirmed_secrets"


class AccessCallError(NotConfirmedCallError):
    """The call changes who may use the installation."""

    key = "call_not_confirmed_access"


class DisturbingCallError(NotConfirmedCallError):
    """The call addresses devices or a bus directly, or stops or restarts a part."""

    key = "call_not_confirmed_disturbs"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict on a call.

    ``obstacle`` is the error that blocks it: None, a NotConfirmedCallError until it is
    confirmed, or a CallRefusedError. ``changes`` says whether it may change shown
    states.
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
    """Verdict on the requests to some paths.

    ``methods`` "" means all methods. ``path`` is a regular expression for a whole path
    in lower case, without slashes at its ends.
    """

    methods: str
    path: str
    judgement: Judgement

    def fits(self, method: str, path: str) -> bool:
        """Return whether the rule applies to a request."""
        if self.methods and method not in self.methods.split():
            return False
        return re.fullmatch(self.path, path) is not None


def judge_request(rules: Collection[Rule], method: str, path: str) -> Judgement:
    """Return the verdict on a request, by the first rule that applies.

    Without a rule, reading is allowed, and everything else needs confirmation.
    """
    path = path.strip("/").lower()
    for rule in rules:
        if rule.fits(method, path):
            return rule.judgement
    if method == "GET":
        return READS
    return DELETES if method == "DELETE" else CONFIGURES
