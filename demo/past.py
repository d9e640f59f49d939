"""Past of the demo: a fortnight of statistics, as if it had run that long.

Meter readings come from a copy of the simulated house that runs through these two weeks, room
values from its rooms. Other values stay near their present one. Everything is written with Home
Assistant's own command for importing statistics. Sums end at zero now, where the recorder starts
to count.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
import time
from typing import Final
from zoneinfo import ZoneInfo

from simulators.clock import DAY, HOUR, VirtualClock
from simulators.house import House, Segment
from simulators.minutes import HousePlan
from simulators.noise import smooth

from .api import Json
from .client import Client, Entity

_DAYS: Final = 14
_ROOMS: Final = {"mycodo": "greenhouse", "iotile": "garden"}
_KWH: Final = 3_600_000
_PHASES: Final = (0, 1, 2)
# Daily amount of counters without a meter, in the unit of the device class.
_DAILY: Final = {"energy": 2.5, "water": 0.35, "gas": 3.0}
_SMALLER: Final = {"Wh": 1000.0, "L": 1000.0, "W": 1000.0, "mL": 1e6}
_NOISE: Final = 900
_LONG_AGO: Final = 5 * 365 * DAY


@dataclass(slots=True)
class _Hour:
    """Values of one hour of the house: energy in Ws, power in W."""

    start: int
    imported: int = 0
    exported: int = 0
    gas: float = 0.0
    """In m³, as water."""
    water: float = 0.0
    phases: list[int] = field(default_factory=lambda: [0, 0, 0])
    returned: list[int] = field(default_factory=lambda: [0, 0, 0])
    lowest: int = 1_000_000
    highest: int = -1_000_000

    def live(self, segment: Segment) -> None:
        """Add a period."""
        net, seconds = sum(segment.watts), segment.seconds
        self.imported += max(0, net) * seconds
        self.exported += max(0, -net) * seconds
        for phase in _PHASES:
            watts = segment.watts[phase]
            self.phases[phase] += max(0, watts) * seconds
            self.returned[phase] += max(0, -watts) * seconds
        self.lowest = min(self.lowest, net)
        self.highest = max(self.highest, net)


class Past:
    """Last weeks of a house with a plan, until the last full hour."""

    def __init__(self, plan: HousePlan, zone: str, days: int = _DAYS) -> None:
        """Simulate the weeks; takes about a second of CPU time per week."""
        self.now = int(time.time())
        self.end = self.now // HOUR * HOUR
        self._zone = ZoneInfo(zone)
        begin = self.end - days * DAY
        self._house = house = House(VirtualClock(begin), plan)
        self.hours: list[_Hour] = []
        for start in range(begin, self.end + HOUR, HOUR):
            hour = _Hour(start)
            gas, water = house.counters.gas_ml, house.counters.water_ml
            stop = house.on_segment(hour.live)
            house.advance_to(min(start + HOUR, self.now))
            stop()
            hour.gas = (house.counters.gas_ml - gas) / 1e6
            hour.water = (house.counters.water_ml - water) / 1e6
            self.hours.append(hour)

    def rows(self, entity: Entity, *, counts: bool) -> list[dict[str, Json]]:
        """Return the rows of an entity's statistics; empty if it has no numeric value."""
        assert entity.state is not None
        try:
            current = float(entity.state.state)
        except ValueError:
            return []
        return list(
            self._counted(entity, current)
            if counts
            else self._measured(entity, current)
        )

    # Inside

    def _counted(self, entity: Entity, current: float) -> Iterator[dict[str, Json]]:
        """Yield the reading of a counter at the end of each hour."""
        steps = [self._step(entity, hour) for hour in self.hours]
        sums = -sum(steps)
        resets = entity.attribute("last_reset") is not None
        today, midnight = 0.0, None
        # Home Assistant counts the very first row from zero, but that row is long before this one.
        long_ago = {
            "start": _iso(self.hours[0].start - _LONG_AGO),
            "sum": round(sums, 4),
        }
        yield {**long_ago, "state": 0.0 if resets else round(current + sums, 4)}
        for hour, step in zip(self.hours[:-1], steps, strict=False):
            sums += step
            day = datetime.fromtimestamp(hour.start, self._zone).replace(
                hour=0, minute=0
            )
            today, midnight = (today if day == midnight else 0.0) + step, day
            row = {"start": _iso(hour.start), "sum": round(sums, 4)}
            if resets:
                row |= {"state": round(today, 4), "last_reset": day.isoformat()}
            else:
                row["state"] = round(current + sums, 4)
            yield row

    def _step(self, entity: Entity, hour: _Hour) -> float:
        unit = str(entity.attribute("unit_of_measurement") or "")
        kind = str(entity.attribute("device_class") or "")
        scale = _SMALLER.get(unit, 1.0)
        point = entity.point
        if entity.backend in ("dsmr", "dsmr_reader"):
            way = hour.exported if "export" in point else hour.imported
            match kind:
                case "energy":
                    return way / _KWH * scale * self._share(point, hour)
                case "monetary":
                    return 0.26 * hour.imported / _KWH + 1.2 * hour.gas
                case "gas":
                    return hour.gas * scale
                case "water":
                    return hour.water * scale
                case _:
                    pass
        if kind == "water":
            return hour.water * scale
        share = hour.imported / (24 * 0.45 * _KWH)
        return _DAILY.get(kind, 0.0) * scale * share

    def _share(self, point: str, hour: _Hour) -> float:
        """Return the share of a tariff in an hour; the low one applies at night and on weekends."""
        if not point.endswith(("_1", "_2")):
            return 1.0
        local = datetime.fromtimestamp(hour.start, self._zone)
        low = local.weekday() > 4 or not 7 <= local.hour < 22
        return float(low is point.endswith("_1"))

    def _measured(self, entity: Entity, current: float) -> Iterator[dict[str, Json]]:
        for hour in self.hours[:-1]:
            mean, low, high = self._mean(entity, current, hour)
            yield {
                "start": _iso(hour.start),
                "mean": round(mean, 4),
                "min": round(min(low, mean), 4),
                "max": round(max(high, mean), 4),
            }

    def _mean(
        self, entity: Entity, current: float, hour: _Hour
    ) -> tuple[float, float, float]:
        if (power := self._power(entity, hour)) is not None:
            return power
        room = self._house.rooms[_ROOMS.get(entity.backend, "living room")]
        middle = hour.start + HOUR // 2
        kind = entity.attribute("device_class")
        reading = {
            "temperature": room.temperature,
            "humidity": room.humidity,
            "carbon_dioxide": room.carbon_dioxide,
        }.get(str(kind))
        if reading is not None and entity.category is None:
            value = current + reading(middle) - reading(self.now)
            if kind != "temperature":
                value = max(0.0, min(value, 100.0 if kind == "humidity" else value))
            return value, value - abs(value) * 0.01, value + abs(value) * 0.01
        noise = smooth(1, _NOISE + len(entity.entity_id), middle / (3 * HOUR)) - 0.5
        value = current * (1 + 0.04 * noise)
        return value, value * 0.99, value * 1.01

    def _power(self, entity: Entity, hour: _Hour) -> tuple[float, float, float] | None:
        """Return mean, minimum, and maximum power of a meter in an hour."""
        if entity.backend not in ("dsmr", "dsmr_reader"):
            return None
        unit = 1000 if entity.attribute("unit_of_measurement") == "kW" else 1
        watts, low, high = hour.imported / HOUR, hour.lowest, hour.highest
        match entity.point.split("_"):
            case ["power", "import"] | ["demand", *_]:
                low, high = max(0, low), max(0, high)
            case ["power", "export"]:
                watts = hour.exported / HOUR
                low, high = max(0, -hour.highest), max(0, -hour.lowest)
            case ["power", "net"]:
                watts -= hour.exported / HOUR
            case ["power", way, phase] if phase[1:].isdecimal():
                parts = hour.returned if way == "export" else hour.phases
                watts = parts[int(phase[1:]) - 1] / HOUR
                low, high = int(watts * 0.6), int(watts * 1.5)
            case _:
                return None
        return watts / unit, low / unit, high / unit


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


async def give_past(client: Client, plan: HousePlan, entities: Sequence[Entity]) -> int:
    """Import a past for entities with statistics; return the number of rows."""
    listed: Mapping[str, Mapping[str, Json]] = await client.statistic_ids()
    zone = (await client.api.request("GET", "/api/config"))["time_zone"]
    past = await asyncio.to_thread(Past, plan, zone)
    written = 0
    for entity in entities:
        known = listed.get(entity.entity_id)
        if known is None or entity.state is None:
            continue
        rows = past.rows(entity, counts=bool(known["has_sum"]))
        if not rows:
            continue
        await client.api.command(
            "recorder/import_statistics",
            metadata={
                "has_sum": known["has_sum"],
                "mean_type": known["mean_type"],
                "name": None,
                "source": "recorder",
                "statistic_id": entity.entity_id,
                "unit_class": known["unit_class"],
                "unit_of_measurement": known["statistics_unit_of_measurement"],
            },
            stats=rows,
        )
        written += len(rows)
    return written
