"""Entities of a DSMR-reader and their states."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.dsmr_reader.client.models import Today
from simulators.dsmr_reader import DsmrReaderServer, State

from .conftest import reading
from .shown import Poll, enable_all, entity, points, value


async def test_entities(
    hass: HomeAssistant, state: State, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    phases = {
        **{f"phase_currently_delivered_l{n}": Decimal("0.5") for n in (1, 2, 3)},
        **{f"phase_currently_returned_l{n}": Decimal(0) for n in (1, 2, 3)},
        **{f"phase_voltage_l{n}": Decimal("230.5") for n in (1, 2, 3)},
        **{f"phase_power_current_l{n}": n for n in (1, 2, 3)},
    }
    state.new.add(reading(**phases))
    state.problems = [
        {"source": "dsmr_stats.apps", "description": "Behind", "since": None}
    ]
    now = datetime.now(UTC)
    state.peaks.add(
        {
            "read_at_start": now.replace(day=1, hour=0, minute=15),
            "read_at_end": now.replace(day=1, hour=0, minute=30),
            "average_delivered": Decimal("4.2"),
        }
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await enable_all(hass, entry)
    expected = {
        "power_import": "1.5",
        "power_export": "0.25",
        "power_net": "1.25",
        "energy_import_tariff_1": "9000.0",
        "energy_import_tariff_2": "9001.0",
        "energy_import": "18001.0",
        "energy_export_tariff_1": "9002.0",
        "energy_export_tariff_2": "9003.0",
        "energy_export": "18005.0",
        "power_import_l2": "0.5",
        "voltage_l1": "230.5",
        "current_l3": "3.0",
        "tariff": "tariff_2",
        "price_delivered_1": "0.25",
        "price_gas": "1.2",
        "price_fixed_daily_cost": "0.5",
        "today_cost_fixed": "0.5",
        "contract": "Green and fair",
        "power_failure_count": "8",
        "long_power_failure_count": "3",
        "voltage_sag_count_l2": "1",
        "voltage_swell_count_l3": "1",
        "rejected_telegrams": "0",
        "dsmr_version": "5.0",
        "problem": "on",
        "receiving": "on",
        "quarter_last": "4.2",
        "peak_month": "4.2",
        "history_until": "unknown",
        "last_day_temperature_highest": "15.0",
    }
    assert {name: value(hass, name) for name in expected} == expected
    assert value(hass, "reading", "gas") == "9004.5"
    tariff = hass.states.get(entity(hass, "tariff"))
    assert tariff is not None and tariff.attributes["name"] == "Normaaltarief"
    today = hass.states.get(entity(hass, "today_import"))
    assert today is not None
    assert today.attributes["last_reset"].endswith("T00:00:00+01:00")
    problem = hass.states.get(entity(hass, "problem"))
    assert problem is not None
    assert problem.attributes["problems"][0]["source"] == "dsmr_stats.apps"
    registry = dr.async_get(hass)
    devices = {
        device.name: device
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
    }
    # The entry's title.
    assert set(devices) == {"DSMR-reader test", "DSMR-reader gas meter"}
    main = devices["DSMR-reader test"]
    assert main.sw_version == "5.11.0"
    assert main.configuration_url == server.url
    assert devices["DSMR-reader gas meter"].via_device_id == main.id
    assert not [
        found.entity_id
        for found in hass.states.async_all()
        if found.state == "unavailable"
    ]


async def test_what_is_off_by_default(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    shown = {
        found.unique_id.partition("/")[2]
        for found in er.async_entries_for_config_entry(registry, loaded.entry_id)
        if found.disabled_by is None
    }
    assert shown == {
        "server/history_progress",
        "server/power_import",
        "server/power_export",
        "server/energy_import_tariff_1",
        "server/energy_import_tariff_2",
        "server/energy_import",
        "server/energy_export_tariff_1",
        "server/energy_export_tariff_2",
        "server/energy_export",
        "gas/reading",
        "server/receiving",
        "server/today_import",
        "server/today_export",
        "gas/today_gas",
        "server/today_cost",
        "server/price_delivered_1",
        "server/price_delivered_2",
        "server/price_returned_1",
        "server/price_returned_2",
        "server/price_gas",
        "server/tariff",
        "server/problem",
        "server/history_until",
    }


async def test_values_follow_and_counters_never_fall(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.new.add(reading())
    await poll()
    assert value(hass, "power_import") == "1.5"
    lower = reading(
        electricity_delivered_1=Decimal("8999.9"), extra_device_delivered=Decimal(9004)
    )
    state.new.add(lower | {"electricity_currently_delivered": Decimal("0.1")})
    await poll()
    assert value(hass, "power_import") == "0.1"
    assert value(hass, "energy_import_tariff_1") == "9000.0"
    assert value(hass, "reading", "gas") == "9004.5"
    # A new meter is something else.
    state.new.add(reading(electricity_delivered_1=Decimal(5)))
    await poll()
    assert value(hass, "energy_import_tariff_1") == "5.0"


async def test_old_readings_say_nothing_about_now(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    state.past = None
    state.new.add(reading(timestamp=datetime.now(UTC) - timedelta(hours=2)))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert value(hass, "power_import") == "unavailable"
    assert value(hass, "energy_import_tariff_1") == "9000.0"
    assert value(hass, "receiving") == "off"


async def test_reading_from_the_future_is_left_alone(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.new.add(reading())
    state.new.add(
        reading(
            timestamp=datetime.now(UTC) + timedelta(days=30),
            electricity_currently_delivered=Decimal(9),
        )
    )
    await poll()
    assert value(hass, "power_import") == "1.5"


async def test_empty_server(
    hass: HomeAssistant, state: State, entry: MockConfigEntry, poll: Poll
) -> None:
    past, state.past, state.meter, state.prices = state.past, None, {}, []
    state.days.keep([])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert value(hass, "receiving") == "off"
    assert value(hass, "energy_import_tariff_1") == "unknown"
    assert "gas/reading" not in points(hass)
    # Then it is fed, and entities appear without a reload.
    state.past = past
    state.new.add(reading())
    await poll()
    assert value(hass, "reading", "gas") == "9004.5"
    assert value(hass, "receiving") == "on"


async def test_today_before_the_first_reading_of_the_day(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    known = loaded.runtime_data.backend.state
    assert float(value(hass, "today_import")) >= 0
    # Just after midnight the server answers with a text.
    known.take_today(Today.of("No electricity readings found for: 2026-11-20"))
    assert known.today_value("electricity1") is None
    known.counted_day -= timedelta(days=1)
    assert known.today_value("electricity1") == 0.0


@pytest.mark.parametrize(
    ("version", "absent"),
    [
        ((1, 7), {"server/problem", "server/today_import", "server/cost_per_hour"}),
        ((3, 0, 0), {"server/problem", "server/price_gas"}),
    ],
)
async def test_old_versions(
    hass: HomeAssistant,
    state: State,
    entry: MockConfigEntry,
    version: tuple[int, ...],
    absent: set[str],
) -> None:
    state.version = version
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert float(value(hass, "energy_import")) > 0
    assert not absent & points(hass)


async def test_water_and_heat_come_out_of_the_telegram(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    state.meter["latest_telegram"] = (
        "/FLU5\\253770234_A\r\n\r\n"
        "1-0:1.6.0(261105191500W)(04.329*kW)\r\n"
        "0-2:24.1.0(007)\r\n0-2:96.1.1(3853455430303030)\r\n"
        "0-2:24.2.1(261120083000W)(00872.234*m3)\r\n"
        "0-3:24.1.0(004)\r\n0-3:96.1.0(4848)\r\n"
        "0-3:24.2.1(261120083000W)(12.500*GJ)\r\n"
        "0-4:24.1.0(007)\r\n0-4:24.2.1(oops)(x)\r\n!0000\r\n"
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found = {name for name in points(hass) if name.endswith("/reading")}
    water = next(name for name in found if name.startswith("water_meter"))
    heat = next(name for name in found if name.startswith("heat_meter"))
    assert value(hass, "reading", water.partition("/")[0]) == "872.234"
    assert value(hass, "reading", heat.partition("/")[0]) == "12.5"
    assert not any("3853455430303030" in name for name in found)
