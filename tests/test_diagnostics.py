"""Diagnostics are detailed but have no personal data."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.errors import AuthFailedError, UnreachableError

from .common import Poll
from .fake_backend import House


async def fetch(
    hass: HomeAssistant, client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Download them like a user, and check for forbidden content."""
    data = await get_diagnostics_for_config_entry(hass, client, entry)
    text = json.dumps(data)
    for secret in ("hush-hush", "198.51.100.7", "4711", "Fake house"):
        assert secret not in text
    return dict(data)


async def test_diagnostics(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    hass_client: ClientSessionGenerator,
    poll: Poll,
) -> None:
    house.offline.add("sensor")
    await poll()
    data = await fetch(hass, hass_client, loaded)
    points = data["coordinator"].pop("points")
    assert (points["light"], points["sensor"], points["cover"]) == (3, 5, 2)
    assert sum(points.values()) == len(house.points)
    assert data == {
        "backend": "fake",
        "entry": {
            "version": "1.1",
            "state": "loaded",
            "reason": None,
            "data_fields": ["backend", "host", "token"],
            "option_fields": [],
        },
        "coordinator": {
            "last_update_success": True,
            "last_error": None,
            "update_interval": 30.0,
            "devices": 3,
            "offline": 1,
            "states": len(house.states),
            "complete": True,
        },
        "fake": {"requests": {"connect": 1, "fetch": 2, "subscribe": 1}},
    }


async def test_what_went_wrong(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    hass_client: ClientSessionGenerator,
    poll: Poll,
) -> None:
    house.errors["fetch"] = UnreachableError("198.51.100.7 does not answer")
    await poll()
    data = await fetch(hass, hass_client, loaded)
    assert data["coordinator"]["last_update_success"] is False
    assert data["coordinator"]["last_error"] == "UnreachableError"

    assert house.sink is not None
    house.sink.lost(AuthFailedError("token hush-hush refused"))
    data = await fetch(hass, hass_client, loaded)
    assert data["coordinator"]["last_error"] == "AuthFailedError"


async def test_pure_push(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    hass.config_entries.async_update_entry(entry, options={"interval": None})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    data = await fetch(hass, hass_client, entry)
    assert data["coordinator"]["update_interval"] is None
    assert data["entry"]["option_fields"] == ["interval"]


async def test_entry_that_is_not_loaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    """Then they are wanted most."""
    house.errors["connect"] = UnreachableError("198.51.100.7 does not answer")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    data = await fetch(hass, hass_client, entry)
    assert data["entry"]["state"] == "setup_retry"
    assert data["entry"]["reason"] == "unreachable"
    assert "coordinator" not in data
