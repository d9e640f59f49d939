"""Which entities a meter gives, and where in the telegram each value stands.

One row is one entity; what a meter does not print gives no entity. The rows follow
reference §2.2. ``mbus.py`` has the meters behind the electricity meter.
"""

from typing import Final

from .grid import grid, limits, quality
from .news import demand, status
from .power import energy, power
from .source import Source

SOURCES: Final[tuple[Source, ...]] = (
    *energy(),
    *power(),
    *demand(),
    *grid(),
    *quality(),
    *limits(),
    *status(),
)
