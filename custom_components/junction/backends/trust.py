"""Trust in certificates: the setting of an entry, and the repair if a certificate changes."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant

from ..errors import BackendError
from .base import Issue
from .http import CertificateChangedError, TlsPolicy

CONF_PIN: Final = "pin"
"""Entry data: SHA-256 of the only accepted certificate, or None."""
CONF_LEGACY_TLS: Final = "legacy_tls"
"""Entry data: whether the server needs the TLS versions of around 2012."""

ISSUE_CERTIFICATE: Final = "certificate_changed"
CHOICE_TRUST: Final = "trust"
CHOICE_VERIFY: Final = "verify"
CHOICES: Final = (CHOICE_TRUST, CHOICE_VERIFY)


def tls_policy(data: Mapping[str, Any]) -> TlsPolicy:
    """Return the TLS policy stored in the data of an entry."""
    return TlsPolicy(
        verify=data.get(CONF_VERIFY_SSL, True),
        pin=data.get(CONF_PIN),
        legacy=data.get(CONF_LEGACY_TLS, False),
    )


def policy_data(policy: TlsPolicy) -> dict[str, Any]:
    """Return the entry data for a TLS policy; the inverse of ``tls_policy``."""
    return {
        CONF_VERIFY_SSL: policy.verify,
        CONF_PIN: policy.pin,
        CONF_LEGACY_TLS: policy.legacy,
    }


def certificate_issue_id(subentry: str) -> str:
    """Return the id of the certificate issue of a subentry's server."""
    return f"{ISSUE_CERTIFICATE}_{subentry}"


def certificate_issue(
    error: BackendError, subentry: ConfigSubentry | None = None
) -> Issue | None:
    """Return the repair issue of a changed certificate, None for other errors.

    For ``BackendInfo.issue``, or for the server of a subentry; ``resolve_certificate``
    carries out the user's choice.
    """
    if not isinstance(error, CertificateChangedError):
        return None
    issue, placeholders = ISSUE_CERTIFICATE, dict(error.placeholders)
    data = {"sha256": error.certificate.sha256}
    if subentry is not None:
        issue = certificate_issue_id(subentry.subentry_id)
        placeholders["entry"] = subentry.title
        data["subentry"] = subentry.subentry_id
    return Issue(
        id=issue,
        key=ISSUE_CERTIFICATE,
        placeholders=placeholders,
        choices=CHOICES,
        data=data,
    )


async def resolve_certificate(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    data: Mapping[str, str],
    choice: str,
) -> None:
    """Trust the certificate that the user saw, or return to the default check.

    The entry is reloaded. A running entry notices changed subentries by itself.
    """
    pin = data["sha256"] if choice == CHOICE_TRUST else None
    decided = {CONF_PIN: pin, CONF_VERIFY_SSL: True}
    entries = hass.config_entries
    if (name := data.get("subentry")) is None:
        entries.async_update_entry(entry, data={**entry.data, **decided})
        entries.async_schedule_reload(entry.entry_id)
    elif (subentry := entry.subentries.get(name)) is not None:
        entries.async_update_subentry(
            entry, subentry, data={**subentry.data, **decided}
        )
