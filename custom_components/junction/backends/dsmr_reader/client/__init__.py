"""Client of DSMR-reader's API: read it, poll it, and work its history out.

Free of Home Assistant. ``ReaderClient`` reads through a ``ReaderApi`` of
``forward.client``, ``Poller`` asks for what is due, ``History`` turns meter positions
into hours. What the server says on the wire: ``docs/protocols/dsmr_reader.md``.
"""

from .api import ReaderClient
from .contracts import Contract
from .day_statistics import DayStatistics, HourStatistics
from .history import History
from .ledger import Ledger
from .models import Reading
from .poller import Poller
from .state import ReaderState
from .stretch import Stretch

__all__ = [
    "Contract",
    "DayStatistics",
    "History",
    "HourStatistics",
    "Ledger",
    "Poller",
    "ReaderClient",
    "ReaderState",
    "Reading",
    "Stretch",
]
