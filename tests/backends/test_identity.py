"""No id contains an address, so a system that moves stays the same."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from yarl import URL

from custom_components.junction.const import DOMAIN

from .flow_matrix.dialogs import DIALOGS, Dialog, TargetDialog

ADDED = tuple(dialog for dialog in DIALOGS if dialog is not TargetDialog)


@pytest.fixture(params=ADDED, ids=lambda dialog: dialog.name)
async def dialog(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Dialog[Any]]:
    found: Dialog[Any] = request.param(hass, monkeypatch)
    async with found.running():
        yield found


async def test_no_id_holds_an_address(hass: HomeAssistant, dialog: Dialog[Any]) -> None:
    url = URL(dialog.server.url)
    result = await dialog.submit(await dialog.begin(), str(url))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    ids = {entry.unique_id}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        ids.add(entity.unique_id)
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        ids |= {text for domain, text in device.identifiers if domain == DOMAIN}
    assert len(ids) > 2
    for text in ids:
        assert str(url.host) not in text
        assert f":{url.port}" not in text
    await hass.config_entries.async_unload(entry.entry_id)
