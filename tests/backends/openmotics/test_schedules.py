"""Week schedules of thermostats."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.openmotics.client.models import Day, Period
from custom_components.junction.backends.openmotics.client.v0.schedule import week
from simulators.openmotics.cloud import CloudServer
from simulators.openmotics.server import GatewayServer

from .conftest import Entities, add_cloud_entry, asked, set_up


async def weeks(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    return await hass.services.async_call(
        "junction",
        "get_thermostat_schedules",
        {"entry": entry.entry_id},
        blocking=True,
        return_response=True,
    )


async def test_the_weeks_of_all_thermostats(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer
) -> None:
    gateway.state.thermostats[0]["auto_sat"] = [
        *(17.5, "07:00", "09:30", 20.0),
        *("00:00", "00:00", 21.0),
    ]
    gateway.server.log.clear()
    found = (await weeks(hass, om))["thermostats"]
    asked_for = asked(gateway)
    assert asked_for["get_thermostat_configurations"] == 1
    assert asked_for["get_cooling_configurations"] == 1
    entities = Entities(hass, om)
    assert set(found) == {entities.id("thermostat_0"), entities.id("thermostat_1")}
    living = found[entities.id("thermostat_0")]
    assert set(living) == {"heating", "cooling"}
    assert next(iter(living["heating"])) == "monday"
    assert len(living["heating"]) == len(living["cooling"]) == 7
    assert living["heating"]["saturday"] == {
        "night": 17.5,
        "periods": [{"start": "07:00", "end": "09:30", "temperature": 20.0}],
    }


async def test_the_cloud_tells_none(hass: HomeAssistant, server: CloudServer) -> None:
    entry = add_cloud_entry(hass)
    await set_up(hass, entry)
    with pytest.raises(HomeAssistantError):
        await weeks(hass, entry)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        (None, None),
        ([], None),
        (["x"], None),
        ([16.0], Day(night=16.0)),
        ([16.0, "42:30", "42:30", 20.0, "8:00", "09:00", 21.0], Day(night=16.0)),
        (
            [16.0, "20:00", "24:00", 20.0, "24:01", "25:00", 20.0],
            Day(
                night=16.0,
                periods=(Period(start="20:00", end="24:00", temperature=20.0),),
            ),
        ),
        (
            ["16", "08:00", "09:00", 20, None, "10:00", 21.0],
            Day(
                night=16.0,
                periods=(Period(start="08:00", end="09:00", temperature=20.0),),
            ),
        ),
    ],
)
def test_a_day(told: object, day: Day | None) -> None:
    assert week({"auto_mon": told}) == ({} if day is None else {"monday": day})
