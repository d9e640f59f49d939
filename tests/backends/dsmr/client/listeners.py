"""A client whose port and clock the test controls."""

import asyncio

from custom_components.junction.backends.dsmr.client.listener import (
    LinkState,
    LinkStatus,
    P1Listener,
)
from custom_components.junction.backends.dsmr.client.models import Telegram

from ..helpers import FakeClock, FakePort, settle, stamped, wire

RAW = wire("v5_nl_3phase_gas")
BAD = wire("v5_nl_bad_crc")
OLD = wire("v2_2_gas")
LOGGER = "custom_components.junction.backends.dsmr.client.listener"


class Bench:
    """A client whose port and clock the test controls."""

    def __init__(self, url: str = "/dev/ttyUSB0", **arguments: object) -> None:
        self.clock = FakeClock()
        self.port = FakePort()
        self.telegrams: list[Telegram] = []
        self.links: list[LinkState] = []
        self.client = P1Listener(
            url,
            on_telegram=self.telegrams.append,
            on_link=self.links.append,
            opener=self.port,
            clock=self.clock,
            **arguments,  # type: ignore[arg-type]
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.client.run())
        await settle()

    async def stop(self) -> None:
        await self.client.close()
        if self._task is not None:
            await self._task

    @property
    def statuses(self) -> list[LinkStatus]:
        return [link.status for link in self.links]

    async def feed(self, seconds: int, raw: bytes | None = None) -> None:
        """Send a telegram every second, by default with its own time."""
        for _ in range(seconds):
            self.port.send(raw or stamped(int(self.clock.time - 1000)))
            await self.clock.move(1)
