"""Combine the lines of one M-Bus device (``docs/protocols/dsmr.md#m-bus-devices``)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from .models import MBusDevice, MBusReading, Reading, Stamp

# Ids of readings, best first: temperature-corrected or the only one; Belgium; DSMR 2.2
# and 3.0.
_READINGS: Final = ("24.2.1", "24.2.3", "24.3.0", "24.3.1")
_IDS: Final = ("96.1.0", "96.1.1")

# Some meters print an invalid time of the reading; clocks differ by minutes.
_FUTURE: Final = timedelta(days=1)

# The readings of two active meters of one kind are never this far apart.
_STALE: Final = timedelta(days=2)

GAS: Final = 3
DIRECT_CHANNEL: Final = 0


def build_device(
    channel: int, readings: Mapping[str, Reading], now: datetime
) -> MBusDevice:
    """Return the device on a channel.

    ``now`` is the meter's winter time (as ``Stamp.standard``); readings from more than
    a day after it are not usable.
    """
    if channel == DIRECT_CHANNEL:
        return _direct(readings, now)
    prefix = f"0-{channel}:"
    own = next(
        (line for e in _IDS if (line := readings.get(prefix + e)) and line.raw), None
    )
    ean = readings.get(prefix + "96.1.2")
    return MBusDevice(
        channel=channel,
        type=_integer(readings.get(prefix + "24.1.0")),
        id=own.raw if own else None,
        id_text=_text(own),
        ean=_text(ean),
        valve=_integer(readings.get(prefix + "24.4.0")),
        reading=_best((cde, readings.get(prefix + cde), now) for cde in _READINGS),
    )


def _direct(readings: Mapping[str, Reading], now: datetime) -> MBusDevice:
    own = readings.get("7-0:0.0.0")
    return MBusDevice(
        channel=DIRECT_CHANNEL,
        type=GAS,
        id=own.raw if own else None,
        id_text=_text(own),
        reading=_best([("23.1.0", readings.get("7-0:23.1.0"), now)]),
    )


def _best(
    lines: Iterable[tuple[str, Reading | None, datetime]],
) -> MBusReading | None:
    """Return the first usable reading, else the first one."""
    best: MBusReading | None = None
    for cde, line, now in lines:
        if line is None or not isinstance(line.value, MBusReading):
            continue
        reading = replace(line.value, obis=cde)
        if reading.usable and reading.stamp.order > now + _FUTURE:
            # The clock is wrong, permanently on some meters, but the value may be
            # valid.
            stamp = Stamp(reading.stamp.text, None)
            usable = reading.unit is not None and reading.value != 0
            reading = replace(reading, stamp=stamp, usable=usable)
        if reading.usable:
            return reading
        best = best or reading
    return best


def _integer(line: Reading | None) -> int | None:
    return line.value if line and isinstance(line.value, int) else None


def _text(line: Reading | None) -> str | None:
    return line.value if line and isinstance(line.value, str) else None


def live_devices(devices: Mapping[int, MBusDevice]) -> tuple[MBusDevice, ...]:
    """Return the active devices by channel.

    Excluded are empty slots, and of several devices of one type those whose last
    reading is much older than the newest: a replaced meter stays in the telegram for
    years, with or without its old id.
    """
    newest: dict[int | None, datetime] = {}
    for device in devices.values():
        reading = device.reading
        if reading is not None and reading.usable and reading.stamp.is_set:
            at = reading.stamp.order
            newest[device.type] = max(at, newest.get(device.type, at))
    return tuple(
        device
        for _, device in sorted(devices.items())
        if device.is_present and not _is_stale(device, newest.get(device.type))
    )


def _is_stale(device: MBusDevice, newest: datetime | None) -> bool:
    if newest is None:
        return False
    if device.reading is None:
        # Just installed, or not read yet: assume that it is active.
        return False
    return not device.reading.usable or device.reading.stamp.order < newest - _STALE


def is_newer(one: Reading, other: Reading) -> bool:
    """Return whether the reading of an M-Bus meter is newer than another."""
    new, old = one.value, other.value
    if not isinstance(new, MBusReading) or not new.usable:
        return False
    if not isinstance(old, MBusReading) or not old.usable:
        return True
    return new.stamp.order > old.stamp.order
