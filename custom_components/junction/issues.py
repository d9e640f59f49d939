"""Report and withdraw the repair issues of a backend."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .backends.base import Issue
from .cleaning import plain_words
from .const import DOMAIN
from .wording import async_filled


def _issue_id(entry: ConfigEntry[Any], issue_id: str) -> str:
    return f"{entry.entry_id}_{issue_id}"


@callback
def async_report(hass: HomeAssistant, entry: ConfigEntry[Any], issue: Issue) -> None:
    """Create or update an issue."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, issue.id),
        data={
            **issue.data,
            "entry_id": entry.entry_id,
            "choices": ",".join(issue.choices),
        },
        is_fixable=bool(issue.choices),
        # A one-time finding must survive a restart, after which it may not be found
        # again.
        is_persistent=bool(issue.choices),
        severity=ir.IssueSeverity.WARNING,
        translation_key=issue.key,
        # Home Assistant renders these as Markdown, and most of them are a server's
        # words.
        translation_placeholders={
            name: plain_words(text)
            for name, text in {
                "entry": entry.title,
                **async_filled(hass, issue.placeholders),
            }.items()
        },
    )


@callback
def async_withdraw(hass: HomeAssistant, entry: ConfigEntry[Any], issue_id: str) -> None:
    """Delete an issue, if it exists."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, issue_id))


@callback
def async_withdraw_orphans(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete the issues of subentries that no longer exist."""
    for (domain, issue_id), issue in list(ir.async_get(hass).issues.items()):
        facts = issue.data or {}
        if (
            domain == DOMAIN
            and facts.get("entry_id") == entry.entry_id
            and facts.get("subentry") not in (None, *entry.subentries)
        ):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_withdraw_all(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete all issues of a removed entry."""
    registry = ir.async_get(hass)
    for domain, issue_id in list(registry.issues):
        if domain == DOMAIN and issue_id.startswith(f"{entry.entry_id}_"):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
