"""Benchmark a large Mycodo: refresh, requests, and push latency.

The peer is the set of requests that the existing integration (home-assistant-mycodo 1.0.5) makes
for one refresh, sent to the same simulated server: two lists, requested without the trailing
slash, and one request for each input, measurement, and output. That integration has no commands or
pushes; half of its shortest interval, a minute, takes their place.
"""

import asyncio
from collections.abc import Callable, Iterator
import logging
from statistics import median
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, time
from typing import Any, Final
from unittest.mock import patch

import aiohttp
from aiohttp.test_utils import TestServer
from homeassistant import loader
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import frame
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.junction.backends.http import Clock
from custom_components.junction.backends.mycodo.client import (
    requests as client_requests,
)
from custom_components.junction.backends.mycodo.client.measurements import BUDGET
from simulators.clock import VirtualClock
from simulators.mycodo.furniture import add_output
from simulators.mycodo.server import MycodoServer, make_key
from simulators.mycodo.state import (
    ADMIN,
    Channel,
    Features,
    Input,
    Row as MeasurementRow,
    State,
    User,
    uid,
)

from .measure import ROUNDS, Row

PEER: Final = "home-assistant-mycodo 1.0.5"
OUTPUTS: Final = 100
INPUTS: Final = 60
PER_INPUT: Final = 5
_WEBHOOK: Final = "bench"
_PUSHES: Final = 40


def rows() -> Iterator[Row]:
    """Yield the results with ``multi`` and without."""
    for multi in (True, False):
        yield from asyncio.run(_measure(multi=multi))


def large(*, multi: bool) -> State:
    """Return a Mycodo with 100 outputs and 300 measurements."""
    state = State(clock=VirtualClock(time()), features=Features(multi=multi))
    state.users.append(User(1, uid(900), "admin", ADMIN, make_key("bench")))
    for number in range(1, OUTPUTS + 1):
        channel = Channel(number, uid(number * 100), 0, state=False)
        add_output(
            state,
            number,
            f"Output {number}",
            "wired",
            "on_off",
            [channel],
            [("duration_time", "s")],
        )
    values = dict.fromkeys(range(PER_INPUT), 20.0)
    for number in range(1, INPUTS + 1):
        device = uid(10_000 + number)
        state.inputs.append(
            Input(number, device, f"Input {number}", "X", 10.0, lambda _: values)
        )
        for place in range(PER_INPUT):
            identity = uid(1_000_000 + number * 10 + place)
            state.rows.append(
                MeasurementRow(
                    len(state.rows) + 1, identity, device, place, "temperature", "C"
                )
            )
    return state


async def _measure(*, multi: bool) -> list[Row]:
    logging.disable(logging.WARNING)
    ahead = [0.0]
    clock = Clock(monotonic=lambda: perf_counter() + ahead[0])
    rows = []
    with (
        TemporaryDirectory() as folder,
        patch.object(client_requests, "Clock", lambda: clock),
    ):
        async with (
            async_test_home_assistant(config_dir=folder) as hass,
            MycodoServer(large(multi=multi), None) as mycodo,
        ):
            mycodo.pipeline.limit = sys.maxsize
            backend = await _set_up(hass, mycodo)
            how = "with multi" if multi else "up to 8.16, in 12 polls"
            if multi:
                push = await _pushes(hass, mycodo)
                rows.append(
                    Row(
                        "switched in Mycodo until shown, by webhook",
                        push,
                        30_000,
                        PEER,
                        "ms",
                        "≤ 200 ms",
                    )
                )
                ours = await _rounds(mycodo, backend.poller.read_outputs)
                theirs = await _rounds(mycodo, lambda: _peer(mycodo, outputs_only=True))
                what = f"refresh of {OUTPUTS} outputs"
                rows += _rows(what, ours, theirs, "1 request")

            async def everything() -> None:
                """Poll until each measurement has been read, at once or in turns."""
                ahead[0] += 60
                for _ in range(1 if multi else INPUTS * PER_INPUT // BUDGET):
                    await backend.fetch()
                    # Measurements are read in parallel.
                    await hass.async_block_till_done(wait_background_tasks=True)
                    ahead[0] += 10

            ours = await _rounds(mycodo, everything)
            theirs = await _rounds(mycodo, lambda: _peer(mycodo, outputs_only=False))
            what = f"refresh of all {OUTPUTS} + {INPUTS * PER_INPUT}, {how}"
            rows += _rows(what, ours, theirs, "")
            await hass.async_stop(force=True)
    logging.disable(logging.NOTSET)
    return rows


async def _set_up(hass: HomeAssistant, mycodo: MycodoServer) -> Any:  # noqa: ANN401 - the backend is behind a protocol
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
    frame.async_setup(hass)
    if not await async_setup_component(hass, "webhook", {}):
        raise RuntimeError("no web server")
    entry: MockConfigEntry = MockConfigEntry(
        domain="junction",
        unique_id=f"mycodo:{uid(900)}",
        data={
            "backend": "mycodo",
            "url": mycodo.url,
            "api_key": mycodo.state.users[0].key,
            "webhook_id": _WEBHOOK,
        },
    )
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError("not set up")
    await hass.async_block_till_done()
    if len(hass.states.async_all("sensor")) < INPUTS * PER_INPUT:
        raise RuntimeError("not all entities were added")
    return entry.runtime_data.backend


async def _pushes(hass: HomeAssistant, mycodo: MycodoServer) -> float:
    """Return the longest time from a switch in Mycodo to the state, in ms."""
    server = TestServer(hass.http.app, host="127.0.0.1")
    await server.start_server()
    output, entity = uid(1), "switch.output_1"
    mycodo.state.webhooks[output, 0] = str(server.make_url(f"/api/webhook/{_WEBHOOK}"))
    taken = []
    for number in range(_PUSHES):
        changed = asyncio.Event()

        @callback
        def noted(
            _: Event[EventStateChangedData], changed: asyncio.Event = changed
        ) -> None:
            changed.set()

        stop = async_track_state_change_event(hass, entity, noted)
        begin = perf_counter()
        mycodo.engine.command(output, 0, "off" if number % 2 else "on", "sec", 0)
        await mycodo.announce()
        await changed.wait()
        taken.append((perf_counter() - begin) * 1000)
        stop()
        await hass.async_block_till_done(wait_background_tasks=True)
    await server.close()
    return max(taken)


async def _rounds(
    mycodo: MycodoServer, refresh: Callable[[], Any]
) -> tuple[float, float]:
    """Return requests and duration (ms) of a refresh, as medians of several."""
    taken, requests = [], []
    for _ in range(ROUNDS):
        mycodo.server.log.clear()
        begin = perf_counter()
        await refresh()
        taken.append((perf_counter() - begin) * 1000)
        requests.append(mycodo.server.log.count())
    return median(requests), median(taken)


async def _peer(mycodo: MycodoServer, *, outputs_only: bool) -> None:
    """Send the requests of the peer for one refresh, with a value for each channel."""
    headers = {
        "Accept": "application/vnd.mycodo.v1+json",
        "X-API-KEY": mycodo.state.users[0].key or "",
    }
    async with aiohttp.ClientSession(headers=headers) as session:

        async def get(path: str) -> None:
            async with session.get(
                f"{mycodo.url}{path}", allow_redirects=False
            ) as answer:
                await answer.read()

        for path in ("/api/outputs", "/api/outputs/"):
            await get(path)
        for output in mycodo.state.outputs:
            await get(f"/api/outputs/{output.unique_id}")
        if outputs_only:
            return
        for path in ("/api/inputs", "/api/inputs/"):
            await get(path)
        for found in mycodo.state.inputs:
            await get(f"/api/inputs/{found.unique_id}")
            for row in mycodo.state.rows_of(found.unique_id):
                await get(f"/last/{found.unique_id}/input/{row.unique_id}/30")


def _rows(
    what: str, ours: tuple[float, float], theirs: tuple[float, float], wanted: str
) -> list[Row]:
    return [
        Row(f"requests, {what}", ours[0], theirs[0], PEER, "", wanted),
        Row(f"time, {what}", ours[1], theirs[1], PEER, "ms"),
    ]
