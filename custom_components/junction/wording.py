"""Texts of backends' errors, as Home Assistant shows them."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)

# What is too general to say without the name of the thing.
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
def async_words(
    hass: HomeAssistant, error: BackendError, name: str | None = None
) -> dict[str, Any]:
    """Return what makes a HomeAssistantError of an error.

    ``name`` is that of the thing that was told something: the text begins with it, or
    has it in the sentence. A reason that stands in a text of its own is put in as it
    reads in the language of Home Assistant.
    """
    key, placeholders = error.key, error.placeholders
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


def _text(hass: HomeAssistant, key: str) -> str:
    """Return a text in the language of Home Assistant; "" if its texts are not loaded."""
    wanted = f"component.{DOMAIN}.exceptions.{key}.message"
    for language in (hass.config.language, "en"):
        found = async_get_cached_translations(hass, language, "exceptions", DOMAIN)
        if text := found.get(wanted):
            return text
    return ""
