"""Parse DataNotifications (``docs/protocols/dlms.md#datanotification``)."""

from typing import Final, NamedTuple

from . import axdr
from .axdr import AxdrError, AxdrShortError, Node
from .clock import SIZE, read_clock
from .models import ClockTime

TAG: Final = 0x0F
LLC: Final = b"\xe6\xe7\x00"
_INVOKE: Final = 4
_NO_TIME: Final = 0x00
_TIME_TAG: Final = 0x19


class Notification(NamedTuple):
    """Time and list of a notification."""

    time: ClockTime | None
    body: Node


def read_notification(data: bytes, at: int = 0) -> tuple[Notification, int]:
    """Return the notification that begins ``at``, and its end.

    Raises AxdrError, and AxdrShortError if only the end is missing.
    """
    if data[at : at + 1] != bytes((TAG,)):
        raise (AxdrError if len(data) > at else AxdrShortError)("no notification")
    time, at = _time(data, at + 1 + _INVOKE)
    if at < len(data) and data[at] not in (axdr.ARRAY, axdr.STRUCTURE):
        raise AxdrError("no list")
    body, at = axdr.read(data, at)
    return Notification(time, body), at


def _time(data: bytes, at: int) -> tuple[ClockTime | None, int]:
    if at >= len(data):
        raise AxdrShortError
    form = data[at]
    if form == _NO_TIME:
        return None, at + 1
    if form == axdr.OCTETS:
        at += 1
        if at >= len(data):
            raise AxdrShortError
        form = data[at]
    if form not in (SIZE, _TIME_TAG):
        raise AxdrError("no time")
    at += 1
    if at + SIZE > len(data):
        raise AxdrShortError
    return read_clock(data[at : at + SIZE]), at + SIZE


def read_all(apdu: bytes) -> list[Notification]:
    """Return the notifications in an APDU: usually one, but some meters send three.

    Raises AxdrError if other data is left: without a checksum, this is the only proof
    that everything is valid.
    """
    found: list[Notification] = []
    at = 0
    while at < len(apdu):
        if apdu.startswith(LLC, at):
            at += len(LLC)
        notification, at = read_notification(apdu, at)
        found.append(notification)
    return found
