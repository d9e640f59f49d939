"""All houses under test."""

from .cozify import CozifyHub, CozifyRemote
from .dsmr_reader import DsmrReader
from .house import House
from .iotile import IOTile
from .mycodo import Mycodo
from .openmotics import OpenMoticsCloud, OpenMoticsLegacyCloud, OpenMoticsLocal

HOUSES: tuple[type[House], ...] = (
    Mycodo,
    OpenMoticsLocal,
    OpenMoticsCloud,
    OpenMoticsLegacyCloud,
    CozifyHub,
    CozifyRemote,
    DsmrReader,
    IOTile,
)
