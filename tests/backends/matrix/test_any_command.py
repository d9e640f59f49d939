"""Any command in a platform's range ends without an error, unless the device ignores it."""

from collections.abc import AsyncGenerator
from random import Random
from typing import Any

from homeassistant.components.climate import ClimateEntityFeature
from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.fan import FanEntityFeature
from homeassistant.components.light.const import ColorMode
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.junction.backends.base import BackendInfo
from custom_components.junction.backends.dsmr import adapter as dsmr

from ...common import reason
from .house import House
from .houses import HOUSES

# Commands that a device refuses by its own rules, with its own message.
RULES = {"openmotics_unknown_position"}
# Mycodo measures with nothing that it has not activated.
BUTTON_RULES = {"rejected"}

STATELESS = {Platform.BUTTON, Platform.SCENE}

# So many of the entities, in each example.
SAMPLE = 15

type Command = tuple[str, dict[str, Any]]


@pytest.fixture(params=[kind for kind in HOUSES if kind.steers], ids=lambda k: k.name)
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[House]:
    """Return a house with its entry set up, that gives its devices some time."""
    monkeypatch.setattr(request.param, "confirm_after", (0.05, 0.2, 1.0))
    house: House = request.param(hass, monkeypatch)
    async with house.running():
        yield house


def _light(state: State, pick: Random) -> Command:
    modes = set(state.attributes["supported_color_modes"])
    if pick.random() < 0.3:
        return "turn_off", {}
    fields: dict[str, Any] = {}
    if modes != {ColorMode.ONOFF} and pick.random() < 0.7:
        fields["brightness"] = pick.randint(1, 255)
    if modes & {ColorMode.COLOR_TEMP, ColorMode.HS} and pick.random() < 0.7:
        # Also a value that a light does not support: it takes the nearest one.
        if pick.random() < 0.5:
            fields["color_temp_kelvin"] = pick.randint(1500, 9000)
        else:
            fields["hs_color"] = (pick.uniform(0, 360), pick.uniform(0, 100))
    return "turn_on", fields


def _climate(state: State, pick: Random) -> Command:
    about, features = state.attributes, state.attributes["supported_features"]
    found: list[Command] = [
        ("set_hvac_mode", {"hvac_mode": pick.choice(about["hvac_modes"])})
    ]
    if features & ClimateEntityFeature.TARGET_TEMPERATURE:
        wanted = pick.uniform(about["min_temp"], about["max_temp"])
        found.append(("set_temperature", {"temperature": wanted}))
    if features & ClimateEntityFeature.PRESET_MODE:
        found.append(
            ("set_preset_mode", {"preset_mode": pick.choice(about["preset_modes"])})
        )
    if features & ClimateEntityFeature.FAN_MODE:
        found.append(("set_fan_mode", {"fan_mode": pick.choice(about["fan_modes"])}))
    return pick.choice(found)


def _fan(state: State, pick: Random) -> Command:
    about, features = state.attributes, state.attributes["supported_features"]
    found: list[Command] = [("turn_on", {}), ("turn_off", {})]
    if features & FanEntityFeature.SET_SPEED:
        found.append(("set_percentage", {"percentage": pick.randint(0, 100)}))
    if features & FanEntityFeature.PRESET_MODE:
        found.append(
            ("set_preset_mode", {"preset_mode": pick.choice(about["preset_modes"])})
        )
    return pick.choice(found)


def _moving(state: State, pick: Random) -> Command:
    # The bits of covers and valves are the same.
    features: int = state.attributes["supported_features"]
    kind = state.domain
    position = {"position": pick.randint(0, 100)}
    offers: list[tuple[int, Command]] = [
        (CoverEntityFeature.OPEN, (f"open_{kind}", {})),
        (CoverEntityFeature.CLOSE, (f"close_{kind}", {})),
        (CoverEntityFeature.STOP, (f"stop_{kind}", {})),
        (CoverEntityFeature.SET_POSITION, (f"set_{kind}_position", position)),
    ]
    return pick.choice([told for bit, told in offers if features & bit])


def _command(state: State, pick: Random) -> Command | None:
    """Return something that an entity can be told."""
    about = state.attributes
    match state.domain:
        case "switch" | "siren":
            return pick.choice(["turn_on", "turn_off"]), {}
        case "light":
            return _light(state, pick)
        case "number":
            return "set_value", {"value": pick.uniform(about["min"], about["max"])}
        case "select":
            return "select_option", {"option": pick.choice(about["options"])}
        case "fan":
            return _fan(state, pick)
        case "climate":
            return _climate(state, pick) if about["supported_features"] else None
        case "cover" | "valve":
            return _moving(state, pick)
        case "media_player":
            return "volume_set", {"volume_level": pick.random()}
        case "button":
            return "press", {}
        case "scene":
            return "turn_on", {}
        case _:
            return None


TELL_ONLY = {
    Platform.BINARY_SENSOR,
    Platform.DEVICE_TRACKER,
    Platform.EVENT,
    Platform.SENSOR,
}


@pytest.mark.parametrize(
    "info",
    [dsmr.INFO, *(kind.adapter.INFO for kind in HOUSES if not kind.steers)],
    ids=lambda info: info.name,
)
def test_nothing_can_be_told_to_the_others(info: BackendInfo) -> None:
    assert TELL_ONLY.issuperset(info.platforms)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_command(hass: HomeAssistant, house: House, seed: int) -> None:
    pick = Random(seed)
    told = 0
    problems: list[str] = []
    entities = sorted(entity.entity_id for entity in house.entities())
    pick.shuffle(entities)
    for entity_id in entities:
        state = hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            continue
        # An output that is not set up is unknown, and refuses; what has no state is
        # unknown until it is used.
        if state.state == STATE_UNKNOWN and state.domain not in STATELESS:
            continue
        if (command := _command(state, pick)) is None:
            continue
        name, fields = command
        told += 1
        try:
            await hass.services.async_call(
                state.domain, name, {**fields, "entity_id": entity_id}, blocking=True
            )
        except HomeAssistantError as err:
            rules = RULES | (BUTTON_RULES if state.domain == Platform.BUTTON else set())
            if reason(err) not in rules:
                problems.append(f"{entity_id} ({state.state}) {name} {fields}: {err}")
        if told == SAMPLE:
            break
    assert told
    assert problems == []
