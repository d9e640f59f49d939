"""Settings of a forwarding target, with defaults."""

from typing import Final

SUBENTRY_TYPE: Final = "dsmr_reader_target"

CONF_URL: Final = "url"
CONF_API_KEY: Final = "api_key"
CONF_PROXY: Final = "proxy"
CONF_USERNAME: Final = "username"
CONF_PASSWORD: Final = "password"  # noqa: S105 - the name of a field

CONF_MODE: Final = "mode"
CONF_INTERVAL: Final = "interval"
CONF_QUEUE: Final = "queue"
CONF_SIZE: Final = "size"
CONF_DAYS: Final = "days"

MODE_AUTO: Final = "auto"
MODE_RAW: Final = "raw"
MODE_PARSED: Final = "parsed"
MODES: Final = (MODE_AUTO, MODE_RAW, MODE_PARSED)

DEFAULT_INTERVAL: Final = 10
DEFAULT_SIZE: Final = 500
"""In MB; seven days at one telegram per second take about 350."""
DEFAULT_DAYS: Final = 7
