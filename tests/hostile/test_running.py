"""Every hostile server, with every system that is set up."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.junction import startup
from simulators.http_faults import hang

from ..backends.matrix.house import House
from ..backends.matrix.houses import HOUSES
from .attacks import ATTACKS, Attack
from .harmless import assert_harmless, assert_no_traceback, set_up_api


@pytest.fixture(params=HOUSES, ids=lambda house: house.name)
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[House]:
    """Return a house with its entry set up."""
    await set_up_api(hass)
    house: House = request.param(hass, monkeypatch)
    async with house.running():
        yield house


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
async def test_a_running_system_turns_hostile(
    hass: HomeAssistant,
    house: House,
    attack: Attack,
    hass_client: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant stays healthy during polls and a reload, and the system recovers."""
    # Generous: Home Assistant must not hang, but the machine may be slow.
    async with asyncio.timeout(200):
        house.patience = attack.patience
        await house.inject(attack.fault)
        for _ in range(2):
            await house.refresh()
        await assert_harmless(hass, hass_client)
        await hass.config_entries.async_reload(house.entry.entry_id)
        await hass.async_block_till_done()
        assert house.entry.state in (
            ConfigEntryState.LOADED,
            ConfigEntryState.SETUP_RETRY,
            ConfigEntryState.SETUP_ERROR,
        )
        await assert_harmless(hass, hass_client)
        await house.heal()
        await hass.config_entries.async_reload(house.entry.entry_id)
        await hass.async_block_till_done()
        assert house.entry.state is ConfigEntryState.LOADED
        await assert_harmless(hass, hass_client)
        assert_no_traceback(caplog)


@pytest.mark.parametrize("when", ["unload", "reload", "stop"])
async def test_a_frozen_server_holds_nobody_up(
    hass: HomeAssistant,
    house: House,
    when: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Startup with a frozen server ends within the limits of ``startup``, shortened here.

    Tasks that block the shutdown are logged: by Junction after 5 s, by Home Assistant after 10 s.
    There are no such messages.
    """
    monkeypatch.setattr(startup, "FIRST_REFRESH", 0.5)
    await house.inject(hang())
    house.go(house.interval)
    house.entry.runtime_data.refresh()
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        if when == "stop":
            hass.bus.async_fire("homeassistant_stop")
            await hass.async_block_till_done()
            # The process would exit here, and cancel pending requests.
            await house.server.refuse()
            await asyncio.sleep(0.2)
            assert "did not close within" not in caplog.text
            return
        assert await hass.config_entries.async_unload(house.entry.entry_id)
        assert house.entry.state is ConfigEntryState.NOT_LOADED
        if when == "reload":
            await hass.config_entries.async_setup(house.entry.entry_id)
            assert house.entry.state is ConfigEntryState.SETUP_RETRY
    assert "did not close within" not in caplog.text
    assert "did not complete in time" not in caplog.text
