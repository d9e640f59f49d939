"""Names of what is stored in an entry."""

from typing import Final

NAME: Final = "dsmr"

CONF_PORT: Final = "port"
"""Path or URL; Home Assistant shows who uses a port by this name."""
CONF_BAUDRATE: Final = "baudrate"
CONF_KEY: Final = "encryption_key"
CONF_AUTHENTICATION_KEY: Final = "authentication_key"
CONF_EQUIPMENT: Final = "equipment_id"
"""The meter's own id as printed; None when it prints none."""

CONF_POWER_INTERVAL: Final = "power_interval"
CONF_SLOW_INTERVAL: Final = "slow_interval"
CONF_GRACE: Final = "grace"
CONF_TARIFFS: Final = "tariffs"
CONF_UTC_OFFSET: Final = "utc_offset"

DEFAULT_POWER_INTERVAL: Final = 5
DEFAULT_SLOW_INTERVAL: Final = 30
DEFAULT_GRACE: Final = 60
AUTOMATIC: Final = "auto"
