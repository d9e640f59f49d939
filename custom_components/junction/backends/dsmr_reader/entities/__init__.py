"""Points of a server."""

from typing import Final

from .day import DAY_DESCRIPTIONS
from .meter import METER_DESCRIPTIONS
from .reading import READING_DESCRIPTIONS

DESCRIPTIONS: Final = (*READING_DESCRIPTIONS, *DAY_DESCRIPTIONS, *METER_DESCRIPTIONS)
