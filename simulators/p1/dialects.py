"""All dialects of P1 by name."""

from .dialects_eu import ABROAD
from .dialects_nl import DUTCH

DIALECTS = {dialect.name: dialect for dialect in (*DUTCH, *ABROAD)}
