"""The simulated systems of the demo: one module for each of Junction's backends."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from simulators.house import House

from .base import SimulatedSystem
from .dsmr import SimulatedMeter

SYSTEMS: Final[Mapping[str, Callable[[House, Path], SimulatedSystem]]] = {
    "dsmr": SimulatedMeter,
}
"""By name of the backend: what to make of the house and a folder that is kept."""
