"""Features of the cloud only: locks and presets of shutters, and its energy."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.openmotics import adapter
from simulators.openmotics.cloud import OFFSET, CloudServer

from .conftest import Entities, Later, add_cloud_entry, set_up, tick


@pytest.fixture
def entry(
    hass: HomeAssistant, server: CloudServer, monkeypatch: pytest.MonkeyPatch
) -> MockConfigEntry:
    """Return an entry of the cloud whose commands are looked after sooner."""
    hasty = replace(adapter.INFO, confirm_after=(0.02, 0.05))
    monkeypatch.setattr(adapter, "INFO", hasty)
    return add_cloud_entry(hass)


@pytest.mark.parametrize("positions", [("object",), ("text",)])
async def test_lock_and_preset_of_a_shutter(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: CloudServer,
    positions: tuple[str, ...],
) -> None:
    server.commands.positions = frozenset(positions)
    server.state.runs[10].position = 20
    server.state.runs[10].state = "down"
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    shutter = f"shutter_{OFFSET + 10}"
    assert f"shutter_{OFFSET + 8}_lock" not in entities.all()
    assert entities.attributes(shutter)["locked"] is False
    await entities.act("switch.turn_on", f"{shutter}_lock")
    assert server.state.locked_shutters == {10}
    assert entities.state(f"{shutter}_lock") == "on"
    assert entities.attributes(shutter)["locked"] is True
    with pytest.raises(HomeAssistantError, match="locked"):
        await entities.act("cover.open_cover", shutter)
    await entities.act("switch.turn_off", f"{shutter}_lock")
    assert entities.state(f"{shutter}_preset") == "unknown"
    await entities.act("number.set_value", f"{shutter}_preset", value=75)
    assert server.state.shutter_presets == {10: 5}
    assert float(entities.state(f"{shutter}_preset")) == 75
    await entities.act("button.press", f"{shutter}_recall")
    assert server.state.runs[10].desired == 5


async def test_energy_is_added_up_from_power(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    """The sum continues after a reload, without gaps and without exported energy."""
    server.state.watts[1, 1] = 1200.0
    await set_up(hass, entry)
    entities, later = Entities(hass, entry), Later(entry)
    point = f"sensor_{OFFSET + 521}_energy"

    async def after(seconds: float, watts: float) -> float:
        server.state.watts[1, 1] = watts
        later.seconds += seconds
        await tick(entry)
        return round(float(entities.state(point)) * 1000)

    shown = entities.attributes(point)
    assert (
        shown["device_class"],
        shown["state_class"],
        shown["unit_of_measurement"],
    ) == (
        *("energy", "total_increasing"),
        "kWh",
    )
    assert float(entities.state(point)) == 0
    assert await after(60, 1200) == 20
    assert await after(60, 600) == 35
    # An hour without data.
    assert await after(3600, 600) == 35
    # Half of it flows back, in the end.
    assert await after(60, -600) == 40
    assert await after(60, -600) == 40
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    later = Later(entry)
    assert round(float(entities.state(point)) * 1000) == 40
    await after(60, 1200)
    assert await after(60, 1200) == 70


async def test_lamps_of_any_kind(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    """Colors are not supported, because there is no known command; the rest works."""
    able = {
        5000: ["ON_OFF", "RANGE", "WHITE_TEMP", "FULL_COLOR"],
        5001: ["FULL_COLOR"],
        5002: None,
    }
    for number, capabilities in able.items():
        lamp = {"id": number, "name": str(number), "on": None, "value": None}
        server.state.lamps.append({**lamp, "room": 255, "capabilities": capabilities})
    server.state.lamps[-3] |= {"on": True, "value": 40}
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    modes = {
        number: entities.attributes(f"lamp_{OFFSET + number}")["supported_color_modes"]
        for number in able
    }
    assert modes == {5000: ["brightness"], 5001: ["onoff"], 5002: ["onoff"]}
    await entities.act("light.turn_on", f"lamp_{OFFSET + 5000}", brightness=128)
    assert server.state.lamps[-3]["value"] == 50
    await entities.act("light.turn_on", f"lamp_{OFFSET + 5001}")
    assert server.state.lamps[-2]["on"] is True
