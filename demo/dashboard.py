"""Dashboard of the demo: Junction's own, as a person adds it."""

from typing import Final

from .api import Json

URL_PATH: Final = "junction-house"
TITLE: Final = "Junction"
CONFIG: Final[dict[str, Json]] = {"strategy": {"type": "custom:junction"}}
