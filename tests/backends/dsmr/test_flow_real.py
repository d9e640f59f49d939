"""Real meters of one model, through the dialog; and an entry that moves only when asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .client.test_real_telegrams import real
from .flows import ABORT, CREATED, FORM, as_shown, begin, confirm, heard
from .lines import TcpMeter, meter
from .running import device, shown, tell

pytestmark = pytest.mark.usefixtures("socket_enabled")

FIRST = real("pl_kaifa_model_in_96_1_1")
SECOND = real("pl_kaifa_model_in_96_1_1_second_meter")
EVERY = {"power_interval": 0, "slow_interval": 0}


async def listened(
    hass: HomeAssistant, gateway: TcpMeter, raw: bytes
) -> ConfigFlowResult:
    """Submit the address of a gateway, and return the dialog's description of its meter."""
    gateway.connected.clear()
    result = await hass.config_entries.flow.async_configure(
        (await begin(hass))["flow_id"], {"port": gateway.url, "encryption": {}}
    )
    await gateway.connected.wait()
    for _ in range(4):
        gateway.send(raw)
    return await heard(hass, result)


@asynccontextmanager
async def sending(gateway: TcpMeter, raw: bytes) -> AsyncIterator[None]:
    """Let a meter send without end."""

    async def send() -> None:
        while True:
            gateway.send(raw)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()


async def made(hass: HomeAssistant, gateway: TcpMeter, raw: bytes) -> MockConfigEntry:
    """Set a meter up through the dialog."""
    result = await listened(hass, gateway, raw)
    async with sending(gateway, raw):
        result = await confirm(hass, result)
    assert result["type"] is CREATED, result
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    hass.config_entries.async_update_entry(entry, options=EVERY)
    return entry  # type: ignore[return-value]


async def test_two_meters_of_one_model_are_two_entries(hass: HomeAssistant) -> None:
    """An identifier that two meters of one model share does not make them one entry."""
    async with meter() as one, meter() as other:
        first = await made(hass, one, FIRST)
        second = await made(hass, other, SECOND)
        assert first.unique_id != second.unique_id
        assert len(hass.config_entries.async_entries("junction")) == 2
        serials = set()
        for entry, gateway, raw, energy in (
            (first, one, FIRST, "336.42"),
            (second, other, SECOND, "8888.888"),
        ):
            await tell(hass, entry, gateway, raw)
            assert shown(hass, entry, "energy_import") == energy
            found = device(hass, entry)
            assert found is not None
            assert found.model == "MA309M"
            serials.add(found.serial_number)
        assert len(serials) == 2
        assert None not in serials
        # The other meter on the first one's line is neither shown nor taken for it
        await tell(hass, first, one, *[SECOND] * 12)
        assert shown(hass, first, "energy_import") in {"336.42", "unavailable"}
        assert first.data["port"] == one.url
        for entry in (first, second):
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("agreed", [False, True])
async def test_an_entry_moves_only_when_a_person_says_so(
    hass: HomeAssistant, agreed: bool
) -> None:
    """An entry changes its port only with confirmation, even when both ports show the meter."""
    async with meter() as old, meter() as new:
        entry = await made(hass, old, FIRST)
        result = await listened(hass, new, FIRST)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_move")
        assert result["description_placeholders"] == {
            "title": entry.title,
            "old": as_shown(old.url),
            "new": as_shown(new.url),
        }
        # It stays on its port while the question is open
        changed = FIRST.replace(b"000336.420", b"000336.421")
        await tell(hass, entry, old, FIRST)
        assert changed
        assert entry.data["port"] == old.url
        flow = hass.config_entries.flow
        if agreed:
            async with sending(new, FIRST):
                result = await flow.async_configure(result["flow_id"], {})
                assert (result["type"], result["reason"]) == (ABORT, "dsmr_moved")
                await hass.async_block_till_done()
            await tell(hass, entry, new, FIRST)
        else:
            flow.async_abort(result["flow_id"])
            await hass.async_block_till_done()
            await tell(hass, entry, old, FIRST)
        assert entry.data["port"] == (new if agreed else old).url
        assert entry.state is ConfigEntryState.LOADED
        assert shown(hass, entry, "energy_import") == "336.42"
        assert len(hass.config_entries.async_entries("junction")) == 1
        await hass.config_entries.async_unload(entry.entry_id)
