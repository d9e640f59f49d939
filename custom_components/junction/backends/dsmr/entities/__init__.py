"""Devices and points of a meter.

One row is one entity; a line that the meter does not print gives none. The rows follow
``docs/protocols/dsmr.md#electricity``; ``mbus.py`` has the meters behind the electricity
meter (``docs/protocols/dsmr.md#m-bus-devices``).
"""

from typing import Final

from .breaker import breaker
from .demand import demand
from .description import PointDescription
from .energy import energy
from .grid import grid, limits, quality
from .messages import messages
from .meter import clock
from .power import power

DESCRIPTIONS: Final[tuple[PointDescription, ...]] = (
    *energy(),
    *power(),
    *demand(),
    *grid(),
    *quality(),
    *limits(),
    *breaker(),
    *messages(),
    *clock(),
)
