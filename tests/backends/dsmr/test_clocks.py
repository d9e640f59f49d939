"""Clock changes, of Home Assistant or of the meter, lose nothing and cause no messages."""

from datetime import UTC, datetime, timedelta
import logging

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.junction.backends.dsmr.client.clock import Clock

from .running import backend_of, connected, entry_for, set_up, shown, simulated, until

pytestmark = pytest.mark.usefixtures("socket_enabled")

DAY = 86_400


@pytest.mark.parametrize("seconds", [DAY, -DAY])
@pytest.mark.parametrize("whose", ["ours", "the meter's"])
async def test_a_clock_that_is_set(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    whose: str,
    seconds: int,
) -> None:
    caplog.set_level(logging.INFO, "custom_components.junction")
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment, options={"power_interval": 0})
        await set_up(hass, entry)
        statistics = backend_of(entry)._listener.statistics
        count = statistics.telegrams
        await until(lambda: statistics.telegrams > count + 3)
        caplog.clear()

        def ours(*_: object) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=seconds)

        if whose == "ours":
            monkeypatch.setattr(Clock, "now", ours)
            monkeypatch.setattr(dt_util, "utcnow", ours)
        else:
            sim.control.clock_offset(seconds)
        power, count = shown(hass, entry, "power_import"), statistics.telegrams
        await until(lambda: statistics.telegrams > count + 10)
        await until(lambda: shown(hass, entry, "power_import") != power)
        monkeypatch.undo()
        sim.control.clock_offset(0)
        count = statistics.telegrams
        await until(lambda: statistics.telegrams > count + 5)
        assert connected(hass, entry) == "on"
        assert not statistics.rejected
        assert statistics.reconnects == 0
        assert shown(hass, entry, "energy_import") not in ("unknown", "unavailable")
        assert [
            r.getMessage() for r in caplog.records if r.levelno > logging.DEBUG
        ] == []
        await hass.config_entries.async_unload(entry.entry_id)
