"""Translate the errors of backends for Home Assistant."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .errors import (
    NO_DETAIL,
    AuthFailedError,
    BackendError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)

# Errors whose text needs the name of the thing.
_NAMED: Final = frozenset(
    kind.key
    for kind in (
        AuthFailedError,
        BackendError,
        ProtocolError,
        RateLimitedError,
        RejectedError,
        UnreachableError,
        UnsupportedError,
    )
)


@callback
def async_error_args(
    hass: HomeAssistant, error: BackendError, name: str | None = None
) -> dict[str, Any]:
    """Return the arguments of a HomeAssistantError for a BackendError.

    ``name`` is the name of the thing that the command was for; the text contains it or
    starts with it. A reason with a text of its own is inserted in the language of Home
    Assistant.
    """
    key, placeholders = error.key, async_filled(hass, error.placeholders)
    if name is not None:
        text = _text(hass, key)
        if key in _NAMED:
            key, placeholders = f"command_{key}", {**placeholders, "name": name}
        elif "{name}" in text:
            placeholders = {**placeholders, "name": name}
        else:
            reason = text.format_map(placeholders)
            key, placeholders = "command_failed", {"name": name, "reason": reason}
    return {
        "translation_domain": DOMAIN,
        "translation_key": key,
        "translation_placeholders": placeholders,
    }


@callback
def async_filled(
    hass: HomeAssistant, placeholders: Mapping[str, str]
) -> dict[str, str]:
    """Return placeholders that say in the language of Home Assistant that nothing is known."""
    unknown = _text(hass, "no_details") if NO_DETAIL in placeholders.values() else ""
    return {
        name: unknown if unknown and text == NO_DETAIL else text
        for name, text in placeholders.items()
    }


def _text(hass: HomeAssistant, key: str) -> str:
    """Return a text in the language of Home Assistant, "" if the texts are not loaded."""
    wanted = f"component.{DOMAIN}.exceptions.{key}.message"
    for language in (hass.config.language, "en"):
        found = async_get_cached_translations(hass, language, "exceptions", DOMAIN)
        if text := found.get(wanted):
            return text
    return ""
