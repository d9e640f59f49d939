"""Names shared by the Home Assistant side of this backend."""

from typing import Final

NAME: Final = "mycodo"

CONF_INTERVAL: Final = "interval"
"""Option: seconds between two reads of the outputs."""
CONF_REMOTE_PUSH: Final = "remote_push"
"""Option: take pushes from outside the local network, too."""

DEFAULT_INTERVAL: Final = 10
MIN_INTERVAL: Final = 5
MAX_INTERVAL: Final = 300
