"""Simulated systems of the demo: one module for each backend."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from simulators.house import House

from .base import SimulatedSystem
from .cozify import SimulatedCozify
from .dsmr import SimulatedMeter
from .dsmr_reader import SimulatedReader
from .iotile import SimulatedCloud
from .mycodo import SimulatedMycodo
from .openmotics import SimulatedGateway

type MakeSystem = Callable[[House, Path], SimulatedSystem]
"""Puts a system into the house; the folder is kept for it."""

SYSTEMS: Final[Mapping[str, MakeSystem]] = {
    "cozify": SimulatedCozify,
    "dsmr": SimulatedMeter,
    "dsmr_reader": SimulatedReader,
    "iotile": SimulatedCloud,
    "mycodo": SimulatedMycodo,
    "openmotics": SimulatedGateway,
}
"""What there is, by name of the backend."""
