"""Client of DSMR-reader's API: read and poll it, and calculate its history.

Free of Home Assistant. ``ReaderClient`` reads through a ``ReaderApi`` of
``forward.client``, ``Poller`` requests what is due, ``History`` converts meter
positions to hourly values. Protocol: ``docs/protocols/dsmr_reader.md``.
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
