"""A Home Assistant that has our blueprints in its configuration folder."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"

type Automate = Callable[..., Awaitable[None]]
type Pass = Callable[[float], Awaitable[None]]


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Put the blueprints where an import would put them."""
    # Home Assistant 2026.11 may have made the folder.
    shutil.copytree(
        BLUEPRINTS, Path(hass_tmp_config_dir) / "blueprints", dirs_exist_ok=True
    )
    return hass_tmp_config_dir


@pytest.fixture
async def automate(hass: HomeAssistant) -> AsyncGenerator[Automate]:
    """Return a function that makes one automation of a blueprint and these inputs."""

    async def make(blueprint: str, **inputs: Any) -> None:
        assert await async_setup_component(hass, "homeassistant", {})
        assert await async_setup_component(
            hass,
            "automation",
            {
                "automation": {
                    "id": blueprint,
                    "alias": "Tested",
                    "use_blueprint": {
                        "path": f"junction/{blueprint}.yaml",
                        "input": inputs,
                    },
                }
            },
        )
        await settled(hass)
        state = hass.states.get("automation.tested")
        assert state is not None
        assert state.state == "on", "the inputs do not fit the blueprint"

    yield make
    # It would go on listening to the time.
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


@pytest.fixture
def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Pass:
    """Return a function that lets seconds go by, five at a time."""

    async def seconds(count: float) -> None:
        end = dt_util.utcnow() + timedelta(seconds=count)
        while (left := (end - dt_util.utcnow()).total_seconds()) > 0:
            freezer.tick(min(left, 5))
            async_fire_time_changed(hass)
            await settled(hass)

    return seconds


def at(hour: int, minute: int, second: int = 0) -> datetime:
    """Return a moment in the time zone of the Home Assistant of the tests."""
    zone = dt_util.get_default_time_zone()
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=zone)


async def settled(hass: HomeAssistant) -> None:
    """Run everything that needs no passing of time; a waiting run continues to wait."""
    for _ in range(20):
        await asyncio.sleep(0)


def shown(hass: HomeAssistant, entity: str) -> str:
    """Return a state."""
    state = hass.states.get(entity)
    assert state is not None
    return state.state
