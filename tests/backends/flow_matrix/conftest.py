"""A dialog, and a system for it."""

from collections.abc import AsyncGenerator
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components import junction

from .dialogs import Dialog


@pytest.fixture
async def dialog(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Dialog[Any]]:
    """Return a dialog and a running system. Its entries are not set up."""
    found: Dialog[Any] = request.param(hass, monkeypatch)
    with (
        patch.object(junction, "async_setup_entry", return_value=True),
        patch.object(junction, "async_unload_entry", return_value=True),
    ):
        async with found.running():
            yield found
