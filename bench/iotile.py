"""Benchmark an IOTile Cloud with 500 devices: start, refresh, and requests.

There is no other integration, so the peer follows the pattern of the vendor's client library
(iotile_cloud 0.9.14): list the devices of each project, the streams of each device, and request
the newest point of each stream. Both read from the same simulated server in the same process, so
the server's time is part of both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import gc
from statistics import median
from time import process_time
import tracemalloc
from typing import Any, Final

import aiohttp
from yarl import URL

from custom_components.junction.backends.http import Clock
from custom_components.junction.backends.iotile.client.api import IOTileClient
from custom_components.junction.backends.iotile.client.poller import Poller
from custom_components.junction.backends.iotile.client.state import IOTileState
from custom_components.junction.backends.iotile.client.totals import Ledger
from simulators.clock import HOUR, VirtualClock
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World, house

from .measure import Row

PEER: Final = "the client library's pattern"
NOW: Final = 1795163310
DEVICES: Final = 500
REPORTING: Final = 50
SILENT: Final = 100
ROUNDS: Final = 3
_FIRST: Final = 0x2000
_STREAMS: Final = tuple(
    f"s--0000-0005--0000-0000-0000-0097--{variable}"
    for variable in ("5001", "5002", "100d")
)

type Work = Callable[[], Awaitable[object]]


def rows() -> Iterator[Row]:
    """Yield the cost of the start and of later refreshes."""
    yield from asyncio.run(_measure())


def large() -> World:
    """Return a world of 500 water meters with three streams each."""
    world = house(VirtualClock(NOW, 0), days=1)
    world.devices.clear()
    world.streams.clear()
    for number in range(_FIRST, _FIRST + DEVICES):
        device = world.add_device(number, f"Meter {number:x}")
        world.streamer(device)["last_id"] = 1
        for like in _STREAMS:
            stream = world.add_stream(like, device)
            world.add(stream["slug"], NOW - HOUR, 5, local_id=1)
    return world


async def _measure() -> list[Row]:
    world = large()
    moment = [0.0]
    clock = Clock(
        monotonic=lambda: moment[0],
        utcnow=lambda: datetime.fromtimestamp(NOW + moment[0], UTC),
    )
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    async with IOTileServer(world) as server, session:
        token = world.users[0].token
        client = IOTileClient(session, URL(server.url), token, clock=clock)

        def poller() -> Poller:
            state = IOTileState(Ledger(), lambda stream: False, client.now)
            return Poller(client, state, interval=600, late=timedelta(hours=48))

        naive = _Naive(session, f"{server.url}/api/v1", token)
        ours = await _cost(server, lambda: poller().survey())
        theirs = await _cost(server, naive.discover)
        found = [
            Row(f"requests, discovery of {DEVICES} devices", *_first(ours, theirs)),
            Row(
                f"CPU with server, discovery of {DEVICES} devices",
                *_second(ours, theirs),
                "ms",
            ),
        ]
        kept = poller()
        for _ in range(2):
            await kept.refresh()
            moment[0] += 600

        async def quiet() -> None:
            await kept.refresh()
            moment[0] += 600

        async def some() -> None:
            for number in range(REPORTING):
                device = world.devices[number]
                row = world.streamer(device)
                row["last_id"] += 1
                gid = device["gid"]
                world.add(
                    f"s--0000-0005--{gid}--5001",
                    NOW + moment[0],
                    1,
                    local_id=row["last_id"],
                )
            await quiet()

        async def all_of_them() -> None:
            moment[0] += 3600
            await quiet()

        theirs = await _cost(server, naive.refresh)
        for what, work in (
            ("nothing new", quiet),
            (f"{REPORTING} devices reported", some),
            ("every device, as once an hour", all_of_them),
        ):
            ours = await _cost(server, work, ROUNDS)
            found += [
                Row(f"requests, refresh, {what}", *_first(ours, theirs)),
                Row(f"CPU with server, refresh, {what}", *_second(ours, theirs), "ms"),
            ]
        fresh = poller()
        ours_memory = await _memory(fresh.refresh, "*/backends/iotile/*")
        theirs_memory = await _memory(
            _Naive(session, f"{server.url}/api/v1", token).everything, "*/bench/*"
        )
        found.append(
            Row("memory of what is known", ours_memory, theirs_memory, PEER, "MB")
        )
        requests = await _day(server, world, poller(), moment)
        found.append(
            Row(
                f"requests an hour, {SILENT} of {DEVICES} devices silent for long",
                requests,
                len(naive.streams) * 6,
                PEER,
                "",
            )
        )
    return found


async def _day(
    server: IOTileServer, world: World, kept: Poller, moment: list[float]
) -> float:
    """Return the requests per hour when all devices but the silent ones report once an hour."""
    silent = {device["gid"] for device in world.devices[:SILENT]}
    for slug, rows in world.points.items():
        if slug.split("--")[2] in silent:
            rows[:] = [replace(row, time=NOW - 10 * 24 * HOUR) for row in rows[:1]]
    for _ in range(2):
        await kept.refresh()
        moment[0] += 600
    server.log.clear()
    for number in range(24 * 6):
        for device in world.devices[SILENT:] if number % 6 == 0 else ():
            row = world.streamer(device)
            row["last_id"] += 1
            slug = f"s--0000-0005--{device['gid']}--5001"
            world.add(slug, NOW + moment[0], 1, local_id=row["last_id"])
        await kept.refresh()
        moment[0] += 600
    return server.log.count() / 24


def _first(
    ours: tuple[float, float], theirs: tuple[float, float]
) -> tuple[float, float, str, str]:
    return ours[0], theirs[0], PEER, ""


def _second(
    ours: tuple[float, float], theirs: tuple[float, float]
) -> tuple[float, float, str]:
    return ours[1], theirs[1], PEER


async def _cost(
    server: IOTileServer, work: Work, rounds: int = 1
) -> tuple[float, float]:
    """Return the number of requests and the CPU time (ms), as medians of several rounds."""
    requests, taken = [], []
    for _ in range(rounds):
        server.log.clear()
        gc.collect()
        begin = process_time()
        await work()
        taken.append((process_time() - begin) * 1000)
        requests.append(server.log.count())
    return median(requests), median(taken)


async def _memory(work: Work, files: str) -> float:
    """Return the memory (MB) that these files allocate, and the JSON read from them."""
    tracemalloc.start()
    await work()
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [
            tracemalloc.Filter(True, files),
            tracemalloc.Filter(True, "*/json/decoder.py"),
        ]
    )
    tracemalloc.stop()
    return sum(trace.size for trace in snapshot.traces) / 2**20


class _Naive:
    """Client that follows the examples of the client library, and keeps the answers."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self._session = session
        self._base = base
        self._headers = {"Authorization": f"Token {token}"}
        self.streams: list[dict[str, Any]] = []
        self.devices: list[dict[str, Any]] = []
        self.points: dict[str, Any] = {}

    async def _get(self, path: str, **params: str) -> Any:  # noqa: ANN401 - as JSON has it
        async with self._session.get(
            f"{self._base}/{path}", params=params, headers=self._headers
        ) as answer:
            return await answer.json()

    async def discover(self) -> None:
        """List projects, devices, and streams."""
        self.devices, self.streams = [], []
        for project in (await self._get("project/"))["results"]:
            found = await self._get("device/", project=project["slug"])
            self.devices += found["results"]
        for device in self.devices:
            found = await self._get("stream/", device=device["slug"])
            self.streams += found["results"]

    async def refresh(self) -> None:
        """Request the newest point of each stream."""
        for stream in self.streams:
            path = f"stream/{stream['slug']}/data/"
            self.points[stream["slug"]] = await self._get(path, lastn="1")

    async def everything(self) -> None:
        """Discover and refresh."""
        await self.discover()
        await self.refresh()
