"""An entry of version 0.1.0: entities stay, and its id no longer hangs on the first user."""

from homeassistant.core import HomeAssistant
import pytest

from simulators.mycodo.server import MycodoServer

from ..first_version import FirstVersion
from .conftest import data_of


@pytest.fixture
def kept(hass: HomeAssistant, mycodo: MycodoServer) -> FirstVersion:
    return FirstVersion(hass, "mycodo", **data_of(mycodo))


async def test_entities_stay(
    hass: HomeAssistant, mycodo: MycodoServer, kept: FirstVersion
) -> None:
    assert await hass.config_entries.async_setup(kept.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())
