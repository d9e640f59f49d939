"""A simulated DSMR-reader on loopback, with its two APIs, its processing, and its bugs."""

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
