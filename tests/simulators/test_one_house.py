"""One house: a load switched in one system is visible in the others.

Two houses with the same seed are equal to the watt, so their difference is the effect of a tie.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
import json
from pathlib import Path
import sys
from typing import Any

import aiohttp
import pytest

from simulators.clock import HOUR, VirtualClock
from simulators.cozify.seed import GROUP, LAMP_DIM, LAMP_PLAIN, PLUG
from simulators.house import House, Load
from simulators.minutes import HousePlan
from simulators.mycodo.plan import FAN, RELAYS
from simulators.mycodo.state import uid
from simulators.one_house import OneHouse
from simulators.openmotics.plan import ADMIN
from simulators.p1_meter import DEFAULT_START
from simulators.ties import WATER_STREAM

pytestmark = pytest.mark.usefixtures("socket_enabled")

EVENING = int(datetime(2025, 3, 12, 21, 4, tzinfo=UTC).timestamp())
NOON = int(datetime(2025, 5, 10, 11, 0, tzinfo=UTC).timestamp())


def cozify(one: OneHouse, key: str, **state: Any) -> None:
    one.cozify.hub.commands.carry_out(
        {"type": "CMD_DEVICE", "id": key, "state": {"type": "STATE_LIGHT", **state}}
    )


def mycodo(one: OneHouse, output: int, channel: int, kind: str, amount: float) -> None:
    one.mycodo.engine.command(uid(output), channel, "on", kind, amount)


@pytest.mark.parametrize(
    ("switch", "watts"),
    [
        pytest.param(lambda one: one.gateway.engine.set_output(0, True), 60, id="lamp"),
        pytest.param(
            lambda one: one.gateway.engine.set_output(8, True, 25), 10, id="dimmed"
        ),
        pytest.param(
            lambda one: one.gateway.engine.group_action(0), 0, id="action of others"
        ),
        pytest.param(lambda one: cozify(one, LAMP_PLAIN, isOn=True), 9, id="cozify"),
        pytest.param(
            lambda one: cozify(one, LAMP_DIM, isOn=True, brightness=1 / 3),
            3,
            id="cozify dimmed",
        ),
        pytest.param(lambda one: cozify(one, PLUG, isOn=True), 1000, id="plug"),
        pytest.param(lambda one: mycodo(one, RELAYS, 0, "sec", 0), 800, id="heater"),
        pytest.param(lambda one: mycodo(one, FAN, 0, "pwm", 50), 30, id="duty cycle"),
    ],
)
async def test_what_is_switched_shows_on_the_meter(
    switch: Callable[[OneHouse], None], watts: int
) -> None:
    async with (
        OneHouse(speed=0, start=EVENING) as one,
        OneHouse(speed=0, start=EVENING) as other,
    ):
        await one.live(3)
        await other.live(3)
        assert one.net_power == other.net_power > 0
        switch(one)
        await one.live(2)
        await other.live(2)
        assert one.net_power - other.net_power == watts


async def test_a_lamp_switched_over_the_wire_and_off_again() -> None:
    async with (
        OneHouse(speed=0, start=EVENING) as one,
        OneHouse(speed=0, start=EVENING) as other,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session,
    ):
        login = {"username": ADMIN.name, "password": ADMIN.password}
        async with session.post(f"{one.gateway.url}/login", data=login) as answer:
            bearer = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {bearer}"}
        for on, watts in (("true", 60), ("false", 0)):
            body = {"id": "0", "is_on": on}
            url = f"{one.gateway.url}/set_output"
            async with session.post(url, data=body, headers=headers) as answer:
                assert (await answer.json())["success"] is True
            await one.live(2)
            await other.live(2)
            assert one.net_power - other.net_power == watts


async def test_a_group_and_what_the_plug_measures() -> None:
    async with OneHouse(speed=0, start=EVENING) as one:
        one.cozify.hub.commands.carry_out({"type": "CMD_GROUP_ON", "id": GROUP})
        cozify(one, PLUG, isOn=True)
        await one.live(1)
        circuits = one.house.circuits()
        assert (circuits["Sauna"], circuits["Keittiö"]) == (9, 9)
        plug = one.cozify.device(PLUG)
        assert plug["state"]["activePower"] == circuits["Kahvinkeitin"] == 1000
        cozify(one, PLUG, isOn=False)
        assert plug["state"]["activePower"] == 0


async def test_the_sun_lowers_it() -> None:
    dark = HousePlan(solar_peak=(0, 0, 0))
    async with (
        OneHouse(speed=0, start=NOON) as one,
        OneHouse(speed=0, start=NOON, plan=dark) as without,
    ):
        await one.live(2)
        await without.live(2)
        sun = -one.house.circuits()["solar"]
        assert sun > 500
        assert without.net_power - one.net_power == sun
        assert one.net_power < 0


async def test_dsmr_reader_has_what_the_meter_said() -> None:
    async with OneHouse(speed=0, start=EVENING) as one:
        mycodo(one, RELAYS, 0, "sec", 0)
        await one.live(130)
        assert len(one.reader.state.new) == 130
        assert one.reader.state.rejected == 0
        assert len(one.reader.state.electricity) == 2
        async with aiohttp.ClientSession() as session:
            url = f"{one.reader.url}/api/v2/consumption/electricity-live"
            headers = {"X-AUTHKEY": one.reader.state.key}
            async with session.get(url, headers=headers) as answer:
                live = await answer.json()
        assert live["currently_delivered"] == one.net_power
        assert datetime.fromisoformat(live["timestamp"]).timestamp() == EVENING + 130


async def test_iotile_meters_the_water() -> None:
    async with OneHouse(speed=0, start=NOON) as one:
        before = len(one.iotile.world.points[WATER_STREAM])
        used = one.house.counters.water_ml
        one.house.add_load(Load("garden hose", water_ml_s=250))
        one.house.switch("garden hose", True)
        one.house.advance_to(NOON + HOUR)
        one.house.switch("garden hose", False)
        rows = one.iotile.world.points[WATER_STREAM][before:]
        assert [row.time for row in rows] == [NOON + 600 * n for n in range(1, 7)]
        litres = (one.house.counters.water_ml - used) / 1000
        assert litres >= 900
        metered = sum(row.value or 0 for row in rows)
        assert metered == pytest.approx(litres, abs=3.8)  # one gallon
        # The same water runs through the meter of the P1 port.
        one.clock.set(NOON + HOUR)
        one.meter.step(NOON + HOUR)
        said = one.meter.expected(one.meter.log[-1].telegram)["mbus"]
        assert any(device["reading"]["unit"] == "m3" for device in said.values())


async def test_sensors_show_the_rooms() -> None:
    async with OneHouse(speed=0, start=NOON) as one:
        await one.live(1)
        moment = int(one.clock.now())
        values = one.gateway.state.sensor_values
        assert values[1] == round(one.house.rooms["living room"].temperature(moment), 1)
        lit = one.house.rooms["living room"].brightness(moment)
        one.gateway.engine.set_output(0, True)
        assert one.house.rooms["living room"].brightness(moment) > lit + 20
        await one.live(1)
        assert one.gateway.state.watts[1, 0] == 60


async def test_meters_of_single_loads_count_what_these_used() -> None:
    async with OneHouse(speed=0, start=NOON) as one:
        energy = one.gateway.state.energy[1, 0]
        before, plug = energy[0], one.cozify.device(PLUG)["state"]
        total = plug["totalPower"]
        one.gateway.engine.set_output(0, True)
        cozify(one, PLUG, isOn=True)
        one.house.advance_to(NOON + HOUR)
        one.gateway_tie.measure()
        one.hub_tie.measure()
        assert energy[0] - before == 60  # Wh
        assert plug["totalPower"] - total == pytest.approx(1, abs=0.002)  # kWh


async def story(seed: int) -> tuple[list[bytes], list[int | None]]:
    """Run a short scenario, and return the telegrams of the meter and the count of the pod."""
    async with OneHouse(seed=seed, speed=0, start=NOON) as one:
        await one.live(3)
        one.gateway.engine.set_output(8, True, 60)
        cozify(one, PLUG, isOn=True)
        await one.live(3)
        mycodo(one, RELAYS, 0, "sec", 2)
        await one.live(3)
        one.house.advance_to(NOON + HOUR)
        return (
            [sent.telegram.data for sent in one.meter.log],
            [row.int_value for row in one.iotile.world.points[WATER_STREAM]],
        )


async def test_the_same_twice_and_another_by_another_seed() -> None:
    first = await story(1)
    assert await story(1) == first
    other = await story(2)
    assert other[0] != first[0]
    assert other[1] != first[1]


async def test_time_passes_as_fast_as_told() -> None:
    async with OneHouse(speed=100) as one:
        await one.datalogger.until(10)
        assert one.clock.now() >= DEFAULT_START + 10
        assert len(one.reader.state.new) >= 10


async def test_from_the_command_line() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators.one_house", "--speed", "60"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        where = json.loads(await process.stdout.readline())
        assert where["pid"] == process.pid
        async with aiohttp.ClientSession() as session:
            url = f"{where['dsmr_reader']}/api/v2/application/version"
            async with session.get(url) as answer:
                assert answer.status == 403  # it wants a key
            async with session.get(f"{where['iotile']}/api/v1/server/") as answer:
                assert answer.status == 200
    finally:
        process.terminate()
        assert await process.wait() == 0


def test_houses_share_no_loads() -> None:
    """A load switched in one house stays off in another."""
    first, second = OneHouse(speed=0), OneHouse(speed=0)
    for name in first.house.loads:
        before = second.house.loads[name].on
        first.house.switch(name, not first.house.loads[name].on)
        assert second.house.loads[name].on is before
    assert isinstance(second.house, House)
    assert isinstance(second.clock, VirtualClock)
