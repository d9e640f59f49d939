"""Any command in a platform's range ends without an error, unless the device ignores it."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.components.climate import ClimateEntityFeature
from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.fan import FanEntityFeature
from homeassistant.components.light.const import ColorMode
from homeassistant.components.valve import ValveEntityFeature
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from .house import House
from .houses import HOUSES

# What a device says no to, by its own rules, and in its own words.
RULES = {"openmotics_locked", "openmotics_unknown_position"}

type Command = tuple[str, dict[str, Any]]


@pytest.fixture(params=[kind for kind in HOUSES if kind.steers], ids=lambda k: k.name)
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[House]:
    """Return a house with its entry set up, that gives its devices some time."""
    monkeypatch.setattr(request.param, "confirm_after", (0.05, 0.2, 1.0, 4.0))
    house: House = request.param(hass, monkeypatch)
    async with house.running():
        yield house


def _light(state: State) -> list[st.SearchStrategy[dict[str, Any]]]:
    modes = set(state.attributes["supported_color_modes"])
    more: dict[str, st.SearchStrategy[Any]] = {}
    if modes != {ColorMode.ONOFF}:
        more["brightness"] = st.integers(1, 255)
    colours: list[st.SearchStrategy[dict[str, Any]]] = [st.just({})]
    # Out of what a lamp can do as well: it takes the nearest.
    if modes & {ColorMode.COLOR_TEMP, ColorMode.HS}:
        colours += [
            st.fixed_dictionaries({"color_temp_kelvin": st.integers(1500, 9000)}),
            st.fixed_dictionaries(
                {"hs_color": st.tuples(st.floats(0, 360), st.floats(0, 100))}
            ),
        ]
    return [
        st.builds(
            lambda one, other: {**one, **other},
            st.fixed_dictionaries({}, optional=more),
            st.one_of(colours),
        )
    ]


def _commands(state: State) -> st.SearchStrategy[Command] | None:
    """Return whatever an entity can be told."""
    about, features = state.attributes, state.attributes.get("supported_features", 0)
    found: list[st.SearchStrategy[Command]] = []

    def offer(action: str, if_it_can: Any = True, **fields: Any) -> None:
        if if_it_can:
            data = st.fixed_dictionaries(fields)
            found.append(data.map(lambda given: (f"{state.domain}.{action}", given)))

    match state.domain:
        case "switch" | "siren":
            offer("turn_on")
            offer("turn_off")
        case "light":
            found.extend(
                data.map(lambda given: ("light.turn_on", given))
                for data in _light(state)
            )
            offer("turn_off")
        case "number":
            offer("set_value", value=st.floats(about["min"], about["max"]))
        case "select":
            offer("select_option", option=st.sampled_from(about["options"]))
        case "fan":
            offer(
                "set_percentage",
                features & FanEntityFeature.SET_SPEED,
                percentage=st.integers(0, 100),
            )
            offer(
                "set_preset_mode",
                features & FanEntityFeature.PRESET_MODE,
                preset_mode=st.sampled_from(about.get("preset_modes") or [""]),
            )
            offer("turn_on")
            offer("turn_off")
        case "climate":
            offer("set_hvac_mode", hvac_mode=st.sampled_from(about["hvac_modes"]))
            offer(
                "set_temperature",
                features & ClimateEntityFeature.TARGET_TEMPERATURE,
                temperature=st.floats(about["min_temp"], about["max_temp"]),
            )
            offer(
                "set_preset_mode",
                features & ClimateEntityFeature.PRESET_MODE,
                preset_mode=st.sampled_from(about.get("preset_modes") or [""]),
            )
            offer(
                "set_fan_mode",
                features & ClimateEntityFeature.FAN_MODE,
                fan_mode=st.sampled_from(about.get("fan_modes") or [""]),
            )
        case "cover":
            offer("open_cover", features & CoverEntityFeature.OPEN)
            offer("close_cover", features & CoverEntityFeature.CLOSE)
            offer("stop_cover", features & CoverEntityFeature.STOP)
            offer(
                "set_cover_position",
                features & CoverEntityFeature.SET_POSITION,
                position=st.integers(0, 100),
            )
        case "valve":
            offer("open_valve", features & ValveEntityFeature.OPEN)
            offer("close_valve", features & ValveEntityFeature.CLOSE)
            offer(
                "set_valve_position",
                features & ValveEntityFeature.SET_POSITION,
                position=st.integers(0, 100),
            )
        case "media_player":
            offer("volume_set", features & 4, volume_level=st.floats(0, 1))
            offer("volume_mute", features & 8, is_volume_muted=st.booleans())
        case _:
            pass
    return st.one_of(found) if found else None


@given(data=st.data())
@settings(
    max_examples=4,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
async def test_any_command(hass: HomeAssistant, house: House, data: Any) -> None:
    told = 0
    problems: list[str] = []
    for entity in house.entities():
        state = hass.states.get(entity.entity_id)
        if state is None or state.state == "unavailable":
            continue
        if (commands := _commands(state)) is None:
            continue
        action, fields = data.draw(commands)
        domain, name = action.split(".")
        told += 1
        try:
            await hass.services.async_call(
                domain, name, {**fields, "entity_id": entity.entity_id}, blocking=True
            )
        except HomeAssistantError as err:
            if err.translation_key not in RULES:
                problems.append(f"{entity.entity_id} {action} {fields}: {err}")
    assert told
    assert problems == []
