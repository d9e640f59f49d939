"""Virtual time, telegrams, and a forwarder to a simulated server."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
import json
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from yarl import URL

from custom_components.junction.backends.forward.client.api import ReaderApi
from custom_components.junction.backends.forward.client.health import Limits
from custom_components.junction.backends.forward.client.queue import DiskQueue, Item
from custom_components.junction.backends.forward.client.worker import Forwarder
from custom_components.junction.backends.http import Clock
from simulators.dsmr_reader import DsmrReaderServer, State, make_key
from simulators.dsmr_reader.telegram import crc16

KEY = make_key("forward")
START = datetime(2026, 11, 20, 8, tzinfo=UTC)
TARGET = "01HTARGET"
TELEGRAM = (
    Path(__file__).parents[2] / "fixtures" / "dsmr_reader" / "telegram_esmr5.txt"
).read_bytes()


class VirtualTime:
    """A clock that moves only in ``run``, and then jumps from one sleeper to the next."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()
        self.clock = Clock(
            monotonic=lambda: self.seconds, utcnow=self.now, sleep=self.sleep
        )

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (self.seconds + seconds, next(self._number), future))
        await future

    async def run(self, seconds: float, busy: Callable[[], bool]) -> None:
        end = self.seconds + seconds
        while True:
            await settle(busy)
            while self._sleepers and self._sleepers[0][2].done():
                heappop(self._sleepers)
            if not self._sleepers or self._sleepers[0][0] > end:
                break
            at, _, future = heappop(self._sleepers)
            self.seconds = max(self.seconds, at)
            future.set_result(None)
        self.seconds = end


async def settle(busy: Callable[[], bool]) -> None:
    """Run everything that needs no passing of time."""
    for _ in range(40):
        await asyncio.sleep(0)
    while busy():
        await asyncio.sleep(0.0005)
        for _ in range(40):
            await asyncio.sleep(0)


def telegram(moment: datetime, number: int = 0) -> str:
    """Return a telegram of a moment (standard time), with a register that identifies it."""
    text = TELEGRAM.decode("latin-1")
    stamp = f"{moment + timedelta(hours=1):%y%m%d%H%M%S}W"
    text = text.replace("261120092400W", stamp)
    text = text.replace("004921.131", f"{number / 1000:010.3f}")
    body = text[: text.index("!") + 1]
    return f"{body}{crc16(body.encode('latin-1')):04X}\r\n"


def raw(moment: datetime, number: int = 0) -> Item:
    return Item(moment.timestamp(), "raw", telegram(moment, number))


def parsed(moment: datetime, number: int = 0, **facts: Any) -> Item:
    reading = {
        "timestamp": moment.isoformat(),
        "electricity_delivered_1": f"{number / 1000:.3f}",
        "electricity_delivered_2": "0",
        "electricity_returned_1": "0",
        "electricity_returned_2": "0",
        "electricity_currently_delivered": "0.1",
        "electricity_currently_returned": "0",
    }
    return Item(
        moment.timestamp(), "parsed", json.dumps({"reading": reading, "facts": facts})
    )


async def at_once(job: Callable[..., Any], *args: Any) -> Any:
    return job(*args)


class Bench:
    """A forwarder in virtual time, to a server that lives in the same."""

    def __init__(self, server: DsmrReaderServer, path: Path, **limits: Any) -> None:
        self.server = server
        self.time = VirtualTime()
        server.state.now = self.time.now
        self.queue = DiskQueue(path)
        self.limits = Limits(**limits)
        self.session: aiohttp.ClientSession | None = None
        self.task: asyncio.Task[None] | None = None
        self.changes = 0

    async def start(self) -> None:
        self.queue.open()
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.api = ReaderApi(
            self.session, URL(self.server.url), KEY, clock=self.time.clock
        )
        self.forwarder = Forwarder(
            TARGET,
            self.api,
            self.queue,
            self.limits,
            work=at_once,
            on_change=self._changed,
            clock=self.time.clock,
            random=Random(1),
        )
        await self.forwarder.open()
        self.task = asyncio.create_task(self.forwarder.run())

    def _changed(self) -> None:
        self.changes += 1

    async def stop(self) -> None:
        """End in good order."""
        await self.kill()
        self.queue.open()
        await self.forwarder.close()
        self.queue.close()

    async def kill(self) -> None:
        """End without a chance to save anything."""
        assert self.task is not None and self.session is not None
        self.task.cancel()
        await asyncio.wait([self.task])
        await self.session.close()
        self.queue.close()

    async def run(self, seconds: float) -> None:
        await self.time.run(seconds, lambda: self.api.counters.in_flight > 0)

    @property
    def arrived(self) -> list[int]:
        """Numbers of the telegrams in the server's table, in the order of arrival."""
        rows = sorted(self.server.state.new, key=lambda row: row["id"])
        return [round(row["electricity_delivered_1"] * 1000) for row in rows]


def new_state() -> State:
    return State(key=KEY, now=lambda: START)
