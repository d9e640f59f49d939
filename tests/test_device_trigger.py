"""Device triggers of event entities."""

from homeassistant.components import automation
from homeassistant.components.device_automation import DeviceAutomationType
from homeassistant.components.event import DoorbellEventType
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_get_device_automations,
    async_mock_service,
)

from custom_components.junction.const import DOMAIN
from custom_components.junction.errors import UnreachableError

from .fake_backend import ROOM, House
from .texts import texts

BELL = "event.room_bell"
EVENTS = ("short", "long")


@pytest.fixture
def device(
    hass: HomeAssistant, loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> str:
    """Return the device with the bell."""
    entity = entity_registry.async_get(BELL)
    assert entity is not None
    assert entity.device_id is not None
    return entity.device_id


async def triggers(hass: HomeAssistant, device: str) -> list[dict[str, str]]:
    found = await async_get_device_automations(
        hass, DeviceAutomationType.TRIGGER, device
    )
    return [trigger for trigger in found if trigger["domain"] == DOMAIN]


async def test_one_for_each_type_of_event(
    hass: HomeAssistant, device: str, entity_registry: er.EntityRegistry
) -> None:
    entity = entity_registry.async_get(BELL)
    assert entity is not None
    found = await triggers(hass, device)
    assert [(trigger["entity_id"], trigger["type"]) for trigger in found] == [
        (entity.id, event) for event in EVENTS
    ]
    # A disabled entity never triggers.
    entity_registry.async_update_entity(BELL, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert await triggers(hass, device) == []


async def test_none_on_a_device_without_events(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    for hub in dr.async_entries_for_config_entry(device_registry, loaded.entry_id):
        if hub.name == "Hub":
            assert await triggers(hass, hub.id) == []


async def test_runs_an_automation(
    hass: HomeAssistant, device: str, house: House
) -> None:
    calls: list[ServiceCall] = async_mock_service(hass, "test", "automation")
    found = await triggers(hass, device)
    assert await async_setup_component(
        hass,
        automation.DOMAIN,
        {
            automation.DOMAIN: [
                {
                    "alias": trigger["type"],
                    "trigger": trigger,
                    "action": {
                        "action": "test.automation",
                        "data": {"told": "{{ trigger.description }}"},
                    },
                }
                for trigger in found
            ]
        },
    )
    await hass.async_block_till_done()
    assert house.sink is not None

    async def happen(event: str) -> list[str]:
        assert house.sink is not None
        calls.clear()
        house.sink.event((ROOM, "bell"), event, {})
        await hass.async_block_till_done()
        return [call.data["told"] for call in calls]

    for event in (*EVENTS, EVENTS[0], EVENTS[0]):
        assert await happen(event) == [f"Room Bell: {event}"]

    # An event from before a lost connection does not trigger again.
    calls.clear()
    house.sink.lost(UnreachableError("gone"))
    await hass.async_block_till_done()
    house.push((ROOM, "relay"))
    await hass.async_block_till_done()
    assert calls == []
    assert await happen(EVENTS[0]) == [f"Room Bell: {EVENTS[0]}"]


def test_every_type_of_event_has_a_text() -> None:
    events = {
        key.rsplit(".", 1)[1]
        for key in texts()
        if key.startswith("entity.event.") and ".event_type.state." in key
    }
    assert str(DoorbellEventType.RING) in events
    told = {
        key.removeprefix("device_automation.trigger_type.")
        for key in texts()
        if key.startswith("device_automation.trigger_type.")
    }
    assert told == events
