"""Water use: flow rate, today, yesterday, with the server's own factors."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators.clock import DAY, HOUR, VirtualClock
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World

from ...common import shown, state_of
from .conftest import METER, NOW, Poll

LAST = NOW // HOUR * HOUR
GALLON = 3.785411784
FLOW = "sensor.cellar_water_meter_io_1_flow_rate"
TODAY = "sensor.cellar_water_meter_io_1_today"
YESTERDAY = "sensor.cellar_water_meter_io_1_yesterday"


def midnight(back: int = 0) -> float:
    """Return when a day began at home, in s since 1970."""
    at = dt_util.start_of_local_day(dt_util.as_local(datetime.fromtimestamp(NOW, UTC)))
    return dt_util.start_of_local_day(at - timedelta(days=back)).timestamp()


def used(server: IOTileServer, begin: float, end: float) -> float:
    """Return the liters of a stretch as the server has them."""
    return sum(
        (row.int_value or 0) * GALLON
        for row in server.world.points[METER]
        if begin <= row.time < end
    )


async def enable(hass: HomeAssistant, entry: MockConfigEntry, point: str) -> None:
    """Enable an entity of the meter."""
    registry = er.async_get(hass)
    unique = f"{entry.unique_id}/d--0000-0000-0000-0097/{point}"
    found = registry.async_get_entity_id("sensor", DOMAIN, unique)
    assert found is not None
    registry.async_update_entity(found, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_flow_rate(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    server.world.add(METER, LAST + 600, 30, local_id=2000)
    await poll()
    flow = state_of(hass, FLOW)
    # 30 gallons in the ten minutes of an interval are 3 gal/min, however shown.
    liters = {"L/min": GALLON, "gal/min": 1.0, "m³/h": GALLON * 0.06}
    unit = flow.attributes["unit_of_measurement"]
    assert float(flow.state) == pytest.approx(3 * liters[unit], rel=1e-3)
    assert flow.attributes["device_class"] == "volume_flow_rate"
    assert flow.attributes["state_class"] == "measurement"
    server.world.add(METER, LAST + 1200, 0, local_id=2001)
    await poll()
    assert float(shown(hass, FLOW)) == 0


class TestWithoutRate:
    """A server that has no rate for the unit of a stream."""

    @pytest.fixture
    def world(self, world: World) -> World:
        for stream in world.streams:
            if stream["slug"] == METER:
                stream["output_unit"]["derived_units"] = {}
        return world

    async def test_there_is_no_flow_rate(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        assert hass.states.get(FLOW) is None
        assert hass.states.get(TODAY) is not None


async def test_today(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    clock: VirtualClock,
) -> None:
    begin = midnight()
    assert float(shown(hass, TODAY)) == pytest.approx(used(server, begin, NOW))
    today = state_of(hass, TODAY)
    assert today.attributes["state_class"] == "total"
    assert datetime.fromisoformat(today.attributes["last_reset"]).timestamp() == begin
    # Late points count on the day of their use, to the minute.
    server.world.add(METER, begin, 100, local_id=2000)
    server.world.add(METER, begin - 1, 1000, local_id=2001)
    await poll(6 * HOUR)
    assert float(shown(hass, TODAY)) == pytest.approx(used(server, begin, NOW))
    # A new day starts at zero, without any new data.
    clock.jump(begin + DAY + 60 - clock.now())
    await poll(600)
    assert float(shown(hass, TODAY)) == 0
    reset = datetime.fromisoformat(state_of(hass, TODAY).attributes["last_reset"])
    assert reset.timestamp() == begin + DAY


async def test_yesterday(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    clock: VirtualClock,
) -> None:
    await enable(hass, loaded, "5001_yesterday")
    begin = midnight()
    expected = used(server, midnight(1), begin)
    assert expected > 0
    assert float(shown(hass, YESTERDAY)) == pytest.approx(expected)
    server.world.add(METER, begin - 60, 50, local_id=2000)
    await poll(6 * HOUR)
    assert float(shown(hass, YESTERDAY)) == pytest.approx(expected + 50 * GALLON)
    # Today's use becomes yesterday's.
    today = float(shown(hass, TODAY))
    clock.jump(begin + DAY + 60 - clock.now())
    await poll(600)
    assert float(shown(hass, YESTERDAY)) == pytest.approx(today)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
async def test_days_begin_at_home(
    hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry, zone: str
) -> None:
    await hass.config.async_set_time_zone(zone)
    begin = midnight()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert float(shown(hass, TODAY)) == pytest.approx(used(server, begin, NOW))


@pytest.mark.parametrize(
    ("night", "hours"), [("2027-10-31", 25), ("2027-03-28", 23), ("2027-06-01", 24)]
)
async def test_a_day_is_as_long_as_it_is(
    hass: HomeAssistant,
    world: World,
    clock: VirtualClock,
    server: IOTileServer,
    entry: MockConfigEntry,
    night: str,
    hours: int,
) -> None:
    """Where the clocks are put forward or back, a day has 23 or 25 hours."""
    await hass.config.async_set_time_zone("Europe/Helsinki")
    begin = dt_util.parse_datetime(f"{night}T00:00:00")
    assert begin is not None
    begin = begin.replace(tzinfo=dt_util.get_default_time_zone())
    first = begin.timestamp()
    rows: list[Any] = world.points[METER]
    rows.clear()
    for hour in range(-3, 28):
        world.add(METER, first + hour * HOUR, 1, local_id=hour + 10)
    clock.jump(first + 28 * HOUR - clock.now())
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await enable(hass, entry, "5001_yesterday")
    assert float(shown(hass, YESTERDAY)) == pytest.approx(hours * GALLON)
    assert float(shown(hass, TODAY)) == pytest.approx((28 - hours) * GALLON)
