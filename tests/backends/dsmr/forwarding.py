"""Helpers for tests of forwarding."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.junction.backends.forward.settings import SUBENTRY_TYPE
from simulators.dsmr_reader import State, make_key

KEY = make_key("server")
PROXY: dict[str, Any] = {}
QUEUE = {"size": 500, "days": 7}


def state_of(**more: Any) -> State:
    # The meter's clock runs ahead of ours.
    return State(key=KEY, now=lambda: dt_util.utcnow() + timedelta(hours=12), **more)


def entered(url: str, **more: Any) -> dict[str, Any]:
    return {
        "url": url,
        "api_key": KEY,
        "proxy": PROXY,
        "mode": "auto",
        "interval": 0,
        "queue": QUEUE,
        **more,
    }


async def add(
    hass: HomeAssistant, entry: MockConfigEntry, **fields: Any
) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    return await configure(hass, result, **fields)


async def configure(
    hass: HomeAssistant, result: SubentryFlowResult, **fields: Any
) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], fields
    )
    await hass.async_block_till_done()
    return result


_UNHURRIED = 31.0


async def wait_for(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def later(hass: HomeAssistant, seconds: float = 6) -> None:
    """Advance to the time at which health is reported and counts are written."""
    for wait in (seconds, _UNHURRIED):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=wait))
        await hass.async_block_till_done()
