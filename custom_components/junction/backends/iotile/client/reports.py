"""Check device reports for errors that the server would refuse, crash on, or ignore.

See docs/protocols/iotile.md#streamer-reports.
"""

from dataclasses import dataclass
import hashlib
import json
import struct
from typing import Final

from ...http import json_fields as j
from .errors import (
    BadReportError,
    ReportCutError,
    ReportDamagedError,
    ReportFieldsError,
    ReportSignedError,
)
from .msgpack import unpack
from .slugs import device_slug

_HEADER: Final = struct.Struct("<BBHIIIBBH")
_READING: Final = struct.Struct("<HHIII")
_FOOTER: Final = struct.Struct("<II16s")
_MAPS: Final = frozenset({*range(0x80, 0x90), 0xDE, 0xDF})
"""First bytes of MessagePack data that begins with a map."""
_FIELDS: Final = (
    "device",
    "streamer_index",
    "streamer_selector",
    "device_sent_timestamp",
    "lowest_id",
    "highest_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A valid report. ``suffix`` is the file extension of its format."""

    device: str
    index: int
    lowest: int
    highest: int
    readings: int
    suffix: str


def read_report(content: bytes) -> Report:
    """Check a report as far as possible without the device's keys.

    Raises BadReportError or what it is in particular.
    """
    if content.lstrip()[:1] == b"{":
        try:
            found = json.loads(content)
        except ValueError:
            raise ReportDamagedError from None
        return _read_flexible(found, ".json")
    if content[:1] and content[0] in _MAPS:
        try:
            found = unpack(content)
        except ValueError:
            raise ReportDamagedError from None
        return _read_flexible(found, ".mp")
    return _read_binary(content)


def _read_binary(content: bytes) -> Report:
    if len(content) < _HEADER.size + _FOOTER.size:
        raise ReportCutError
    kind, low, high, device, _, _, flags, index, _ = _HEADER.unpack_from(content)
    length = low + (high << 8)
    if kind != 1:
        raise BadReportError
    if length != len(content):
        raise ReportCutError
    body = content[_HEADER.size : -_FOOTER.size]
    if len(body) % _READING.size:
        raise ReportCutError
    lowest, highest, digest = _FOOTER.unpack_from(content, len(content) - _FOOTER.size)
    if hashlib.sha256(content[:-16]).digest()[:16] != digest and not flags:
        raise ReportDamagedError
    if flags:
        raise ReportSignedError
    ids = [number for _, _, number, _, _ in _READING.iter_unpack(body)]
    if ids != sorted(set(ids)):
        raise ReportDamagedError
    if ids and (lowest, highest) != (ids[0], ids[-1]):
        raise ReportDamagedError
    return Report(
        device=device_slug(device),
        index=index,
        lowest=lowest,
        highest=highest,
        readings=len(ids),
        suffix=".bin",
    )


def _read_flexible(found: object, suffix: str) -> Report:
    """Read a report that is a map, in JSON or MessagePack."""
    if missing := [name for name in _FIELDS if j.integer(found, name) is None]:
        raise ReportFieldsError(missing=", ".join(missing))
    rows = [*(j.mappings(found, "data") or ()), *(j.mappings(found, "events") or ())]
    if not rows:
        raise ReportFieldsError(missing="data")
    if any(j.integer(row, "streamer_local_id") is None for row in rows):
        raise ReportFieldsError(missing="streamer_local_id")
    index, lowest, highest = (
        j.integer(found, name) or 0
        for name in ("streamer_index", "lowest_id", "highest_id")
    )
    return Report(
        device=device_slug(j.integer(found, "device") or 0),
        index=index,
        lowest=lowest,
        highest=highest,
        readings=len(rows),
        suffix=suffix,
    )
