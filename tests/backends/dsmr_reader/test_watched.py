"""An import that fails unexpectedly is restarted, without effect on anything else."""

from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import watch
from custom_components.junction.backends.dsmr_reader.client.history import History

from .shown import value

# The recorder comes first: it has to be there before Home Assistant is.
pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_import_that_fails_unexpectedly(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "FIRST_PAUSE", 0.01)
    hass.config_entries.async_update_entry(entry, options={"history": True})
    readings = History.readings
    tries = 0

    async def fails(history: History, cursor: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries <= 2:
            msg = "nobody foresaw this"
            raise RuntimeError(msg)
        async for page in readings(history, cursor):
            yield page

    monkeypatch.setattr(History, "readings", fails)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert tries == 3
    found = [
        one for one in caplog.records if "nobody foresaw this" in str(one.exc_info)
    ]
    # Once, with its traceback, however often it came.
    assert [one.levelname for one in found] == ["ERROR"]
    assert "stopped unexpectedly" in found[0].getMessage()
    # Current values do not depend on the history.
    assert float(value(hass, "power_import")) >= 0
    assert value(hass, "history_until") != "unknown"
