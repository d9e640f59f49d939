"""All points of a server."""

from typing import Final

from .day import DAY_SOURCES
from .meter import METER_SOURCES
from .reading import READING_SOURCES

SOURCES: Final = (*READING_SOURCES, *DAY_SOURCES, *METER_SOURCES)
