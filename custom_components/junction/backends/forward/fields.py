"""Form fields of the connection to a DSMR-reader server."""

from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol

from ..flow import SECRET
from .settings import CONF_API_KEY, CONF_PASSWORD, CONF_PROXY, CONF_URL, CONF_USERNAME

CONNECTION: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_URL): TextSelector(TextSelectorConfig(type=TextSelectorType.URL)),
    vol.Required(CONF_API_KEY): SECRET,
    vol.Required(CONF_PROXY): section(
        vol.Schema(
            {
                vol.Optional(CONF_USERNAME): TextSelector(
                    TextSelectorConfig(autocomplete="username")
                ),
                vol.Optional(CONF_PASSWORD): SECRET,
            }
        ),
        {"collapsed": True},
    ),
}
"""Form fields of the connection."""
