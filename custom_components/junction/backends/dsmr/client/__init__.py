"""Client library for smart meters with a P1 port, free of Home Assistant.

``P1Listener`` listens to one meter and passes on every accepted ``Telegram``; ``probe``
listens once and identifies what is on a port; ``P1Stream`` takes bytes from any source;
``parse_telegram`` parses a single telegram. Protocol: ``docs/protocols/dsmr.md``.
"""

from .carrier import Carrier
from .dialect import Dialect, dialect_of
from .encryption import Keys, parse_keys
from .listener import LinkState, LinkStatus, P1Listener
from .models import Telegram
from .probe import ProbeResult, probe
from .stream import P1Stream
from .telegram import TelegramError, parse_telegram
from .transport import open_port

__all__ = [
    "Carrier",
    "Dialect",
    "Keys",
    "LinkState",
    "LinkStatus",
    "P1Listener",
    "P1Stream",
    "ProbeResult",
    "Telegram",
    "TelegramError",
    "dialect_of",
    "open_port",
    "parse_keys",
    "parse_telegram",
    "probe",
]
