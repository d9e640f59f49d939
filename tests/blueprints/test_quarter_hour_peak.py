"""Loads go off before a quarter of an hour becomes too high, and come back."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from .conftest import Automate, Pass, at, settled, shown

DEMAND, POWER, PEAK = "sensor.average_demand", "sensor.net_power", "sensor.peak"
BOILER, CHARGER = "input_boolean.boiler", "input_boolean.charger"


class Quarter:
    """The meter in a quarter-hour: its readings, by the loads that are on."""

    def __init__(self, hass: HomeAssistant, unit: str = "kW") -> None:
        self.hass = hass
        self.unit = unit

    def shows(self, entity: str, kilowatt: float | None) -> None:
        value = kilowatt if self.unit == "kW" or kilowatt is None else kilowatt * 1000
        self.hass.states.async_set(
            entity,
            "unavailable" if value is None else f"{value:g}",
            {"unit_of_measurement": self.unit, "device_class": "power"},
        )


@pytest.fixture
async def meter(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Quarter:
    """Return the meter, five minutes into a quarter, with little going on."""
    freezer.move_to(at(12, 5))
    quarter = Quarter(hass)
    quarter.shows(DEMAND, 0.2)
    quarter.shows(POWER, 0.6)
    assert await async_setup_component(
        hass,
        "input_boolean",
        {
            "input_boolean": {
                "boiler": {"initial": True},
                "charger": {"initial": True},
            }
        },
    )
    return quarter


INPUTS: dict[str, Any] = {
    "average_demand": DEMAND,
    "power": POWER,
    "loads": [CHARGER, BOILER],
    "limit": 2.5,
    "margin": 0.1,
    "patience": {"seconds": 30},
    "load_power": 2,
    "settle": 20,
    "minimum_off": 120,
}


async def test_first_load_first_and_back_when_there_is_room(
    hass: HomeAssistant, automate: Automate, wait: Pass, meter: Quarter
) -> None:
    calls = async_capture_events(hass, "call_service")
    await automate("quarter_hour_peak", **INPUTS)
    await wait(60)
    assert not calls

    # 0.3 kW so far, and 6 kW for the nine minutes left: 3.9 kW.
    meter.shows(DEMAND, 0.3)
    meter.shows(POWER, 6)
    await wait(25)
    assert shown(hass, CHARGER) == "on"  # a kettle would be done by then
    await wait(10)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "on")
    # Without the charger there is enough power for the rest.
    meter.shows(POWER, 2)
    await wait(60)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "on")
    # With its 2 kW back, this quarter would make 1.2 + 4 · 5/15 kW from 12:10 on,
    meter.shows(DEMAND, 1.2)
    await wait(140)
    assert shown(hass, CHARGER) == "off"
    # and 1.2 + 4 · 4/15 kW from 12:11 on.
    await wait(60)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("on", "on")
    names = [
        (call.data["service"], call.data["service_data"]["entity_id"])
        for call in calls
        if call.data["domain"] == "homeassistant"
    ]
    assert names == [("turn_off", [CHARGER]), ("turn_on", [CHARGER])]


async def test_one_after_the_other_while_it_is_too_much(
    hass: HomeAssistant, automate: Automate, wait: Pass, meter: Quarter
) -> None:
    await automate("quarter_hour_peak", **INPUTS)
    meter.shows(POWER, 8)
    await wait(35)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "on")
    meter.shows(POWER, 5)
    await wait(25)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "off")
    # There is nothing else to shed; they come back in the opposite order, not at once.
    meter.shows(POWER, 0.1)
    await wait(90)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "off")
    await wait(60)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "on")
    await wait(150)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("on", "on")


async def test_what_was_off_stays_off(
    hass: HomeAssistant, automate: Automate, wait: Pass, meter: Quarter
) -> None:
    await hass.services.async_call(
        "input_boolean", "turn_off", {"entity_id": CHARGER}, blocking=True
    )
    await automate("quarter_hour_peak", **INPUTS)
    meter.shows(POWER, 8)
    await wait(35)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "off")
    meter.shows(POWER, 0)
    await wait(400)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("off", "on")


async def test_what_the_month_has_cost_already_may_be_used(
    hass: HomeAssistant, automate: Automate, wait: Pass, meter: Quarter
) -> None:
    meter.shows(PEAK, 4.5)
    await automate("quarter_hour_peak", **INPUTS, month_peak=PEAK)
    meter.shows(POWER, 6)  # makes 4.2 kW
    await wait(60)
    assert shown(hass, CHARGER) == "on"
    meter.shows(POWER, 9)
    await wait(40)
    assert shown(hass, CHARGER) == "off"


async def test_watts_and_further_actions(
    hass: HomeAssistant, automate: Automate, wait: Pass, meter: Quarter
) -> None:
    meter.unit = "W"
    meter.shows(DEMAND, 0.2)
    meter.shows(POWER, 0.6)
    events = async_capture_events(hass, "shed")
    also = {"event": "shed", "event_data_template": {"load": "{{ load }}"}}
    await automate("quarter_hour_peak", **INPUTS, also=[also])
    await wait(60)
    assert shown(hass, CHARGER) == "on"
    meter.shows(POWER, 8)
    await wait(35)
    assert shown(hass, CHARGER) == "off"
    assert [event.data["load"] for event in events] == [CHARGER]


async def test_a_meter_that_is_lost_keeps_nothing_off(
    hass: HomeAssistant, automate: Automate, wait: Pass, meter: Quarter
) -> None:
    # Even one for which there never is room by the numbers.
    await automate("quarter_hour_peak", **{**INPUTS, "load_power": 25})
    meter.shows(POWER, 8)
    await wait(35)
    assert shown(hass, CHARGER) == "off"
    meter.shows(DEMAND, None)
    meter.shows(POWER, None)
    await wait(150)
    assert (shown(hass, CHARGER), shown(hass, BOILER)) == ("on", "on")


async def test_the_end_of_the_last_quarter_is_not_the_beginning_of_the_next(
    hass: HomeAssistant,
    automate: Automate,
    wait: Pass,
    meter: Quarter,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A meter that shows 2.4 kW for some seconds after :15 sheds nothing."""
    await automate("quarter_hour_peak", **{**INPUTS, "patience": {"seconds": 0}})
    freezer.move_to(at(12, 15, 1))
    meter.shows(DEMAND, 2.35)
    meter.shows(POWER, 2)
    await settled(hass)
    await wait(15)
    meter.shows(DEMAND, 0.03)
    await wait(60)
    assert shown(hass, CHARGER) == "on"
