"""Every hostile server against every dialog that adds a system."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components import junction

from ..backends.flow_matrix.dialogs import DIALOGS, Dialog
from .attacks import ATTACKS, Attack
from .harmless import assert_harmless, assert_no_traceback, assert_plain, set_up_api

# Junction's links, and addresses that the user entered.
OURS = frozenset({"cloud", "cloud_portal", "old_portal", "email"})


@pytest.fixture(params=DIALOGS, ids=lambda dialog: dialog.name)
async def dialog(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Dialog[Any]]:
    """Return a dialog and a running system. Its entries are not set up."""
    await set_up_api(hass)
    found: Dialog[Any] = request.param(hass, monkeypatch)
    with (
        patch.object(junction, "async_setup_entry", return_value=True),
        patch.object(junction, "async_unload_entry", return_value=True),
    ):
        async with found.running():
            yield found


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
async def test_a_dialog_with_a_hostile_system(
    hass: HomeAssistant,
    dialog: Dialog[Any],
    attack: Attack,
    hass_client: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with asyncio.timeout(200):
        result = await dialog.begin()
        dialog.house.patience = attack.patience
        dialog.server.inject(attack.fault)
        step = result["step_id"]
        while result["type"] is FlowResultType.FORM and not result["errors"]:
            step = result["step_id"]
            try:
                fields = (
                    dialog.typed(dialog.server.url)
                    if step == dialog.asks
                    else dialog.later(step)
                )
            except KeyError, AttributeError, StopIteration:
                # A step that comes only because of what the server says (Cozify's code,
                # when none was sent).
                break
            result = await dialog.answer(result, fields)
            given = result.get("description_placeholders") or {}
            assert_plain({k: v for k, v in given.items() if k not in OURS})
        if result["type"] is FlowResultType.FORM:
            assert "unknown" not in (result["errors"] or {}).values()
        await assert_harmless(hass, hass_client)
        assert_no_traceback(caplog)
