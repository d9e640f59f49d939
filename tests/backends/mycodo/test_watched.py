"""Reads beside the polls that fail unexpectedly are restarted."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import watch
from simulators.mycodo.server import MycodoServer

from ...common import shown
from .conftest import Poll

AIR = "sensor.climate_sensor_air"
LAMP = "switch.grow_light"


@pytest.mark.parametrize(
    ("method", "begin"),
    [
        ("measure", lambda backend: None),
        ("read_outputs", lambda backend: backend._outputs.read()),
    ],
)
async def test_read_that_fails_unexpectedly(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    begin: Callable[[Any], None],
) -> None:
    monkeypatch.setattr(watch, "FIRST_PAUSE", 0.01)
    backend = loaded.runtime_data.backend
    read = getattr(backend.poller, method)
    tries = 0

    async def fails(*args: Any, **more: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries <= 2:
            msg = "nobody foresaw this"
            raise RuntimeError(msg)
        return await read(*args, **more)

    monkeypatch.setattr(backend.poller, method, fails)
    if method == "measure":
        await poll(31)
    begin(backend)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert tries >= 3
    found = [
        one for one in caplog.records if "nobody foresaw this" in str(one.exc_info)
    ]
    assert [one.levelname for one in found] == ["ERROR"]
    # Nothing is lost for it.
    assert shown(hass, LAMP) in ("on", "off")
    assert shown(hass, AIR) != "unavailable"
