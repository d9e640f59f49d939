"""Settings of a DSMR-reader, with defaults."""

from typing import Final

NAME: Final = "dsmr_reader"

CONF_INTERVAL: Final = "interval"
CONF_HISTORY: Final = "history"

DEFAULT_INTERVAL: Final = 10
DEFAULT_HISTORY: Final = True
