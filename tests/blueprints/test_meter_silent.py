"""A silent meter is reported once, and so is its recovery."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.persistent_notification import async_create
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.junction.const import DOMAIN

from .conftest import Automate, Pass, at, settled

CONNECTION = "binary_sensor.electricity_meter_p1_connection"
TOLD: dict[str, Any] = {
    "when_silent": [
        {
            "action": "notify.phone",
            "data": {"message": "{{ meter }} {{ connection }}"},
        }
    ],
    "when_back": [{"action": "notify.phone", "data": {"message": "back"}}],
}


@pytest.fixture(autouse=True)
def meter(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(at(12, 0))
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, "meter")},
        name="Electricity meter",
    )
    er.async_get(hass).async_get_or_create(
        "binary_sensor",
        DOMAIN,
        "connected",
        suggested_object_id=CONNECTION.partition(".")[2],
        device_id=device.id,
    )
    hass.states.async_set(CONNECTION, "on")


async def test_told_once_and_again_when_back(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    calls = async_mock_service(hass, "notify", "phone")
    await automate(
        "meter_silent", connection=CONNECTION, silence={"minutes": 5}, **TOLD
    )
    hass.states.async_set(CONNECTION, "off")
    await wait(200)
    hass.states.async_set(CONNECTION, "on")  # it was a short one
    await wait(200)
    assert not calls
    hass.states.async_set(CONNECTION, "off")
    await wait(100)
    hass.states.async_set(CONNECTION, "unavailable")  # the entry was reloaded
    await wait(205)
    assert [call.data["message"] for call in calls] == [
        f"Electricity meter {CONNECTION}"
    ]
    await wait(1000)
    assert len(calls) == 1
    hass.states.async_set(CONNECTION, "on")
    await settled(hass)
    assert [call.data["message"] for call in calls][1:] == ["back"]
    hass.states.async_set(CONNECTION, "off")
    await wait(305)
    assert len(calls) == 3


async def test_notification_without_anything_to_fill_in(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    async_create(hass, "what makes the integration load")
    created = async_mock_service(hass, "persistent_notification", "create")
    dismissed = async_mock_service(hass, "persistent_notification", "dismiss")
    await automate("meter_silent", connection=CONNECTION)
    hass.states.async_set(CONNECTION, "off")
    await wait(595)
    assert not created
    await wait(10)
    assert created[0].data["message"].startswith("Electricity meter has sent no valid")
    hass.states.async_set(CONNECTION, "on")
    await settled(hass)
    assert (
        dismissed[0].data["notification_id"]
        == created[0].data["notification_id"]
        == "binary_sensor_electricity_meter_p1_connection_silent"
    )


@pytest.mark.parametrize("comes_back", [True, False])
async def test_silent_since_before_the_start(
    hass: HomeAssistant, automate: Automate, wait: Pass, comes_back: bool
) -> None:
    calls = async_mock_service(hass, "notify", "phone")
    hass.set_state(CoreState.not_running)
    hass.states.async_set(CONNECTION, "unavailable")
    await automate("meter_silent", connection=CONNECTION, **TOLD)
    await hass.async_start()
    await settled(hass)
    await wait(500)
    if comes_back:
        hass.states.async_set(CONNECTION, "on")
    await wait(200)
    assert len(calls) == (0 if comes_back else 1)
