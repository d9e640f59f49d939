"""Buttons, bells, and alarms fire once each, and never because of a full refresh."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...common import shown, state_of
from .conftest import entity_id, until


class Heard(list[Mapping[str, Any]]):
    """The events of one entity."""

    def __init__(self, hass: HomeAssistant, entity: str) -> None:
        super().__init__()

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            new, old = event.data["new_state"], event.data["old_state"]
            if event.data["entity_id"] == entity and new and old:
                if new.state not in (old.state, "unavailable", "unknown"):
                    self.append(new.attributes)

        hass.bus.async_listen("state_changed", changed)


@pytest.fixture
def presses(hass: HomeAssistant, loaded: MockConfigEntry) -> Heard:
    """Return the events of the remote control."""
    return Heard(hass, entity_id(hass, loaded, seed.REMOTE, "remote"))


async def test_same_button_twice(world: CozifyWorld, presses: Heard) -> None:
    world.hub.press(seed.REMOTE, 1)
    await until(lambda: len(presses) == 1)
    world.hub.press(seed.REMOTE, 1)
    await until(lambda: len(presses) == 2)
    world.hub.press(seed.REMOTE, 2, "longpress")
    await until(lambda: len(presses) == 3)
    assert [(e["event_type"], e["button"], e["label"]) for e in presses] == [
        ("press", 1, "Päälle"),
        ("press", 1, "Päälle"),
        ("longpress", 2, "Pois"),
    ]


@pytest.mark.parametrize("modifier", ["stop", "full_on", "toggle"])
async def test_modifiers(world: CozifyWorld, presses: Heard, modifier: str) -> None:
    world.hub.press(seed.REMOTE, 9, modifier)
    await until(lambda: presses)
    assert presses[0]["event_type"] == modifier
    assert presses[0]["button"] == 9
    assert "label" not in presses[0]


async def test_no_press(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry, presses: Heard
) -> None:
    """A battery report, a repeated delta, or a full refresh is not a press."""
    hub = world.hub.state
    hub.set(seed.REMOTE, batteryV=2.5)
    voltage = entity_id(hass, loaded, seed.REMOTE, "battery_voltage")
    await until(lambda: shown(hass, voltage) == "2.5")
    hub.touch("devices", seed.REMOTE)
    hub.set(seed.REMOTE, button=None)
    hub.behaviour.repeat = True
    hub.set(seed.PLUG, isOn=True)
    plug = entity_id(hass, loaded, seed.PLUG, "switch")
    await until(lambda: shown(hass, plug) == "on")
    assert presses == []
    world.hub.press(seed.REMOTE, 1)
    await until(lambda: len(presses) == 1)
    hub.set(seed.PLUG, isOn=False)
    await until(lambda: shown(hass, plug) == "off")
    assert len(presses) == 1
    # Presses while Junction is offline, reported later by a full refresh.
    await world.hub.server.refuse()
    world.hub.press(seed.REMOTE, 2)
    hub.restart()
    await world.hub.server.listen()
    await loaded.runtime_data.async_refresh()
    await until(lambda: hub.polls_now == 1)
    assert len(presses) == 1


async def test_doorbell(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    rings = Heard(hass, entity_id(hass, loaded, seed.DOORBELL, "doorbell"))
    world.hub.state.set(seed.DOORBELL, alert=True)
    await until(lambda: len(rings) == 1)
    world.hub.keep_alive(seed.DOORBELL)
    world.hub.state.set(seed.DOORBELL, alert=False)
    world.hub.state.set(seed.PLUG, isOn=True)
    plug = entity_id(hass, loaded, seed.PLUG, "switch")
    await until(lambda: shown(hass, plug) == "on")
    assert [ring["event_type"] for ring in rings] == ["ring"]


async def test_alarms(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    open_alarms = entity_id(hass, loaded, "hub", "alarms")
    heard = Heard(hass, entity_id(hass, loaded, "hub", "alarm"))
    alarm = world.hub.state.items["alarms"][seed.ALARM]
    assert shown(hass, open_alarms) == "off"
    alarm["closed"] = False
    world.hub.state.touch("alarms", seed.ALARM)
    await until(lambda: shown(hass, open_alarms) == "on")
    assert state_of(hass, open_alarms).attributes["count"] == 1
    world.hub.state.remove("alarms", seed.ALARM)
    await until(lambda: shown(hass, open_alarms) == "off")
    assert [(e["event_type"], e["title"], e["level"]) for e in heard] == [
        ("raised", "Murtohälytys", "err"),
        ("closed", "Murtohälytys", "err"),
    ]


@pytest.mark.parametrize(
    ("device", "point", "field"),
    [
        (seed.MOTION, "motion", "motion"),
        (seed.CONTACT, "contact", "open"),
        (seed.MOISTURE, "moisture", "moisture"),
        (seed.SMOKE, "smoke", "alert"),
        (seed.CO, "co", "coDetected"),
        (seed.FROST, "sound", "sirenOn"),
    ],
)
async def test_detectors(
    hass: HomeAssistant,
    world: CozifyWorld,
    loaded: MockConfigEntry,
    device: str,
    point: str,
    field: str,
) -> None:
    entity = entity_id(hass, loaded, device, point)
    world.hub.state.set(device, seen=True, **{field: True})
    await until(lambda: shown(hass, entity) == "on")
    world.hub.state.set(device, seen=True, **dict[str, Any]({field: None}))
    await until(lambda: shown(hass, entity) == "unknown")
