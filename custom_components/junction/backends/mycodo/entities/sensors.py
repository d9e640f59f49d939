"""Measurements of inputs, functions, PID controllers, and outputs.

See docs/protocols/mycodo.md#measurements and
docs/protocols/mycodo.md#units-and-measurement-types.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfTime, UnitOfVolume

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    Detailed,
    EventPoint,
    Point,
    SensorPoint,
)
from ..client import (
    DeviceKind,
    Listing,
    MeasurementRow,
    MycodoState,
    OutputKind,
    output_kind,
    unit_text,
)
from .description import DescribedPoint, Source
from .events import EDGE, FALLING, RISING
from .meaning import Meaning, meaning

# Recorded each time an output is switched; a daily sum is more useful.
_TOTALLED: Final = ("duration_time", "volume")


def build(listing: Listing) -> Iterator[DescribedPoint]:
    """Yield the points of all measurements."""
    for device, rows in listing.rows_by_device().items():
        match listing.device_kind(device):
            case None:
                # The device was deleted, or its type is not listed.
                continue
            case DeviceKind.OUTPUT:
                yield from _of_output(listing, device, rows)
            case kind:
                yield from _of_device(
                    listing, device, rows, enabled=kind is not DeviceKind.PID
                )


def _of_device(
    listing: Listing, device: str, rows: list[MeasurementRow], *, enabled: bool
) -> Iterator[DescribedPoint]:
    beside = frozenset(row.meaning for row in rows)
    names = Counter(row.name for row in rows)
    meanings = Counter(row.meaning for row in rows if not row.name)
    setpoints = ("setpoint", "setpoint_band_min", "setpoint_band_max")
    for row in rows:
        unit = listing.unit(row)
        if row.setpoint:
            found = _setpoint(
                listing, row, unit, setpoints[max(0, min(row.channel, 2))]
            )
        elif unit:
            text = unit_text(unit, listing.units)
            found = meaning(row.meaning, unit, text=text, beside=beside)
        else:
            # Nothing is stored until the input is configured.
            continue
        named = {
            "device": device,
            "id": row.id,
            **_name(
                row,
                found,
                alike=names[row.name] > 1,
                several=meanings[row.meaning] > 1,
            ),
        }
        yield _built(row, found, named, enabled=enabled and row.enabled)


def _name(
    row: MeasurementRow, found: Meaning, *, alike: bool, several: bool
) -> dict[str, Any]:
    """Return the arguments of a point that name it: the user's name, or the measurement."""
    if row.name and found.known and found.key.startswith("setpoint"):
        return {"placeholders": {"number": ""}}
    if row.name:
        return {"name": f"{row.name} {row.channel}" if alike else row.name}
    number = f" {row.channel}" if several else ""
    if not found.known:
        words = row.meaning.replace("_", " ").capitalize()
        return {"name": f"{words}{number}"}
    return {"placeholders": {"number": number}}


def _setpoint(listing: Listing, row: MeasurementRow, unit: str, which: str) -> Meaning:
    """Return the meaning of a setpoint: that of the controlled measurement."""
    controlled = listing.controlled(listing.pids.get(row.device))
    if controlled is None:
        return Meaning(which, None, None)
    found = meaning(
        controlled.meaning,
        unit,
        text=unit_text(unit, listing.units),
        beside=frozenset(),
    )
    return Meaning(
        which, found.device_class, found.unit, found.state_class, found.factor
    )


def _built(
    row: MeasurementRow, found: Meaning, named: dict[str, Any], *, enabled: bool
) -> DescribedPoint:
    if found.key == EDGE:
        return _edge(row, named, enabled=enabled)
    point: Point[Any]
    if found.binary:
        point = BinarySensorPoint(
            **named, description=found.binary_sensor(enabled=enabled)
        )
        read = _reader(row, lambda value: value != 0)
    else:
        point = SensorPoint(**named, description=found.sensor(enabled=enabled))
        factor = found.factor
        read = _reader(row, lambda value: value * factor)
    return DescribedPoint(
        point,
        Source.MEASUREMENT,
        read,
        subject=row.id,
        needs=(row.id,),
        factor=found.factor,
    )


def _reader(
    row: MeasurementRow, convert: Callable[[float], object]
) -> Callable[[MycodoState], object]:
    identity, device = row.id, row.device

    def read(mycodo: MycodoState) -> object:
        if (
            mycodo.readings is None
            or identity not in mycodo.readings
            or not mycodo.listing.is_active(device)
        ):
            return UNAVAILABLE
        reading = mycodo.readings[identity]
        return None if reading is None else convert(reading.value)

    return read


def _edge(
    row: MeasurementRow, named: dict[str, Any], *, enabled: bool
) -> DescribedPoint:
    """Return an event entity: each reading is an event, 1 = rising and -1 = falling."""
    point = EventPoint(
        **named,
        description=EventEntityDescription(
            key=EDGE,
            translation_key="mycodo_edge",
            event_types=[RISING, FALLING],
            entity_registry_enabled_default=enabled,
        ),
    )
    return DescribedPoint(
        point, Source.MEASUREMENT, lambda mycodo: None, subject=row.id, needs=(row.id,)
    )


def _of_output(
    listing: Listing, device: str, rows: list[MeasurementRow]
) -> Iterator[DescribedPoint]:
    kind = output_kind(rows)
    others = []
    channels = {
        channel.channel: channel.name
        for channel in listing.outputs.channels
        if channel.output == device
    }
    totalled: set[tuple[str, int]] = set()
    for row in rows:
        if row.measurement not in _TOTALLED or kind not in (
            OutputKind.ON_OFF,
            OutputKind.PUMP,
        ):
            others.append(row)
            continue
        recorded = listing.recorded_channels(row, kind)
        if len(recorded) != 1:
            # The values cannot be attributed to channels, so show none of them.
            continue
        (number,) = recorded
        if (row.measurement, number) in totalled:
            # Duration of a dispense, pauses included.
            others.append(row)
            continue
        totalled.add((row.measurement, number))
        yield _total(
            row,
            kind,
            listing.unit(row),
            number,
            name=channels.get(number) or str(number + 1) if len(channels) > 1 else "",
        )
    # The remaining measurements repeat the state of the output.
    yield from _of_device(listing, device, others, enabled=False)


def _total(
    row: MeasurementRow, kind: OutputKind, unit: str, channel: int, *, name: str
) -> DescribedPoint:
    volume = row.measurement == "volume"
    identity = row.id
    units = {
        "ml": UnitOfVolume.MILLILITERS,
        "l": UnitOfVolume.LITERS,
        "minute": UnitOfTime.MINUTES,
        "h": UnitOfTime.HOURS,
        "day": UnitOfTime.DAYS,
    }
    key = "volume_today" if volume else "on_time_today"

    def read(mycodo: MycodoState) -> object:
        if mycodo.readings is None or identity not in mycodo.sums:
            return UNAVAILABLE
        return Detailed(mycodo.sums[identity], last_reset=mycodo.midnight)

    point = SensorPoint(
        device=row.device,
        id=f"{row.id}_today",
        placeholders={"channel": f" {name}" if name else ""},
        description=SensorEntityDescription(
            key=key,
            translation_key=f"mycodo_{key}",
            device_class=(
                SensorDeviceClass.VOLUME if volume else SensorDeviceClass.DURATION
            ),
            native_unit_of_measurement=units.get(
                unit, UnitOfVolume.MILLILITERS if volume else UnitOfTime.SECONDS
            ),
            state_class=SensorStateClass.TOTAL,
            # Each needs a request, so for relays they are disabled by default.
            entity_registry_enabled_default=kind is OutputKind.PUMP,
        ),
    )
    return DescribedPoint(
        point,
        Source.TOTAL,
        read,
        subject=identity,
        needs=(identity,),
        channel=channel,
    )
