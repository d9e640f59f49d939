"""Translated words for placeholders of forms and notifications."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN

NOTHING: Final = "nothing"
"""Selector whose texts stand for an empty list or value."""
NONE: Final = f"{NOTHING}.none"
UNKNOWN: Final = f"{NOTHING}.unknown"


async def async_selector_texts(hass: HomeAssistant, *selectors: str) -> dict[str, str]:
    """Return the option texts of selectors, by "selector.option".

    Home Assistant does not translate the placeholders of a form.
    """
    texts = await async_get_translations(
        hass, hass.config.language, "selector", {DOMAIN}
    )
    prefix = f"component.{DOMAIN}.selector."
    return {
        key.removeprefix(prefix).replace(".options.", "."): text
        for key, text in texts.items()
        if key.removeprefix(prefix).partition(".")[0] in selectors
    }
