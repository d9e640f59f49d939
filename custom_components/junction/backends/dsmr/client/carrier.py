"""How a line carries telegrams."""

from enum import StrEnum
from typing import Final

from .dlms.models import Wire


class Carrier(StrEnum):
    """How the line carries telegrams."""

    UNKNOWN = "unknown"
    CLEAR = "clear"
    ENCRYPTED = "encrypted"
    RFXTRX = "rfxtrx"
    HDLC = "hdlc"
    """DLMS push in HDLC frames."""
    HDLC_ENCRYPTED = "hdlc_encrypted"
    MBUS = "mbus"
    """DLMS push in frames of wired M-Bus."""
    MBUS_ENCRYPTED = "mbus_encrypted"
    BARE = "bare"
    """DLMS push without frames, as some gateways forward it."""
    BARE_ENCRYPTED = "bare_encrypted"


_PUSHES: Final = {
    (Wire.HDLC, False): Carrier.HDLC,
    (Wire.HDLC, True): Carrier.HDLC_ENCRYPTED,
    (Wire.MBUS, False): Carrier.MBUS,
    (Wire.MBUS, True): Carrier.MBUS_ENCRYPTED,
    (Wire.BARE, False): Carrier.BARE,
    (Wire.BARE, True): Carrier.BARE_ENCRYPTED,
}


def carrier_of(wire: Wire | None, *, encrypted: bool) -> Carrier:
    """Return the carrier of DLMS pushes in these frames, None without frames."""
    return _PUSHES[wire or Wire.BARE, encrypted]
