"""The check has its five minutes from the recorder at any minute of an hour, and again."""

from datetime import UTC, datetime

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from demo import statistics_now


async def _counted(hass: HomeAssistant, entity_id: str) -> bool:
    await hass.services.async_call(statistics_now.DOMAIN, "compile", blocking=True)
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2026, 11, 20, 9, tzinfo=UTC),
        None,
        {entity_id},
        "5minute",
        None,
        {"state", "mean"},
    )
    return bool(rows.get(entity_id))


@pytest.mark.parametrize("minute", [2, 52, 57])
async def test_one_system_after_the_other(
    recorder_mock: object,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    minute: int,
) -> None:
    freezer.move_to(datetime(2026, 11, 20, 9, minute, 30, tzinfo=UTC))
    assert await async_setup_component(hass, "sensor", {})
    assert await statistics_now.async_setup(hass, {})
    counter = {"state_class": "total_increasing", "device_class": "energy"}
    for name in ("sensor.first", "sensor.second"):
        hass.states.async_set(name, "5", {**counter, "unit_of_measurement": "kWh"})
        await hass.async_block_till_done()
        assert await _counted(hass, name)
