"""Client of DSMR-reader servers that telegrams are delivered to.

Free of Home Assistant. ``ReaderApi`` makes the requests, ``DiskQueue`` keeps what waits,
``Forwarder`` sends it. See ``docs/protocols/dsmr_reader.md#forwarding``.
"""

from .api import ReaderApi, normal_url, reader_url
from .errors import ApiDisabledError, TelegramRefusedError
from .health import Health, Limits
from .queue import PARSED, RAW, DiskQueue, Item
from .worker import Forwarder

__all__ = [
    "PARSED",
    "RAW",
    "ApiDisabledError",
    "DiskQueue",
    "Forwarder",
    "Health",
    "Item",
    "Limits",
    "ReaderApi",
    "TelegramRefusedError",
    "normal_url",
    "reader_url",
]
