"""A load follows the sun."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from .conftest import Automate, Pass, at, shown

POWER, BOILER = "sensor.net_power", "input_boolean.boiler"


def net(hass: HomeAssistant, value: float | str, unit: str = "kW") -> None:
    hass.states.async_set(
        POWER, str(value), {"unit_of_measurement": unit, "device_class": "power"}
    )


@pytest.fixture(autouse=True)
async def noon(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(at(12, 0))
    net(hass, 0.3)
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"boiler": {"initial": False}}}
    )


async def test_on_with_surplus_and_off_without(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    await automate("solar_surplus", net_power=POWER, load=BOILER)
    net(hass, -1.9)
    await wait(400)
    assert shown(hass, BOILER) == "off"  # too little for its 2 kW
    net(hass, -2.4)
    await wait(290)
    assert shown(hass, BOILER) == "off"  # the sun may go again
    await wait(20)
    assert shown(hass, BOILER) == "on"
    # The load's own power does not count as a shortage, nor does the allowed import.
    net(hass, -0.4)
    await wait(900)
    net(hass, 0.2)
    await wait(900)
    assert shown(hass, BOILER) == "on"
    net(hass, 1.5)
    await wait(170)
    assert shown(hass, BOILER) == "on"  # a cloud
    net(hass, -0.1)
    await wait(60)
    net(hass, 1.5)
    await wait(170)
    assert shown(hass, BOILER) == "on"
    await wait(20)
    assert shown(hass, BOILER) == "off"


async def test_not_on_and_off_all_the_time(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    """Ten minutes at least, and then three of shortage."""
    await automate("solar_surplus", net_power=POWER, load=BOILER)
    net(hass, -3)
    await wait(305)
    assert shown(hass, BOILER) == "on"
    net(hass, 2)
    await wait(600)
    assert shown(hass, BOILER) == "on"
    await wait(250)
    assert shown(hass, BOILER) == "off"


async def test_watts_and_own_times(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    await automate(
        "solar_surplus",
        net_power=POWER,
        load=BOILER,
        load_power=0.5,
        wait_on={"seconds": 30},
        wait_off={"seconds": 30},
        minimum_on=0,
        allowed_import=0,
    )
    net(hass, -450, "W")
    await wait(60)
    assert shown(hass, BOILER) == "off"
    net(hass, -550, "W")
    await wait(35)
    assert shown(hass, BOILER) == "on"
    net(hass, 20, "W")
    await wait(35)
    assert shown(hass, BOILER) == "off"


async def test_a_lost_meter_ends_it(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    await automate("solar_surplus", net_power=POWER, load=BOILER, minimum_on=0)
    net(hass, -3)
    await wait(305)
    assert shown(hass, BOILER) == "on"
    net(hass, "unavailable")
    await wait(200)
    assert shown(hass, BOILER) == "off"
    await wait(900)
    assert shown(hass, BOILER) == "off"
