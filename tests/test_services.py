"""The actions: shared ones and those of a backend."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.components.light.const import ColorMode
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.base import Action
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.errors import AuthFailedError, RejectedError
from custom_components.junction.model import LightState
from custom_components.junction.services import async_register_actions

from . import fake_backend
from .common import shown, state_of
from .fake_backend import ROOM, House
from .fake_house import light

RELAY = "switch.room_relay"
BULB = "light.room_bulb"


async def turn_on_for(
    hass: HomeAssistant, duration: Any, **target: str | list[str]
) -> ServiceResponse:
    return await hass.services.async_call(
        DOMAIN,
        "turn_on_for",
        {"duration": duration},
        blocking=True,
        target=target,
        return_response=True,
    )


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        (90, 90.0),
        ("00:10:00", 600.0),
        ({"minutes": 2, "seconds": 30}, 150.0),
    ],
)
async def test_turn_on_for(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    duration: Any,
    seconds: float,
) -> None:
    await turn_on_for(hass, duration, entity_id=[RELAY, BULB])
    assert sorted(house.told) == [((ROOM, "bulb"), seconds), ((ROOM, "relay"), seconds)]
    assert shown(hass, RELAY) == STATE_ON
    assert shown(hass, BULB) == STATE_ON


async def test_turn_on_for_tells_what_came_of_it(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    tap = "valve.room_tap"
    span, before = timedelta(minutes=5), dt_util.utcnow()
    answer: Any = await turn_on_for(
        hass, {"minutes": 5}, entity_id=[RELAY, BULB, "fan.room_vent", tap]
    )
    assert {entity: found["state"] for entity, found in answer.items()} == {
        RELAY: "on",
        BULB: "on",
        "fan.room_vent": "on",
        # The fake reports points without an expected state on request.
        tap: "closed",
    }
    for found in answer.values():
        end = dt_util.parse_datetime(found["ends"], raise_on_error=True)
        assert before + span <= end <= dt_util.utcnow() + span
    assert {what for _, what in house.told} == {300.0}


@pytest.mark.parametrize("by", ["device_id", "area_id", "floor_id", "label_id"])
async def test_turn_on_for_everything_there(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    floor_registry: fr.FloorRegistry,
    label_registry: lr.LabelRegistry,
    by: str,
) -> None:
    """In a room where only some things can be timed, the others are left alone."""
    relay = entity_registry.async_get(RELAY)
    assert relay is not None
    assert relay.device_id is not None
    floor = floor_registry.async_create("Basement")
    label = label_registry.async_create("Tools")
    area = area_registry.async_create("Workshop", floor_id=floor.floor_id)
    device_registry.async_update_device(
        relay.device_id, area_id=area.id, labels={label.label_id}
    )
    target = {
        "device_id": relay.device_id,
        "area_id": area.id,
        "floor_id": floor.floor_id,
        "label_id": label.label_id,
    }[by]
    await turn_on_for(hass, 90, **{by: target})
    assert sorted(key[1] for key, _ in house.told) == ["bulb", "relay", "tap", "vent"]
    assert shown(hass, RELAY) == STATE_ON


@pytest.mark.parametrize("beside", [[], [RELAY, BULB]])
async def test_turn_on_for_what_cannot(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, beside: list[str]
) -> None:
    """An unsupported entity is refused before anything is turned on."""
    with pytest.raises(ServiceValidationError) as caught:
        await turn_on_for(hass, 90, entity_id=[*beside, "switch.room_plain"])
    assert house.told == []
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key == "not_offered"
    assert caught.value.translation_placeholders == {"entity": "Room Plain"}
    assert shown(hass, "switch.room_plain") == STATE_OFF
    with pytest.raises(ServiceValidationError) as caught:
        await turn_on_for(hass, 90, entity_id=[*beside, "sensor.room_temperature"])
    assert caught.value.translation_placeholders == {"entity": "Room Temperature"}
    assert house.told == []


@pytest.mark.parametrize("given", [{"brightness": 77}, {"brightness_pct": 30}])
async def test_turn_on_for_with_a_brightness(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    given: dict[str, float],
) -> None:
    """Brightness applies to lights whose backend supports it; others are just turned on."""

    async def run(**target: str | list[str]) -> None:
        await hass.services.async_call(
            DOMAIN,
            "turn_on_for",
            {"duration": 90, **given},
            blocking=True,
            target=target,
        )

    key = (ROOM, "dimmer")
    timed: list[tuple[float, int]] = []

    async def dim_for(seconds: float, brightness: int) -> None:
        timed.append((seconds, brightness))
        await house.tell(key, seconds, LightState(on=True, brightness=brightness))

    house.remake(
        key, turn_on_for=house.control(key), dim_for=dim_for, brightness_steps=100
    )
    house.push(key, topology=house.topology)
    await hass.async_block_till_done()
    await run(entity_id="light.room_dimmer")
    assert timed == [(90.0, 76)]
    assert state_of(hass, "light.room_dimmer").attributes["brightness"] == 76
    house.told.clear()

    for entity in (BULB, RELAY):
        with pytest.raises(ServiceValidationError) as caught:
            await run(entity_id=["light.room_dimmer", entity])
        assert caught.value.translation_key == "not_offered"
    assert house.told == []

    relay = entity_registry.async_get(RELAY)
    assert relay is not None
    assert relay.device_id is not None
    await run(device_id=relay.device_id)
    told = sorted(key[1] for key, _ in house.told)
    assert told == ["bulb", "dimmer", "relay", "tap", "vent"]
    assert timed[1:] == [(90.0, 76)]


@pytest.mark.parametrize(
    "fields",
    [{"brightness": 77, "brightness_pct": 30}, {"brightness_pct": 101}],
)
async def test_turn_on_for_with_a_wrong_brightness(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, fields: dict[str, Any]
) -> None:
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN,
            "turn_on_for",
            {"duration": 90, "entity_id": "light.room_dimmer", **fields},
            blocking=True,
        )
    assert house.told == []


async def test_turn_on_for_a_moment(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """A pulse is over before anybody looks: it is enough that it was accepted."""
    house.ignores |= {(ROOM, "relay"), (ROOM, "bulb")}
    await turn_on_for(hass, {"milliseconds": 50}, entity_id=[RELAY, BULB])
    assert {what for _, what in house.told} == {0.05}
    assert house.calls["read"] == 0


@pytest.mark.parametrize("duration", [-5, 0, "00:00:00", "soon", None])
async def test_turn_on_for_no_time(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, duration: Any
) -> None:
    with pytest.raises(ServiceValidationError):
        await turn_on_for(hass, duration, entity_id=RELAY)
    assert house.told == []


async def test_turn_on_for_finds_later_entities(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.add(light(house, ROOM, "Stairs", ColorMode.ONOFF, timed=True))
    house.push((ROOM, "stairs"), topology=house.topology)
    await hass.async_block_till_done()
    await turn_on_for(hass, 90, entity_id="light.room_stairs")
    assert house.told == [((ROOM, "stairs"), 90.0)]


async def echo(
    hass: HomeAssistant, entry_id: str, text: str = "hello", action: str = "echo"
) -> ServiceResponse:
    return await hass.services.async_call(
        DOMAIN,
        action,
        {"entry": entry_id, "text": text},
        blocking=True,
        return_response=action == "echo",
    )


async def test_backends_action(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert await echo(hass, loaded.entry_id) == {"echo": "hello"}
    # Nothing to answer is an answer.
    assert await echo(hass, loaded.entry_id, text="") == {}
    assert await echo(hass, loaded.entry_id, action="hush") is None
    assert house.calls["action"] == 3
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "echo", {"entry": loaded.entry_id}, blocking=True
        )


async def test_backends_action_on_a_wrong_entry(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    foreign = MockConfigEntry(domain="other")
    sibling = MockConfigEntry(domain=DOMAIN, data={CONF_BACKEND: "future"})
    ignored = MockConfigEntry(domain=DOMAIN, data={})
    for entry in (foreign, sibling, ignored):
        entry.add_to_hass(hass)
    for entry_id in ("nobody", foreign.entry_id, sibling.entry_id, ignored.entry_id):
        with pytest.raises(ServiceValidationError) as caught:
            await echo(hass, entry_id)
        assert caught.value.translation_key == "wrong_entry"


async def test_action_of_several_backends(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """One name; the entry decides about the fields and the handler."""

    async def count(backend: Any, fields: Mapping[str, Any]) -> JsonObjectType:
        return {"number": fields["number"] + 1}

    action = Action(
        name="echo", schema={vol.Required("number"): vol.Coerce(int)}, handler=count
    )
    silent = Action(name="hush", schema={}, handler=count, response=False)
    async_register_actions(
        hass, replace(fake_backend.INFO, name="future", actions=(action, silent))
    )
    other: MockConfigEntry = MockConfigEntry(
        domain=DOMAIN, data={CONF_BACKEND: "future"}, state=ConfigEntryState.LOADED
    )
    other.runtime_data = loaded.runtime_data
    other.add_to_hass(hass)

    async def ask(entry: MockConfigEntry, **fields: Any) -> ServiceResponse:
        data = {"entry": entry.entry_id, **fields}
        return await hass.services.async_call(
            DOMAIN, "echo", data, blocking=True, return_response=True
        )

    assert await ask(other, number="3") == {"number": 4}
    assert await ask(loaded, text="hello") == {"echo": "hello"}
    for entry, fields in ((other, {"text": "hello"}), (loaded, {"number": 3})):
        with pytest.raises(ServiceValidationError):
            await ask(entry, **fields)
    # In any order of registration.
    async_register_actions(hass, fake_backend.INFO)
    assert await ask(other, number=3) == {"number": 4}


async def test_backends_action_while_not_loaded(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """The action stays, so that automations which use it stay valid."""
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await echo(hass, loaded.entry_id)
    assert caught.value.translation_key == "entry_not_loaded"
    assert caught.value.translation_placeholders == {"entry": "Fake house"}
    assert house.calls["action"] == 0


async def test_actions_are_there_although_setup_fails(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    house.errors["connect"] = RejectedError("no")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert hass.services.has_service(DOMAIN, "turn_on_for")
    assert hass.services.has_service(DOMAIN, "echo")


async def test_backends_action_that_fails(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.errors["action"] = RejectedError("not today")
    with pytest.raises(HomeAssistantError) as caught:
        await echo(hass, loaded.entry_id)
    assert caught.value.translation_key == "rejected"
    assert caught.value.translation_placeholders == {"detail": "not today"}

    house.errors["action"] = AuthFailedError("expired")
    with pytest.raises(HomeAssistantError):
        await echo(hass, loaded.entry_id)
    await hass.async_block_till_done()
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]
