"""M-Bus devices of the meter: gas, water, heat, another electricity meter."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..clock import HOUR, CivilTime
from ..house import Counters, House, Segment
from ..noise import unit as noise
from .dialect import Dialect, Slot
from .registers import UNDEFINED_STAMP, MBusReading, MBusType

CHANNELS = (1, 2, 3, 4)
_DELAY = 300


class NoReading(StrEnum):
    """Output for a device without a reading."""

    MISSING = "missing"
    """Type and id only."""
    ZERO = "zero"
    """An undefined stamp and the value zero."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Measurement of a device type: the counter of the house and its unit."""

    get: Callable[[Counters], int]
    per_unit: int
    """Counts in one printed unit."""
    unit: str
    whole: int
    decimals: int


MEASURES = {
    MBusType.GAS: Measure(lambda counters: counters.gas_ml, 1_000_000, "m3", 5, 3),
    MBusType.WATER: Measure(lambda counters: counters.water_ml, 1_000_000, "m3", 5, 3),
    MBusType.WARM_WATER: Measure(
        lambda counters: counters.water_ml // 4, 1_000_000, "m3", 5, 3
    ),
    MBusType.HEAT: Measure(lambda counters: counters.heat_j, 1_000_000_000, "GJ", 5, 2),
    MBusType.HEAT_INLET: Measure(
        lambda counters: counters.cold_j, 1_000_000_000, "GJ", 5, 2
    ),
    MBusType.ELECTRICITY: Measure(
        lambda counters: counters.charger_ws, 3_600_000, "kWh", 6, 3
    ),
}


@dataclass(slots=True)
class Device:
    """One device on one channel."""

    slot: Slot
    channel: int
    measure: Measure
    decimals: int
    whole: int
    offset: int
    """Counts of the house that this device has not seen."""
    first_step: int
    """Moment of the first reading."""
    no_reading: NoReading = NoReading.MISSING
    dead: bool = False
    read_at: int | None = None
    value: int = 0
    waiting: deque[tuple[int, int, int]] = field(default_factory=deque)
    """Readings on their way: when they arrive, of which moment, how much."""


class MBus:
    """The bus of one meter."""

    def __init__(
        self,
        house: House,
        dialect: Dialect,
        civil: CivilTime,
        slots: tuple[Slot, ...],
        seed: int,
    ) -> None:
        """Connect the devices of a new meter, with their last readings."""
        self._house = house
        self._dialect = dialect
        self._civil = civil
        self._seed = seed
        self._devices: dict[int, Device] = {}
        for channel, slot in zip(CHANNELS, slots, strict=False):
            device = self._connect(slot, channel)
            device.read_at = (
                house.time // (dialect.mbus_step or 1) * (dialect.mbus_step or 1)
            )
            device.value = slot.start
            device.dead = slot.ident is None

    @property
    def devices(self) -> dict[int, Device]:
        """The devices by channel."""
        return self._devices

    def attach(
        self,
        slot: Slot,
        channel: int,
        *,
        first_after: int = HOUR,
        no_reading: NoReading = NoReading.MISSING,
    ) -> Device:
        """Connect a device at run time; its first reading comes after ``first_after`` seconds.

        Raises ValueError for a channel outside 1 to 4 or in use.
        """
        if channel not in CHANNELS or channel in self._devices:
            msg = f"channel {channel} is not free"
            raise ValueError(msg)
        device = self._connect(slot, channel)
        device.first_step = self._house.time + first_after
        device.no_reading = no_reading
        return device

    def detach(self, channel: int) -> None:
        """Disconnect a device with all its lines. Raises KeyError if there is none."""
        del self._devices[channel]

    def exchange(
        self, old: int, new: int, ident: str, *, first_after: int = HOUR
    ) -> Device:
        """Replace the device on channel ``old`` by a new one of its type on channel ``new``.

        Like on real meters, the old channel stays, with an empty id and the earliest timestamp,
        unless the new device uses it. Raises KeyError and ValueError as above.
        """
        gone = self._devices[old]
        if new == old:
            del self._devices[old]
        slot = replace(gone.slot, ident=ident, start=0)
        device = self.attach(slot, new, first_after=first_after)
        gone.dead = True
        return device

    def set_valve(self, channel: int, state: int) -> None:
        """Close (0), open (1), or release (2) a valve. Raises KeyError and ValueError."""
        if state not in (0, 1, 2):
            msg = f"no valve state {state}"
            raise ValueError(msg)
        device = self._devices[channel]
        device.slot = replace(device.slot, valve=state)

    def on_segment(self, segment: Segment) -> None:
        """Read every device whose interval has passed."""
        moment = segment.start + segment.seconds
        step = self._dialect.mbus_step
        if not step or moment % step:
            return
        for device in self._devices.values():
            if not device.dead and moment >= device.first_step:
                delay = 10 + int(
                    80 * noise(self._seed, _DELAY + device.channel, moment // step)
                )
                device.waiting.append((moment + delay, moment, self._count(device)))

    def position(self, channel: int) -> int:
        """Return the reading of a device at this second, in units of its last digit.

        Raises KeyError for a channel without one.
        """
        return self._count(self._devices[channel])

    def readings(self, moment: int, stamp: str) -> list[MBusReading]:
        """Return the readings in the telegram of ``moment``, with the timestamp ``stamp``."""
        return [
            self._reading(device, moment, stamp)
            for _, device in sorted(self._devices.items())
        ]

    def _connect(self, slot: Slot, channel: int) -> Device:
        measure = MEASURES[slot.type]
        whole, decimals = slot.digits or (measure.whole, measure.decimals)
        device = Device(
            slot,
            channel,
            measure,
            decimals,
            whole,
            offset=measure.get(self._house.counters),
            first_step=self._house.time,
        )
        self._devices[channel] = device
        return device

    def _count(self, device: Device) -> int:
        counts = device.measure.get(self._house.counters) - device.offset
        digits: int = counts * 10**device.decimals // device.measure.per_unit
        return device.slot.start + digits

    def _reading(self, device: Device, moment: int, stamp: str) -> MBusReading:
        while device.waiting and device.waiting[0][0] <= moment:
            _, device.read_at, device.value = device.waiting.popleft()
        reading = MBusReading(
            device.channel,
            device.slot.type,
            device.slot.ident,
            value=device.value,
            unit=device.measure.unit,
            whole=device.whole,
            decimals=device.decimals,
            ean=device.slot.ean,
            valve=device.slot.valve,
            raw_ident=device.slot.raw_ident,
        )
        if device.dead:
            reading.ident, reading.value = None, 0
            reading.stamp, reading.whole, reading.decimals, reading.unit = (
                self._dialect.empty_mbus
            )
        elif not self._dialect.mbus_step:
            reading.stamp, reading.value = stamp, self._count(device)
        elif device.read_at is not None:
            reading.stamp = self._civil.stamp(device.read_at)
        elif device.no_reading is NoReading.ZERO:
            reading.stamp = UNDEFINED_STAMP + stamp[-1]
        return reading
