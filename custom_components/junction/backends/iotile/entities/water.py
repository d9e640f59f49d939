"""Points of a stream of interval volumes: total, flow, and daily consumption."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfVolumeFlowRate
from homeassistant.util import dt as dt_util

from ....model import Detailed, SensorPoint
from ..client.models import Stream
from ..client.state import IOTileState
from .description import PointDescription, value_of
from .readings import Reading
from .streams import class_of
from .units import Convert, Meaning, meaning

_RATES: Final[Mapping[str, UnitOfVolumeFlowRate]] = {
    "lpm": UnitOfVolumeFlowRate.LITERS_PER_MINUTE,
    "gpm": UnitOfVolumeFlowRate.GALLONS_PER_MINUTE,
    "lph": UnitOfVolumeFlowRate.LITERS_PER_HOUR,
    "gph": UnitOfVolumeFlowRate.GALLONS_PER_HOUR,
}
"""Units of flow that the server has for a volume, the preferred one first."""
_DAY: Final = timedelta(days=1)


def use(
    state: IOTileState, device: str, stream: Stream, name: str
) -> list[PointDescription]:
    """Return the points of the consumption, in addition to the last interval."""
    means = meaning(stream)
    native = means.native(stream)
    found = [
        _total(state, device, stream, name, means),
        _day(state, device, stream, name, means, today=True),
        _day(state, device, stream, name, means, today=False),
    ]
    rate = next((unit for unit in _RATES if unit in _rates(stream)), None)
    if rate is not None and not means.stored:
        found.append(_flow(state, device, stream, name, rate, native))
    return found


def _rates(stream: Stream) -> Mapping[str, object]:
    return stream.output_unit.rates if stream.output_unit else {}


def _total(
    state: IOTileState, device: str, stream: Stream, name: str, means: Meaning
) -> PointDescription:
    native = means.native(stream)

    def show() -> float | None:
        total = state.ledger.totals.get(stream.slug)
        return None if total is None else native(total)

    point = SensorPoint(
        device=device,
        placeholders={"name": name},
        description=SensorEntityDescription(
            key=f"{stream.variable:04x}_total",
            translation_key="iotile_total",
            device_class=class_of(means, Reading.METER),
            native_unit_of_measurement=means.unit,
            state_class=SensorStateClass.TOTAL_INCREASING,
        ),
    )
    return PointDescription(point, show, stream, Reading.INTERVAL, derived=True)


def _day(
    state: IOTileState,
    device: str,
    stream: Stream,
    name: str,
    means: Meaning,
    *,
    today: bool,
) -> PointDescription:
    """Return the consumption of today or yesterday; late data counts for its own day."""
    native, kept = means.native(stream), _Kept(state, stream.slug)

    def show() -> object:
        start = dt_util.start_of_local_day(dt_util.as_local(state.now()))
        if not today:
            start = dt_util.start_of_local_day(start - _DAY / 2)
        end = dt_util.start_of_local_day(start + _DAY * 1.5)
        used = kept.used(start, end)
        if used is None:
            return None
        # Yesterday has no last reset: Home Assistant refuses that without a total.
        return Detailed(native(used), {}, last_reset=start) if today else native(used)

    kind = "today" if today else "yesterday"
    point = SensorPoint(
        device=device,
        placeholders={"name": name},
        description=SensorEntityDescription(
            key=f"{stream.variable:04x}_{kind}",
            translation_key=f"iotile_{kind}",
            device_class=class_of(means, Reading.METER),
            native_unit_of_measurement=means.unit,
            state_class=SensorStateClass.TOTAL if today else None,
            entity_registry_enabled_default=today,
        ),
    )
    return PointDescription(point, show, stream, Reading.INTERVAL, derived=True)


class _Kept:
    """Consumption of a stream in one day, summed again only for new data."""

    def __init__(self, state: IOTileState, stream: str) -> None:
        """Initialize; nothing is summed yet."""
        self._state = state
        self._stream = stream
        self._basis: tuple[datetime, int] | None = None
        self._used: float | None = None

    def used(self, start: datetime, end: datetime) -> float | None:
        """Return the volume between two times, in the storage unit; None if unknown."""
        ledger = self._state.ledger
        basis = start, ledger.revisions[self._stream]
        if basis != self._basis:
            self._basis = basis
            self._used = ledger.used(self._stream, start, end)
        return self._used


def _flow(
    state: IOTileState,
    device: str,
    stream: Stream,
    name: str,
    rate: str,
    native: Convert,
) -> PointDescription:
    """Return the mean flow in the last interval, with the server's factors."""
    assert stream.output_unit is not None  # it has the units of flow
    m, d = stream.output_unit.rates[rate]
    convert: Callable[[float], float] = lambda stored: native(stored) * m / d  # noqa: E731
    point = SensorPoint(
        device=device,
        placeholders={"name": name},
        description=SensorEntityDescription(
            key=f"{stream.variable:04x}_flow",
            translation_key="iotile_flow",
            device_class=SensorDeviceClass.VOLUME_FLOW_RATE,
            native_unit_of_measurement=_RATES[rate],
            state_class=SensorStateClass.MEASUREMENT,
        ),
    )
    return PointDescription(
        point,
        lambda: value_of(state, stream.slug, convert),
        stream,
        Reading.INTERVAL,
        derived=True,
    )
