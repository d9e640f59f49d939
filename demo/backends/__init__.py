"""Simulated systems of the demo, one module for each backend."""

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
"""Adds a system to the house; its files are kept in the folder."""

SYSTEMS: Final[Mapping[str, MakeSystem]] = {
    "cozify": SimulatedCozify,
    "dsmr": SimulatedMeter,
    "dsmr_reader": SimulatedReader,
    "iotile": SimulatedCloud,
    "mycodo": SimulatedMycodo,
    "openmotics": SimulatedGateway,
}
"""The simulated systems, by name of the backend."""
