"""Points dated in the future: shown nowhere, noted once, and nothing waits for them."""

from datetime import UTC, datetime

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators.clock import DAY, HOUR
from simulators.iotile.server import IOTileServer

from ...common import shown, state_of
from .conftest import BOILER, METER, METER_100D, NOW, SHOCKS, VIRTUAL, Poll
from .test_actions import call

LAST = NOW // HOUR * HOUR
GALLON = 3.785411784
BATTERY = "s--0000-0005--0000-0000-0000-0097--5800"
REBOOT = "s--0000-0005--0000-0000-0000-0097--5c00"


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@pytest.mark.parametrize("ahead", [2 * HOUR, 3 * DAY, 4 * 365 * DAY])
@pytest.mark.parametrize(
    ("stream", "entity", "factor"),
    [
        (BOILER, "sensor.boiler_room_temperatures_external_500f", None),
        (METER, "sensor.cellar_water_meter_io_1_flow_rate", None),
        (BATTERY, "sensor.cellar_water_meter_battery_voltage", None),
    ],
)
async def test_values(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    stream: str,
    entity: str,
    factor: float | None,
    ahead: float,
) -> None:
    before = state_of(hass, entity).state
    server.world.add(stream, NOW + ahead, 30, local_id=9000)
    for _ in range(2):
        # Values that are polled every six hours are read at once on request.
        if stream == BATTERY:
            await loaded.runtime_data.async_refresh()
        await poll()
        assert shown(hass, entity) == before
    server.world.add(stream, LAST + 60, 190_000, local_id=9001)
    await poll(6 * HOUR if stream == BATTERY else 600)
    if ahead > DAY:
        assert state_of(hass, entity).attributes["measured_at"] == moment(LAST + 60)
        assert sum("dated in the future" in line for line in caplog.messages) == 1


async def test_totals_days_and_meters(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    total = "sensor.cellar_water_meter_io_1_total"
    today = "sensor.cellar_water_meter_io_1_today"
    before = float(shown(hass, today))
    server.world.add(METER, NOW + 2 * DAY, 100, local_id=9000)
    server.world.add(METER_100D, NOW + 2 * DAY, 5000, local_id=9000)
    server.world.add(METER, LAST + 60, 2, local_id=9001)
    await poll()
    assert float(shown(hass, total)) == pytest.approx(2 * GALLON)
    assert float(shown(hass, today)) == pytest.approx(before + 2 * GALLON)
    last = "sensor.cellar_water_meter_last_measurement"
    assert shown(hass, last) == moment(LAST + 60)
    found = await call(hass, loaded, "get_stream_data", stream=METER, limit=1)
    assert found["points"][0]["timestamp"].startswith("2026-11-20T08:01")


async def test_a_virtual_stream_and_what_nobody_reads(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    backend = loaded.runtime_data.backend
    for stream in (VIRTUAL, REBOOT):
        server.world.add(stream, NOW + 2 * DAY, 7)
    await poll(6 * HOUR)
    assert VIRTUAL not in backend.state.values
    server.world.add(VIRTUAL, LAST + 60, 9)
    await poll(HOUR)
    assert backend.state.values[VIRTUAL].stored == 9
    assert REBOOT not in backend.state.future.noted | set(backend.state.values)


@pytest.mark.parametrize("variable", ["5c00", "5c01", "5c02"])
async def test_restarts_and_connections(
    hass: HomeAssistant,
    server: IOTileServer,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    variable: str,
) -> None:
    """Streams of the system, for which the sensor shows only the time."""
    stream = REBOOT[:-4] + variable
    server.world.add(stream, LAST - HOUR, 1)
    entity = entity_registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.unique_id}/d--0000-0000-0000-0097/{variable}",
        config_entry=entry,
    ).entity_id
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, entity) == moment(LAST - HOUR)
    server.world.add(stream, NOW + 2 * DAY, 1)
    for _ in range(2):
        await poll(6 * HOUR)
        assert shown(hass, entity) == moment(LAST - HOUR)
    assert sum("dated in the future" in line for line in caplog.messages) == 1
    server.world.add(stream, LAST + 60, 1)
    await poll(6 * HOUR)
    assert shown(hass, entity) == moment(LAST + 60)


async def test_last_report(
    hass: HomeAssistant,
    server: IOTileServer,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    poll: Poll,
) -> None:
    status = server.world.statuses["d--0000-0000-0000-0097"]
    status |= {"health_check_enabled": True, "alert": "OK"}
    status["last_report_ts"] = "2026-11-30T00:00:00Z"
    entity = entity_registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.unique_id}/d--0000-0000-0000-0097/last_report",
        config_entry=entry,
    ).entity_id
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, entity) == "unknown"
    status["last_report_ts"] = "2026-11-20T08:15:00Z"
    await poll()
    assert shown(hass, entity) == "2026-11-20T08:15:00+00:00"


async def test_events(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    entity = "event.pod_1m_ae1_v2_accelerometer"
    server.world.add_event(SHOCKS, NOW + 2 * DAY, {"peak": 99})
    await poll(HOUR)
    assert shown(hass, entity) == "unknown"
    server.world.add_event(SHOCKS, LAST, {"peak": 1})
    await poll(HOUR)
    assert state_of(hass, entity).attributes["peak"] == 1


async def test_a_clock_that_is_a_little_ahead_holds_nothing_up(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    entity = "sensor.boiler_room_temperatures_external_500f"
    # As far as a summer time: shown, for clocks are never the same.
    server.world.add(BOILER, NOW + HOUR, 1500, local_id=9000)
    await poll()
    assert state_of(hass, entity).attributes["measured_at"] == moment(NOW + HOUR)
    # The next correct point replaces it and stays.
    server.world.add(BOILER, NOW, 1600, local_id=9001)
    for _ in range(2):
        await poll()
        assert state_of(hass, entity).attributes["measured_at"] == moment(NOW)


async def test_what_is_deleted_or_hidden_is_not_shown_any_more(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    entity = "sensor.boiler_room_temperatures_external_500f"
    server.world.points[BOILER].pop()
    await poll()
    assert state_of(hass, entity).attributes["measured_at"] == moment(LAST - HOUR)
    # The owner shows only earlier points.
    server.world.masks["d--0000-0000-0000-00a0"] = {
        "start": None,
        "end": moment(LAST - 3 * HOUR),
    }
    await poll()
    assert state_of(hass, entity).attributes["measured_at"] == moment(LAST - 4 * HOUR)
    for fields in ({"limit": 1}, {"start": moment(LAST - 9 * HOUR), "limit": 1}):
        found = await call(hass, loaded, "get_stream_data", stream=BOILER, **fields)
        assert found["points"][0]["timestamp"].startswith("2026-11-20T04:00")
    found = await call(
        hass, loaded, "accumulate", sources=[BOILER], start=moment(LAST - 5 * HOUR)
    )
    assert found["streams"][BOILER]["count"] == 2
