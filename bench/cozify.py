"""Benchmark a Cozify hub with 100 lights: start, latency, and requests.

Hub and Home Assistant share one process and one core. The limits are those that the project
promises. The integration for comparison (cozify_hub 0.1.2) sends five requests every 10 s, so it
shows a change after 5 s on average.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass
import json
from statistics import median
from tempfile import TemporaryDirectory
import time
from typing import Any

from homeassistant import loader
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, frame
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# Import this first: Home Assistant puts a package of the same name at the front of the path.
import custom_components.junction  # noqa: F401
from simulators.clock import VirtualClock
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from .measure import Row, child

LAMPS = 100
CHANGES = 50
QUIET = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds, milliseconds and numbers of requests."""

    start: float
    requests: int
    change: float
    command: float
    all_off: float
    all_off_requests: int
    quiet_requests: int
    most_polls: int


def rows() -> Iterator[Row]:
    """Yield the results, with the limits or the other integration as the peer."""
    found = Result(**child("bench.cozify"))
    yield Row(
        f"Cozify: start with {LAMPS} lamps, {found.requests} requests",
        found.start,
        3.0,
        "limit",
        unit="s",
    )
    yield Row(
        "Cozify: change at the hub to state", found.change, 100.0, "limit", unit="ms"
    )
    yield Row(
        "Cozify: the same, other integration",
        found.change,
        5000.0,
        "cozify_hub, mean of its interval",
        unit="ms",
    )
    yield Row(
        "Cozify: command carried out and confirmed (the hub takes 150 ms)",
        found.command,
        1000.0,
        "limit",
        unit="ms",
    )
    yield Row(
        f"Cozify: {LAMPS} lights off and confirmed, {found.all_off_requests} commands",
        found.all_off,
        5.0,
        "limit",
        unit="s",
    )
    yield Row(
        f"Cozify: requests in {QUIET:g} quiet seconds, at most {found.most_polls} at once",
        found.quiet_requests,
        5 * QUIET / 10,
        "cozify_hub",
        unit="",
    )


async def _measure() -> Result:
    async with CozifyWorld(VirtualClock(time.time())) as world:
        for number in range(LAMPS):
            world.hub.state.put(
                "devices",
                seed.device(
                    seed.uid(1000 + number),
                    "LIGHT",
                    f"Lamp {number}",
                    "ON_OFF CONTROL_LIGHT BRIGHTNESS",
                    "STATE_LIGHT",
                    isOn=True,
                    brightness=1.0,
                ),
            )
        with TemporaryDirectory() as folder:
            async with async_test_home_assistant(config_dir=folder) as hass:
                frame.async_setup(hass)
                result = await _in_home_assistant(hass, world)
                await hass.async_stop(force=True)
    return result


async def _in_home_assistant(hass: HomeAssistant, world: CozifyWorld) -> Result:
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
    hub = world.hub
    entry = MockConfigEntry(
        domain="junction",
        unique_id=f"cozify:{seed.HUB_ID}",
        title="Bench",
        data={
            "backend": "cozify",
            "email": seed.OWNER,
            "cloud": world.cloud_url,
            "cloud_token": world.cloud.cloud_token(seed.OWNER).text,
            "hub_key": world.cloud.key(seed.OWNER, seed.HUB_ID).text,
            "hub_id": seed.HUB_ID,
            "host": hub.url,
        },
    )
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError(entry.reason)
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    hub.server.log.clear()
    # With all modules loaded, as after a reload.
    begin = time.perf_counter()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    start = time.perf_counter() - begin
    requests = sum(r.ended is not None for r in hub.server.log.requests)
    lamps = {
        entity.unique_id.split("/")[1]: entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if entity.unique_id.endswith("/light")
    }
    keys = [seed.uid(1000 + number) for number in range(LAMPS)]
    changes = [await _change(hass, world, lamps, key) for key in keys[:CHANGES]]
    commands = [await _command(hass, lamps[key]) for key in keys[:5]]
    hub.server.log.clear()
    begin = time.perf_counter()
    await hass.services.async_call(
        "light",
        "turn_off",
        {},
        blocking=True,
        target={"entity_id": [lamps[key] for key in keys]},
    )
    all_off = time.perf_counter() - begin
    if any(world.device(key)["state"]["isOn"] for key in keys):
        raise RuntimeError("not all lights are off")
    all_off_requests = hub.server.log.count("PUT")
    await asyncio.sleep(1)
    hub.server.log.clear()
    hub.state.most_polls = 0
    await asyncio.sleep(QUIET)
    quiet, most = hub.server.log.count(), hub.state.most_polls
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    return Result(
        start,
        requests,
        median(changes),
        median(commands),
        all_off,
        all_off_requests,
        quiet,
        most,
    )


async def _change(
    hass: HomeAssistant, world: CozifyWorld, lamps: dict[str, str], key: str
) -> float:
    """Return the time from a change at the hub to the state, in ms."""
    done = asyncio.Event()

    @callback
    def listen(event: Event[Any]) -> None:
        if event.data["entity_id"] == lamps[key]:
            done.set()

    while world.hub.state.polls_now == 0:
        await asyncio.sleep(0.001)
    stop = hass.bus.async_listen("state_changed", listen)
    begin = time.perf_counter()
    world.hub.state.set(key, brightness=0.5)
    async with asyncio.timeout(5):
        await done.wait()
    stop()
    return (time.perf_counter() - begin) * 1000


async def _command(hass: HomeAssistant, lamp: str) -> float:
    """Return the time until a command is confirmed, in ms."""
    begin = time.perf_counter()
    await hass.services.async_call(
        "light",
        "turn_on",
        {"brightness": 51},
        blocking=True,
        target={"entity_id": lamp},
    )
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_measure()))))
