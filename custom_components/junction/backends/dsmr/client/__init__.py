"""Client library for smart meters with a P1 port; knows nothing of Home Assistant.

``P1Listener`` keeps listening to one meter and hands over every accepted ``Telegram``;
``probe`` listens once and tells what is on a port; ``P1Stream`` takes bytes from wherever
they come; ``parse_telegram`` reads a single telegram. What meters send is described in
``docs/protocols/dsmr.md``.
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
