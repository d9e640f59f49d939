"""Receiver of a port, for tests of the transport."""

import asyncio

from custom_components.junction.backends.dsmr.client.transport import (
    LineSettings,
    SerialConnection,
    open_port,
)
from custom_components.junction.errors import BackendError


class Ear:
    """Receives the bytes of a port."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost: list[BackendError] = []
        self._news = asyncio.Event()

    def on_data(self, data: bytes) -> None:
        self.data += data
        self._news.set()

    def on_lost(self, error: BackendError) -> None:
        self.lost.append(error)
        self._news.set()

    async def heard(self, size: int) -> bytes:
        async with asyncio.timeout(5):
            while len(self.data) < size and not self.lost:
                self._news.clear()
                await self._news.wait()
        return bytes(self.data)

    async def ended(self) -> BackendError:
        async with asyncio.timeout(5):
            while not self.lost:
                self._news.clear()
                await self._news.wait()
        return self.lost[0]


async def listen_to(
    url: str, ear: Ear | None = None, speed: int = 115200
) -> SerialConnection:
    ear = ear or Ear()
    return await open_port(url, LineSettings(speed), ear.on_data, ear.on_lost)
