"""Devices and points of a meter.

One row is one entity; lines that the meter does not print have none. The rows follow
``docs/protocols/dsmr.md#electricity``; ``mbus.py`` has the M-Bus meters
(``docs/protocols/dsmr.md#m-bus-devices``).
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
