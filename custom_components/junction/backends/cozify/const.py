"""Names and numbers of the Cozify backend (sections: reference/cozify.md)."""

from enum import StrEnum
from typing import Final

from yarl import URL

NAME: Final = "cozify"

CLOUDS: Final = (
    URL("https://api.cozify.fi/ui/0.2"),
    URL("https://cloudapi.cozify.io/ui/0.2"),
    URL("https://cloud2.cozify.fi/ui/0.2"),
)
"""Where the cloud may be, the usual place first (§1.1)."""

HUB_PORT: Final = 8893
HAN_PORT: Final = 80
"""Where HAN readers are, a product of Cozify that reads meters (§5, appendix)."""

CONF_EMAIL: Final = "email"
CONF_CLOUD: Final = "cloud"
CONF_CLOUD_TOKEN: Final = "cloud_token"  # noqa: S105 - the name of a field
CONF_HUB_KEY: Final = "hub_key"
CONF_HUB_ID: Final = "hub_id"
CONF_HOST: Final = "host"
CONF_REMOTE: Final = "remote"
CONF_COVERS_INVERTED: Final = "covers_inverted"
CONF_ENERGY_UNIT: Final = "energy_unit"


class Remote(StrEnum):
    """Whether the hub may be reached through the cloud."""

    OFF = "off"
    FALLBACK = "fallback"
    ONLY = "only"
