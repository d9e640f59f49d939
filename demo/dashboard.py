"""Junction's own dashboard in the demo, added as a user adds it."""

from typing import Final

from .api import Json

URL_PATH: Final = "junction-house"
TITLE: Final = "Junction"
CONFIG: Final[dict[str, Json]] = {"strategy": {"type": "custom:junction"}}
