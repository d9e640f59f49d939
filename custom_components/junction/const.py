"""Constants shared by all modules."""

import logging
from typing import Final

DOMAIN: Final = "junction"
LOGGER: Final = logging.getLogger(__package__)

MANUFACTURER: Final = "Junction"

CONF_BACKEND: Final = "backend"

ENTRY_VERSION: Final = 1
ENTRY_MINOR_VERSION: Final = 1
"""Minor version of new entries; two flow classes share it."""

ATTR_DURATION: Final = "duration"
ATTR_ENTRY: Final = "entry"
SERVICE_TURN_ON_FOR: Final = "turn_on_for"
