"""Every house, running."""

from collections.abc import AsyncGenerator

from homeassistant.core import HomeAssistant
import pytest

from .house import House
from .houses import HOUSES


@pytest.fixture(params=HOUSES, ids=lambda house: house.name)
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[House]:
    """Return a house with its entry set up."""
    house: House = request.param(hass, monkeypatch)
    async with house.running():
        yield house
