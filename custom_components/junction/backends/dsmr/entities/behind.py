"""M-Bus meters of one electricity meter, and their readings."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ....model import DeviceSpec, Point, PointKey
from ..client.mbus import live_devices
from ..client.models import MBusDevice, MBusReading, Telegram
from ..client.units import converted
from .mbus import READ_AT, READING, VALVE, VALVES, device_id, device_points, device_spec

# Lines of M-Bus meters come and go with their radio; after this many seconds without
# them a meter counts as gone.
VANISHED: Final = 3600.0


class MetersBehind:
    """M-Bus meters of one electricity meter.

    A meter whose lines are missing for ``VANISHED`` seconds counts as gone. Its last
    values stay valid until new ones arrive.
    """

    def __init__(self) -> None:
        """Initialize without meters."""
        self._devices: dict[str, MBusDevice] = {}
        self._units: dict[str, str | None] = {}
        # By channel and id: the channel of meters that share an id with another one.
        self._twins: dict[tuple[int, str], int | None] = {}
        self._seen: dict[str, float] = {}
        self._gone: set[str] = set()

    def __contains__(self, device: str) -> bool:
        """Return whether a device is one of them."""
        return device in self._devices

    @property
    def gone(self) -> frozenset[str]:
        """Return the devices whose lines have been missing for too long."""
        return frozenset(self._gone)

    def recall(self, known: Mapping[str, Any]) -> None:
        """Restore a stored meter."""
        facts = dict(known)
        unit = facts.pop("unit")
        device = MBusDevice(**facts)
        if device.id is not None:
            self._twins[device.channel, device.id] = device.twin
        self._devices[device_id(device)] = device
        self._units[device_id(device)] = unit

    def remember(self) -> list[dict[str, Any]]:
        """Return the input of ``recall`` for each meter, without those that are gone."""
        return [
            {
                "channel": device.channel,
                "type": device.type,
                "id": device.id,
                "id_text": device.id_text,
                "valve": device.valve,
                "twin": device.twin,
                "unit": self._units.get(own),
            }
            for own, device in self._there()
        ]

    def specs(self) -> Iterator[DeviceSpec]:
        """Yield the devices, without those that are gone, which only the user may delete."""
        return (device_spec(device) for _, device in self._there())

    def points(self) -> Iterator[Point[Any]]:
        """Yield the points."""
        for own, device in self._there():
            yield from device_points(device, self._units.get(own))

    def _there(self) -> Iterator[tuple[str, MBusDevice]]:
        return (
            (own, device)
            for own, device in self._devices.items()
            if own not in self._gone
        )

    def take(self, telegram: Telegram, states: dict[PointKey, object]) -> bool:
        """Take over the M-Bus meters; return whether devices or points change."""
        changed = False
        for device in self._live(telegram):
            own = device_id(device)
            before, unit = self._devices.get(own), self._units.get(own)
            device = self._devices[own] = _completed(device, before)
            reading = device.reading
            usable = reading if reading is not None and reading.usable else None
            value, self._units[own] = _in_unit(usable, unit)
            changed |= (
                before is None
                or _shown(before) != _shown(device)
                or self._units[own] != unit
            )
            states[own, READING.key] = value
            states[own, READ_AT.key] = telegram.utc(usable.stamp if usable else None)
            if device.valve is not None:
                states[own, VALVE.key] = VALVES.get(device.valve)
        return changed

    def watch(self, telegram: Telegram, now: float) -> dict[str, bool]:
        """Return which meters disappeared (False) or returned (True)."""
        devices = {}
        present = {device_id(device) for device in self._live(telegram)}
        for own in self._devices:
            if own in present:
                self._seen[own] = now
                if own in self._gone:
                    self._gone.discard(own)
                    devices[own] = True
            elif own not in self._gone and now - self._seen.setdefault(own, now) > (
                VANISHED
            ):
                self._gone.add(own)
                devices[own] = False
        return devices

    def _live(self, telegram: Telegram) -> tuple[MBusDevice, ...]:
        """Return the active meters; of two with the same id, the later one as a twin."""
        live = live_devices(telegram.mbus)
        present = {(device.channel, device.id) for device in live}
        for channel, own in present:
            if own is None or (channel, own) in self._twins:
                continue
            others = [
                other
                for other, twin in self._twins.items()
                if other[1] == own and twin is None
            ]
            held = [other for other in others if other in present]
            lower = any(other < channel for other, it in present if it == own)
            if not held and not lower:
                # The only one, or moved here from a channel that is empty now.
                for other in others:
                    del self._twins[other]
            self._twins[channel, own] = channel if held or lower else None
        return tuple(
            replace(device, twin=twin)
            if device.id is not None
            and (twin := self._twins.get((device.channel, device.id)))
            else device
            for device in live
        )


def _shown(device: MBusDevice) -> tuple[object, ...]:
    """Return everything that determines the points of a device."""
    return (device.type, device.id_text, device.valve is None)


def _in_unit(
    reading: MBusReading | None, unit: str | None
) -> tuple[float | None, str | None]:
    """Return a reading in the displayed unit, and the unit to display from now on.

    If the quantity changed, which the client accepts only after a while, its own unit
    is used.
    """
    if reading is None or reading.value is None:
        return None, unit
    if unit is not None:
        value = converted(reading.value, reading.unit, unit)
        if value is not None:
            return value, unit
    return reading.value, reading.unit


def _completed(device: MBusDevice, before: MBusDevice | None) -> MBusDevice:
    """Return a device with earlier values for what this telegram omits.

    In particular a valid reading is never replaced by "not read yet".
    """
    if before is None:
        return device
    reading = device.reading
    return replace(
        device,
        type=before.type if device.type is None else device.type,
        id_text=device.id_text or before.id_text,
        valve=before.valve if device.valve is None else device.valve,
        reading=reading if reading is not None and reading.usable else before.reading,
    )
