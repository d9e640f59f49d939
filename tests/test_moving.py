"""The claims of docs/moving.md about history: entity ids and their statistics."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.junction.const import DOMAIN

OLD = "sensor.electricity_meter_energy_consumption_tarif_1"
NEW = "sensor.electricity_meter_energy_import_tariff_1"
START = datetime(2026, 6, 1, 10, tzinfo=dt_util.UTC)
STEP = timedelta(minutes=5)
COUNTER = {
    "device_class": "energy",
    "state_class": "total_increasing",
    "unit_of_measurement": "kWh",
}


async def counted(
    hass: HomeAssistant, freezer: Any, number: int, entity_id: str, value: float
) -> None:
    """Let a counter show a value for five minutes, and have them compiled."""
    start = START + number * STEP
    freezer.move_to(start + timedelta(seconds=1))
    hass.states.async_set(entity_id, str(value), COUNTER, force_update=True)
    await async_wait_recording_done(hass)
    freezer.move_to(start + STEP)
    do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)


async def sums(hass: HomeAssistant, recorder: Any, entity_id: str) -> list[float]:
    """Return the statistics sums of an entity, one per five minutes."""
    found = await recorder.async_add_executor_job(
        statistics_during_period,
        hass,
        START,
        None,
        {entity_id},
        "5minute",
        None,
        {"sum"},
    )
    return [row["sum"] for row in found.get(entity_id, [])]


def entity_of(hass: HomeAssistant, platform: str, entity_id: str) -> MockConfigEntry:
    """Return the entry of an integration that has one entity."""
    entry = MockConfigEntry(domain=platform)
    entry.add_to_hass(hass)
    er.async_get(hass).async_get_or_create(
        "sensor",
        platform,
        "4711",
        config_entry=entry,
        suggested_object_id=entity_id.partition(".")[2],
    )
    return entry


@pytest.fixture
async def recorder(
    recorder_mock: Any, hass: HomeAssistant, freezer: Any, socket_enabled: None
) -> Any:
    freezer.move_to(START)
    assert await async_setup_component(hass, "sensor", {})
    return recorder_mock


@pytest.mark.parametrize("ran_before", [False, True], ids=["at_once", "after_a_while"])
async def test_statistics_go_on_under_the_old_id(
    hass: HomeAssistant, recorder: Any, freezer: Any, ran_before: bool
) -> None:
    """The old entry is removed, its id is free, and ours takes it: the sums go on."""
    registry = er.async_get(hass)
    old = entity_of(hass, "dsmr", OLD)
    for number, value in enumerate([100.0, 101.0, 103.0]):
        await counted(hass, freezer, number, OLD, value)
    assert await sums(hass, recorder, OLD) == [0, 1, 3]

    await hass.config_entries.async_remove(old.entry_id)
    hass.states.async_remove(OLD)
    assert registry.async_get(OLD) is None

    entity_of(hass, DOMAIN, NEW)
    if ran_before:
        await counted(hass, freezer, 3, NEW, 104.0)
        hass.states.async_remove(NEW)
    registry.async_update_entity(NEW, new_entity_id=OLD)
    await async_wait_recording_done(hass)
    ours = registry.async_get(OLD)
    assert ours is not None
    assert ours.platform == DOMAIN
    for number, value in enumerate([105.0, 106.5], start=4):
        await counted(hass, freezer, number, OLD, value)
    # From 103 kWh on, including what was recorded under the other id.
    assert await sums(hass, recorder, OLD) == [0, 1, 3, 5, 6.5]


async def test_id_in_use_cannot_be_taken(hass: HomeAssistant, recorder: Any) -> None:
    """While the old entry is there its ids are not free."""
    entity_of(hass, "dsmr", OLD)
    entity_of(hass, DOMAIN, NEW)
    with pytest.raises(ValueError, match="already"):
        er.async_get(hass).async_update_entity(NEW, new_entity_id=OLD)
