"""The actions, apart from the import."""

from datetime import date, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.dsmr_reader import State

READING = {
    **{
        f"electricity_{side}_{n}": 1234.5
        for side in ("delivered", "returned")
        for n in (1, 2)
    },
    "electricity_currently_delivered": 0.5,
    "electricity_currently_returned": 0,
}
DAY = {
    "day": "2020-02-29",
    "electricity1": 3.21,
    "electricity2": 5.432,
    "electricity1_returned": 0,
    "electricity2_returned": 0,
    "electricity1_cost": -0.77,
    "electricity2_cost": 1.4,
    "total_cost": 0.63,
}


async def call(
    hass: HomeAssistant, action: str, entry: MockConfigEntry, **data: Any
) -> Any:
    return await hass.services.async_call(
        "junction",
        f"dsmr_reader_{action}",
        {"entry": entry.entry_id, **data},
        blocking=True,
        return_response=True,
    )


async def test_send_reading(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    now = dt_util.utcnow().replace(microsecond=0)
    created = await call(
        hass,
        "send_reading",
        loaded,
        **READING,
        timestamp=(now - timedelta(minutes=5)).isoformat(),
        extra_device_delivered=77.1234,
        extra_device_timestamp=now.isoformat(),
        phase_currently_delivered_l1=0.12345,
        phase_currently_returned_l3=1,
        phase_voltage_l2=229.96,
        phase_power_current_l1=3.6,
    )
    assert created["electricity_delivered_1"] == "1234.500"
    assert created["phase_currently_delivered_l1"] == "0.123"
    assert created["phase_currently_delivered_l2"] is None
    assert created["phase_currently_returned_l3"] == "1.000"
    assert created["phase_voltage_l2"] == "230.0"
    assert created["phase_power_current_l1"] == 4
    assert created["extra_device_delivered"] == "77.123"
    assert len(state.new) == 1
    assert state.new[0]["timestamp"] == now - timedelta(minutes=5)


async def test_reading_of_tomorrow_is_not_sent(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    tomorrow = dt_util.utcnow() + timedelta(days=1)
    with pytest.raises(HomeAssistantError) as refused:
        await call(
            hass, "send_reading", loaded, **READING, timestamp=tomorrow.isoformat()
        )
    assert refused.value.translation_key == "field_invalid"
    with pytest.raises(ServiceValidationError):
        await call(
            hass,
            "send_reading",
            loaded,
            **{**READING, "electricity_delivered_1": 1_000_000},
        )
    assert len(state.new) == 0


async def test_create_day_statistics(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    created = await call(hass, "create_day_statistics", loaded, **DAY, gas=1.5)
    assert created["electricity1"] == "3.210"
    assert created["electricity1_cost"] == "-0.77"
    assert state.days.between(date(2020, 2, 29), date(2020, 2, 29))
    with pytest.raises(HomeAssistantError) as refused:
        await call(hass, "create_day_statistics", loaded, **DAY)
    assert refused.value.translation_key == "dsmr_reader_data"
    assert "already exists" in str(refused.value.translation_placeholders)


async def test_get_statistics(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    assert state.past is not None
    day = state.past.days()[0]
    found = await call(hass, "get_statistics", loaded, start=day.isoformat())
    assert [row["day"] for row in found["days"]] == [day.isoformat()]
    assert found["days"][0]["electricity1"] >= 0
    end = day + timedelta(days=1)
    found = await call(
        hass,
        "get_statistics",
        loaded,
        start=day.isoformat(),
        end=end.isoformat(),
        period="hour",
    )
    assert found == {"hours": []}
    with pytest.raises(HomeAssistantError):
        await call(
            hass,
            "get_statistics",
            loaded,
            start="2020-01-01",
            end="2026-01-01",
            period="hour",
        )
