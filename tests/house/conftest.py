"""Each system of the simulated house, as Home Assistant shows it."""

from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
import pytest

from demo.backends import SYSTEMS

from .shown import Shown, show

# Adding a system takes seconds; the recorded result does not change.
_NOTED: dict[str, Shown] = {}


@pytest.fixture(params=SYSTEMS)
async def shown(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Shown:
    """Return what Home Assistant shows of a system."""
    system: str = request.param
    if system not in _NOTED:
        monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)
        _NOTED[system] = await show(hass, tmp_path, system)
    return _NOTED[system]
