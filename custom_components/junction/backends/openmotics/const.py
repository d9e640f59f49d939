"""Names of the OpenMotics backend."""

from typing import Final

NAME: Final = "openmotics"

CONF_TRANSPORT: Final = "transport"
LOCAL: Final = "local"
CLOUD: Final = "cloud"
LEGACY: Final = "legacy_cloud"

# As Home Assistant names them; the clients do not import it.
CONF_URL: Final = "url"
CONF_USERNAME: Final = "username"
CONF_PASSWORD: Final = "password"  # noqa: S105 - the name of a field
CONF_CLIENT_ID: Final = "client_id"
CONF_CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the name of a field
CONF_INSTALLATION: Final = "installation"
CONF_ACCEPT_TERMS: Final = "accept_terms"

CONF_POWER_INTERVAL: Final = "power_interval"
DEFAULT_POWER_INTERVAL: Final = 15
CONF_VALVES: Final = "valves"
CONF_DIMMERS: Final = "dimmers"
CONF_GROUP_ACTIONS: Final = "group_actions"
CONF_PULSES: Final = "pulses"

AS_SWITCH: Final = "switch"
AS_VALVE: Final = "valve"
AS_NUMBER: Final = "number"
AS_LIGHT: Final = "light"
AS_SCENE: Final = "scene"
AS_BUTTON: Final = "button"

CLOUD_INTERVAL: Final = 30.0
"""Seconds between two polls of the cloud, which gives no limit of its own (§3.2)."""
TICK: Final = 5.0
"""Seconds between two looks at what is due locally; mostly nothing is."""
