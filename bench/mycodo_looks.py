"""Measure how often a large Mycodo's outputs are polled beside its measurements.

The Mycodo has 63 outputs and 117 inputs at 60 ms a channel, as on a Raspberry Pi 3. Home Assistant
polls it with an interval of 5 s; reading the outputs alone takes 3.8 s of that.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
import logging
from tempfile import TemporaryDirectory
from time import time

from homeassistant import loader
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from simulators.clock import VirtualClock
from simulators.mycodo.furniture import add_many
from simulators.mycodo.server import MycodoServer, make_key
from simulators.mycodo.state import ADMIN, Features, State, User, uid

from .measure import Row

OUTPUTS = 63
INPUTS = 117
OPTION = 5.0
"""Seconds."""
SECONDS = 60.0
"""Seconds for which the polling is observed."""


def rows() -> Iterator[Row]:
    """Yield the longest and the mean interval between two polls, against twice the option."""
    looks = asyncio.run(_looks())
    between = [after - before for before, after in pairwise(looks)]
    what = f"outputs looked at each, with {OUTPUTS} of them and {INPUTS} inputs"
    peer = "twice the option"
    for name, found in (
        ("at most", max(between)),
        ("mean", sum(between) / len(between)),
    ):
        yield Row(f"{what}, {name}", found, 2 * OPTION, peer, "s", "≥ 1")


async def _looks() -> list[float]:
    """Return the times at which the outputs were requested (s)."""
    logging.disable(logging.WARNING)
    state = State(clock=VirtualClock(time()), features=Features())
    state.users.append(User(1, uid(900), "admin", ADMIN, make_key("bench")))
    add_many(state, outputs=OUTPUTS, inputs=INPUTS)
    async with _home_assistant() as hass, MycodoServer(state, None) as mycodo:
        entry: MockConfigEntry = MockConfigEntry(
            domain="junction",
            unique_id=f"mycodo:{uid(900)}",
            data={
                "backend": "mycodo",
                "url": mycodo.url,
                "api_key": state.users[0].key,
                "webhook_id": "bench",
            },
            options={"interval": OPTION},
        )
        entry.add_to_hass(hass)
        if not await hass.config_entries.async_setup(entry.entry_id):
            raise RuntimeError("not set up")
        state.seconds_per_channel = 0.06
        log = mycodo.server.log
        log.clear()
        await asyncio.sleep(SECONDS)
        looks = [request.started for request in log.to("GET", "/api/outputs/")]
        if not log.count("*", "*/measurements/*"):
            raise RuntimeError("no measurements were read")
        await hass.async_stop(force=True)
    logging.disable(logging.NOTSET)
    return looks


@asynccontextmanager
async def _home_assistant() -> AsyncGenerator[HomeAssistant]:
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            frame.async_setup(hass)
            if not await async_setup_component(hass, "webhook", {}):
                raise RuntimeError("no web server")
            yield hass
