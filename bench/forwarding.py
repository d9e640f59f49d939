"""Benchmark forwarding after an outage: the time that Junction adds to the server's.

The peer posts the same telegrams from memory with plain aiohttp, over one connection.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
from yarl import URL

from custom_components.junction.backends.forward.client.api import ReaderApi
from custom_components.junction.backends.forward.client.health import Limits
from custom_components.junction.backends.forward.client.queue import (
    RAW,
    DiskQueue,
    Item,
)
from custom_components.junction.backends.forward.client.worker import Forwarder

from .measure import ROOT, Row
from .p1 import telegrams

COUNT = 500
TARGET = "bench"
TAKES = (0.0, 0.02, 0.1)
"""Seconds that a server needs for a telegram."""
ENOUGH = 100
"""Telegrams for the slow servers."""
_PATIENCE = 60
_PATH = "api/v1/datalogger/dsmrreading"


def rows() -> Iterator[Row]:
    """Yield the time per telegram until the server has stored it and it is removed from disk."""
    sent = [one.decode("latin-1") for one in telegrams("5")]
    for seconds in TAKES:
        bodies = (sent * COUNT)[: ENOUGH if seconds else COUNT]
        with _server(seconds) as url:
            # Alternate and keep the fastest of each, because this measures wall time.
            taken = [
                (
                    asyncio.run(_timed(_forward, url, bodies)),
                    asyncio.run(_timed(_bare, url, bodies)),
                )
                for _ in range(3)
            ]
        ours, bare = (min(column) * 1000 for column in zip(*taken, strict=True))
        name = f"catching up, the server takes {seconds * 1000:.0f} ms for a telegram"
        yield Row(name, ours, bare, "bare aiohttp", unit="ms")


@contextmanager
def _server(seconds: float) -> Iterator[URL]:
    command = [sys.executable, "-m", "bench.forwarding_server", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            yield URL(f"http://127.0.0.1:{int(server.stdout.readline())}")
        finally:
            server.terminate()


type _Sender = Callable[[aiohttp.ClientSession, URL, list[str]], Awaitable[float]]


async def _timed(send: _Sender, url: URL, bodies: list[str]) -> float:
    """Return the seconds per telegram."""
    async with aiohttp.ClientSession() as session:
        return await send(session, url, bodies) / len(bodies)


async def _bare(session: aiohttp.ClientSession, url: URL, bodies: list[str]) -> float:
    begin = perf_counter()
    for body in bodies:
        async with session.post(url / _PATH, data={"telegram": body}) as answer:
            if answer.status != 201:
                raise RuntimeError(f"answered {answer.status}")
            await answer.read()
    return perf_counter() - begin


async def _forward(
    session: aiohttp.ClientSession, url: URL, bodies: list[str]
) -> float:
    """Send the telegrams that are stored on disk, as after an outage of the server."""
    async with _queue(bodies) as (queue, work):
        done = asyncio.Event()
        forwarder = Forwarder(
            TARGET,
            ReaderApi(session, url, "k" * 64),
            queue,
            # Without the usual limit of 100 a second.
            Limits(rate=1e9),
            work=work,
            on_change=lambda: done.set() if not forwarder.health.queued else None,
        )
        begin = perf_counter()
        await forwarder.open()
        done.clear()
        running = asyncio.create_task(forwarder.run())
        try:
            async with asyncio.timeout(_PATIENCE):
                await done.wait()
        except TimeoutError:
            raise RuntimeError(repr(forwarder.health.error)) from None
        finally:
            taken = perf_counter() - begin
            running.cancel()
            await asyncio.wait([running])
    if forwarder.health.forwarded != len(bodies):
        raise RuntimeError(f"sent {forwarder.health.forwarded} of {len(bodies)}")
    return taken


@asynccontextmanager
async def _queue(
    bodies: list[str],
) -> AsyncIterator[tuple[DiskQueue, Callable[..., Awaitable[Any]]]]:
    with TemporaryDirectory() as folder:
        queue = DiskQueue(Path(folder) / "queue.db")

        async def work(job: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - any job
            return await asyncio.to_thread(job, *args)

        await work(queue.open)
        items = [Item(1e9 + number, RAW, body) for number, body in enumerate(bodies)]
        await work(queue.add, TARGET, items)
        try:
            yield queue, work
        finally:
            await work(queue.close)
