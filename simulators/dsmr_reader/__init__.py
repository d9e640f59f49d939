"""A simulated DSMR-reader: its two APIs, its processing and its quirks, on loopback."""

from .past import Past, PastPlan
from .server import DsmrReaderServer
from .state import Price, State, Vendor, make_key

__all__ = [
    "DsmrReaderServer",
    "Past",
    "PastPlan",
    "Price",
    "State",
    "Vendor",
    "make_key",
]
