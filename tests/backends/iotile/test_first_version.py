"""An entry of version 0.1.0: entities and totals go on where they were."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer

from ...common import shown
from ..first_version import FirstVersion
from .conftest import METER, NOW, Poll

LAST = NOW // HOUR * HOUR
GALLON = 3.785411784
TOTAL = "sensor.cellar_water_meter_io_1_total"


async def test_entities_and_totals_go_on(
    hass: HomeAssistant,
    server: IOTileServer,
    hass_storage: dict[str, Any],
    poll: Poll,
) -> None:
    token = server.world.users[0].token
    kept = FirstVersion(
        hass, "iotile", hass_storage, url=server.url, token=token, pin=None
    )
    # Everything that version 0.1.0 counted is on the server as well.
    server.world.add(METER, LAST + HOUR, 10, local_id=2000)
    assert await hass.config_entries.async_setup(kept.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())
    assert float(shown(hass, TOTAL)) == pytest.approx(10 * GALLON)
    # Nothing is imported without the user's consent.
    assert "history" not in kept.entry.options
    assert not kept.entry.runtime_data.backend.state.ledger.offered
    server.world.add(METER, LAST + HOUR + 600, 4, local_id=2001)
    await poll()
    assert float(shown(hass, TOTAL)) == pytest.approx(14 * GALLON)
    # This version stores more; the old content is read again as it was written.
    assert await hass.config_entries.async_unload(kept.entry.entry_id)
    assert await hass.config_entries.async_setup(kept.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert float(shown(hass, TOTAL)) == pytest.approx(14 * GALLON)
