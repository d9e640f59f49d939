"""Stored data of an entry, and its options."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol

from .client import Remote

NAME: Final = "cozify"
TITLE: Final = "Cozify"

CONF_EMAIL: Final = "email"
CONF_CLOUD: Final = "cloud"
CONF_CLOUD_TOKEN: Final = "cloud_token"  # noqa: S105 - the name of a field
CONF_HUB_KEY: Final = "hub_key"
CONF_HUB_ID: Final = "hub_id"
CONF_HOST: Final = "host"
CONF_REMOTE: Final = "remote"
CONF_COVERS_INVERTED: Final = "covers_inverted"
CONF_ENERGY_UNIT: Final = "energy_unit"
CONF_CODE: Final = "code"
CONF_NEW_CODE: Final = "new_code"
CONF_HUBS: Final = "hubs"
CONF_ADVANCED: Final = "advanced"

_EMAIL: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.EMAIL, autocomplete="email")
)
EMAIL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_EMAIL): _EMAIL,
        vol.Required(CONF_ADVANCED): section(
            vol.Schema({vol.Optional(CONF_CLOUD): TextSelector()}), {"collapsed": True}
        ),
    }
)
CODE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_CODE): TextSelector(
            TextSelectorConfig(autocomplete="one-time-code")
        ),
        vol.Optional(CONF_NEW_CODE, default=False): BooleanSelector(),
    }
)
ADDRESS_SCHEMA: Final = vol.Schema({vol.Optional(CONF_HOST): TextSelector()})
# An empty email stays what it is.
LOGIN_SCHEMA: Final = vol.Schema({vol.Optional(CONF_EMAIL): _EMAIL})
NEW_ADDRESS_SCHEMA: Final = ADDRESS_SCHEMA.extend(LOGIN_SCHEMA.schema)


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of an entry.

    ``covers_inverted``: the hub's position 0 is open. ``energy_in_wh``: the hub reports
    energy in Wh, not in kWh.
    """

    remote: Remote = Remote.FALLBACK
    covers_inverted: bool = False
    energy_in_wh: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read the options of an entry."""
        return cls(
            remote=Remote(options.get(CONF_REMOTE, Remote.FALLBACK)),
            covers_inverted=options.get(CONF_COVERS_INVERTED, False),
            energy_in_wh=options.get(CONF_ENERGY_UNIT) == "wh",
        )
