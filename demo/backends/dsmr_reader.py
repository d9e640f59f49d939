"""DSMR-reader of the demo, fed by the house's meter, with weeks of history."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final, override

from simulators.dsmr_reader import (
    DsmrReaderServer,
    Past,
    PastPlan,
    Price,
    State,
    make_key,
)
from simulators.dsmr_reader.processing import past_days
from simulators.house import House, Load, Segment
from simulators.p1.registers import MBusType
from simulators.p1_meter import MeterPlan, P1Meter

from ..api import Json
from ..client import DOMAIN, Entity
from ..kept import Kept
from ..table import StepFailed
from .base import (
    NOBODY,
    Answers,
    Errand,
    SimulatedSystem,
    Slip,
    Tour,
    Trial,
    Trouble,
    Visit,
)
from .hours import import_tours

_KEY: Final = make_key("demo")
_INTERVAL: Final = 10.0
_HEATER: Final = "sauna stove"
_HEATER_WATTS: Final = 8000
_PRICE: Final = Price(
    start=date(2020, 1, 1),
    description="Windmill direct",
    delivered_1=Decimal("0.2319"),
    delivered_2=Decimal("0.2584"),
    returned_1=Decimal("0.08"),
    returned_2=Decimal("0.08"),
    gas=Decimal("1.1876"),
    fixed=Decimal("0.3985"),
)
# Points that show a register, and the database column that stores it.
_REGISTERS: Final = {
    "energy_import_tariff_1": "electricity_delivered_1",
    "energy_import_tariff_2": "electricity_delivered_2",
    "energy_export_tariff_1": "electricity_returned_1",
    "energy_export_tariff_2": "electricity_returned_2",
}
# Imported statistics, and the register that they come from.
_IMPORTED: Final = {
    "delivered_1": "electricity_delivered_1",
    "delivered_2": "electricity_delivered_2",
    "returned_1": "electricity_returned_1",
    "returned_2": "electricity_returned_2",
    "gas": "gas",
}
_HOUR: Final = timedelta(hours=1)
# Rounding error of floats in the database (kWh, m³).
_EXACT: Final = 1e-6


class SimulatedReader(SimulatedSystem):
    """A server with weeks of history, which now gets a telegram every ten seconds."""

    name = "dsmr_reader"
    area = "Meter cupboard"
    outlives_loss: ClassVar[Mapping[str, str]] = {}

    def __init__(self, house: House, folder: Path, weeks: int = 3) -> None:
        """Install it with weeks of history, and a meter that feeds it."""
        self._weeks = weeks
        self._house = house
        self._meter = P1Meter(MeterPlan("5"), house=house)
        self._built = int(house.clock.now())
        self._hours: dict[int, Mapping[str, int]] = {}
        self._past: Past
        house.on_segment(self._remember)
        self._state = State(key=_KEY, prices=[_PRICE])
        self._server = DsmrReaderServer(self._state)
        self._task: asyncio.Task[None] | None = None

    def _remember(self, segment: Segment) -> None:
        """Record the meter readings at each full hour until the server starts."""
        moment = segment.start + segment.seconds
        if self._task is not None or moment % 3600:
            return
        registers = self._meter.metering.registers
        [gas] = [
            channel
            for channel, device in self._meter.mbus.devices.items()
            if device.slot.type is MBusType.GAS
        ]
        self._hours[moment] = {
            "electricity_delivered_1": registers.import_ws[0] // 3600,
            "electricity_delivered_2": registers.import_ws[1] // 3600,
            "electricity_returned_1": registers.export_ws[0] // 3600,
            "electricity_returned_2": registers.export_ws[1] // 3600,
            "gas": self._meter.mbus.position(gas),
        }

    def _live(self) -> None:
        """Generate the weeks before the house was built; later readings come from the house."""
        end = datetime.fromtimestamp(max(self._hours), UTC)
        # The house resumes at its age of the last start, so the history is the same.
        start = datetime.fromtimestamp(self._built // 3600 * 3600, UTC) - timedelta(
            weeks=self._weeks
        )
        self._past = Past(PastPlan(start=start, end=end, keep_days=2), self._hours)
        self._state.past = self._past
        past_days(self._state)

    @override
    def keep(self, kept: Kept) -> None:
        self._server.server.port = kept.port(7777)

    @override
    async def start(self) -> None:
        self._live()
        self._feed()
        await self._server.server.start()
        self._task = asyncio.create_task(self._feed_on())

    @override
    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._server.server.stop()

    async def _feed_on(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL / 5)
            self._feed()

    def _feed(self) -> None:
        """Send the meter's current telegram to the server, as a datalogger does."""
        sent = self._meter.step(int(self._house.clock.now()))
        if sent:
            # Dataloggers sleep between telegrams; registers are absolute, so nothing is lost.
            self._server.api.take(sent[-1].telegram.data.decode("latin-1"))

    @override
    def about(self) -> Sequence[str]:
        return (
            f"DSMR-reader with {self._weeks} weeks of history",
            f"  API at {self._server.url}",
        )

    def _proxy(self) -> dict[str, str]:
        if self._server.proxy is None:
            return {}
        username, password = self._server.proxy
        return {"username": username, "password": password}

    @override
    def answers(self) -> Answers:
        return {
            "user": {"next_step_id": self.name},
            "dsmr_reader": {
                "url": self._server.url,
                "api_key": self._state.key,
                "proxy": self._proxy(),
                "history": True,
            },
        }

    @override
    def slips(self) -> Sequence[Slip]:
        right = self.answers()["dsmr_reader"]
        slips = [
            Slip("dsmr_reader", {**right, "url": NOBODY}, "connection_refused"),
            Slip("dsmr_reader", {**right, "api_key": "guessed"}, "dsmr_reader_key"),
        ]
        if self._server.proxy is not None:
            wrong = {"proxy": {"username": "reader", "password": "guessed"}}
            slips.append(Slip("dsmr_reader", {**right, **wrong}, "dsmr_reader_proxy"))
        return slips

    def hide_behind_proxy(self) -> None:
        """Put a reverse proxy with basic authentication in front of it."""
        self._server.proxy = ("reader", "proxy-s3cret")

    @override
    async def tours(self, visit: Visit) -> Sequence[Tour]:
        known = await visit.entity("energy_import_tariff_1")
        new = await visit.entity("energy_import_tariff_2")
        return import_tours(known, new)

    @override
    def troubles(self) -> Sequence[Trouble]:
        return (
            Trouble(
                key="dsmr_reader_api_disabled",
                cause=self._disable,
                undo=self._enable,
            ),
        )

    async def _disable(self) -> None:
        self._state.allow = False

    def _enable(self) -> None:
        self._state.allow = True

    @override
    async def move(self) -> Answers:
        await self._server.server.move()
        address = {"url": self._server.url, "api_key": self._state.key}
        return {"dsmr_reader": {**address, "proxy": self._proxy()}}

    @override
    def lock_out(self) -> Answers:
        self._state.key = make_key("another")
        return {"dsmr_reader_key": {"api_key": self._state.key}}

    @override
    def options(self) -> Answers:
        return {
            "init": {"next_step_id": "dsmr_reader"},
            "dsmr_reader": {"interval": 5, "history": True},
        }

    @override
    def may_be_silent(self) -> Mapping[str, str]:
        return {"history_progress": "no import is under way"}

    @override
    def expected_points(self) -> Mapping[str, str]:
        sensors = (
            "power_import",
            "power_export",
            "power_net",
            "energy_import",
            "energy_export",
            *_REGISTERS,
            "reading",
            "tariff",
            "today_import",
            "today_cost",
            "price_delivered_1",
            "contract",
            "last_day_import",
            "history_until",
        )
        return {
            **dict.fromkeys(sensors, "sensor"),
            "receiving": "binary_sensor",
            "problem": "binary_sensor",
        }

    @override
    def trials(self) -> Sequence[Trial]:
        self._house.add_load(Load(_HEATER, _HEATER_WATTS))
        return (
            Trial(
                point="power_import",
                cause=lambda: self._house.switch(_HEATER, True),
                undo=lambda: self._house.switch(_HEATER, False),
                shows=lambda state: float(state) > _HEATER_WATTS / 1000 / 2,
            ),
            Trial(
                point="problem",
                cause=lambda: self._state.problems.append(
                    {"source": "dsmr_backend.apps", "description": "", "since": None}
                ),
                undo=self._state.problems.clear,
                shows=lambda state: state in ("on", "off"),
            ),
        )

    @override
    def errands(self) -> Sequence[Errand]:
        return (Errand(name="import its history", run=self._import),)

    async def _import(self, visit: Visit) -> str:
        """Import everything again, and compare it with the meter at every midnight."""
        result = await visit.client.set_options(
            visit.entry_id,
            {"init": {"next_step_id": "dsmr_reader_import"}},
            ends=["dsmr_reader_imported"],
        )
        if "dsmr_reader_progress (progress)" not in result.steps:
            raise StepFailed(f"no progress shown: {result.steps}")
        ids = await visit.client.statistic_ids()
        names = {name: _statistic(ids, name) for name in _IMPORTED}
        plan = self._past.plan
        hours = await visit.client.hours(list(names.values()), plan.start, plan.end)
        wrong = [
            f"{name} at {midnight}: {row['state']} of {position}, sum {row['sum']}"
            for name, statistic in names.items()
            for midnight, row, position, counted in self._midnights(
                _IMPORTED[name], hours[statistic]
            )
            if abs(row["state"] - position) > _EXACT
            or abs(row["sum"] - counted) > _EXACT
        ]
        if wrong:
            raise StepFailed("\n".join(wrong))
        if (sources := self.imported_sources(ids)) is None:
            raise StepFailed(f"some are missing of {sorted(ids)}")
        await visit.client.save_energy(sources)
        if issues := await visit.client.energy_issues():
            raise StepFailed(f"the Energy dashboard complains: {issues}")
        return (
            f"{result.found['rows']} rows of {result.found['series']} series, equal to the "
            f"meter on every midnight; in the Energy dashboard: no complaint"
        )

    def _midnights(
        self, register: str, rows: Sequence[Mapping[str, Json]]
    ) -> Iterator[tuple[datetime, Mapping[str, Json], float, float]]:
        """Yield each midnight, the hour before it, the meter reading, and the imported energy."""
        first = int(rows[0]["start"]) // 1000
        begin = self._past.position(register, first) / 1000
        for row in rows:
            midnight = datetime.fromtimestamp(row["start"] / 1000, UTC) + _HOUR
            if midnight >= self._past.plan.end:
                # The meter is read again when the demo starts, some time after that midnight.
                return
            if midnight.astimezone(self._state.zone).hour == 0:
                moment = int(midnight.timestamp())
                position = self._past.position(register, moment) / 1000
                yield midnight, row, position, position - begin

    @override
    def imported_sources(self, statistics: Collection[str]) -> Sequence[Json] | None:
        names = ("delivered", "returned", "gas")
        energy = [_statistic(statistics, name) for name in names]
        money = [_statistic(statistics, f"cost_{name}") for name in names]
        if not all(energy + money):
            return None
        return (
            {
                "type": "grid",
                "stat_energy_from": energy[0],
                "stat_cost": money[0],
                "stat_energy_to": energy[1],
                "stat_compensation": money[1],
                "cost_adjustment_day": 0,
            },
            {"type": "gas", "stat_energy_from": energy[2], "stat_cost": money[2]},
        )

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        rows = list(self._state.new)[-60:]
        wrong = []
        for entity in entities:
            column = _REGISTERS.get(entity.point)
            if column is None or entity.state is None or entity.missing:
                continue
            said = {float(row[column]) for row in rows}
            if float(entity.state.state) not in said:
                wrong.append(f"{entity.point} shows {entity.state.state}, not {said}")
        return wrong

    @override
    def secrets(self) -> Iterable[str]:
        yield self._state.key
        if self._server.proxy is not None:
            yield self._server.proxy[1]
        yield self._meter.dialect.ident

    @override
    async def unplug(self) -> None:
        await self._server.server.refuse()

    @override
    async def replug(self) -> None:
        await self._server.server.listen()


def _statistic(statistics: Collection[str], name: str) -> str:
    """Return the id of an imported series; empty without one."""
    begin = f"{DOMAIN}:{SimulatedReader.name}_"
    found = (i for i in statistics if i.startswith(begin) and i.endswith(f"_{name}"))
    # The shortest id: "cost_delivered" also ends in "delivered".
    return min(found, key=len, default="")
