"""Options, with their limits and defaults."""

from typing import Final

NAME: Final = "iotile"
TITLE: Final = "IOTile Cloud"
DEFAULT_URL: Final = "https://iotile.cloud"

CONF_USER: Final = "user"
CONF_INTERVAL: Final = "interval"
CONF_PROJECTS: Final = "projects"
CONF_LATE: Final = "late_hours"
CONF_READINGS: Final = "readings"
CONF_INTERVALS: Final = "intervals"
CONF_HISTORY: Final = "history"

DEFAULT_INTERVAL: Final = 10
"""Minutes between two reads of a device."""
MIN_INTERVAL: Final = 0.5
MAX_INTERVAL: Final = 1440
DEFAULT_LATE: Final = 48
"""Hours that are read again for points that arrived late."""
MAX_LATE: Final = 168
