"""Real ends of lines on this machine: pseudo terminals and TCP servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import os
import socket
import struct
import tty
from typing import override


class Pty:
    """A serial port; closing the master unplugs it."""

    def __init__(self) -> None:
        """Open a pseudo terminal."""
        self._master: int | None
        self._master, slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        # Without this, a second client could not be told from a first one
        self._slave: int | None = slave

    def send(self, data: bytes) -> None:
        """Let the meter send."""
        assert self._master is not None
        os.write(self._master, data)

    def unplug(self) -> None:
        """Take the adaptor away."""
        for fd in (self._slave, self._master):
            if fd is not None:
                os.close(fd)
        self._slave = self._master = None


class TcpMeter:
    """A gateway that sends the meter's output to every client."""

    def __init__(self) -> None:
        """Start without clients."""
        self.port = 0
        self.connected = asyncio.Event()
        self.accepted = 0
        self.received = bytearray()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"socket://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.accepted += 1
        self._writers.append(writer)
        self.connected.set()
        with suppress(ConnectionError):
            while data := await reader.read(1000):
                self.received += data
                await self.answer(data, writer)
        writer.close()

    async def answer(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        """Do not respond to clients."""

    def send(self, data: bytes) -> None:
        """Let the meter send."""
        for writer in self._writers:
            writer.write(data)

    def finish(self) -> None:
        """Close all connections in good order."""
        for writer in self._writers:
            writer.close()
        self._forget()

    def reset(self) -> None:
        """Break all connections off."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._forget()

    async def stop(self) -> None:
        """Stop listening; connections are closed too."""
        self.finish()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def _forget(self) -> None:
        self._writers.clear()
        self.connected.clear()


IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
COM_PORT = 44


class Rfc2217Meter(TcpMeter):
    """A gateway that speaks telnet with com-port control (RFC 2217)."""

    def __init__(self) -> None:
        """Start without a speed."""
        super().__init__()
        self.speeds: list[int] = []
        self.parities: list[int] = []

    @property
    @override
    def url(self) -> str:
        """Where it is."""
        return f"rfc2217://127.0.0.1:{self.port}"

    @override
    async def answer(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        """Agree to everything."""
        at = 0
        while at < len(data):
            if data[at] != IAC:
                at += 1
                continue
            command = data[at + 1]
            if command in (DO, WILL):
                reply = WILL if command == DO else DO
                writer.write(bytes([IAC, reply, data[at + 2]]))
                at += 3
            elif command == SB:
                end = data.index(bytes([IAC, SE]), at)
                option, what, value = data[at + 2], data[at + 3], data[at + 4 : end]
                if option == COM_PORT:
                    if what == 1 and any(value):
                        self.speeds.append(int.from_bytes(value))
                    if what == 3 and any(value):
                        self.parities.append(int.from_bytes(value))
                    writer.write(
                        bytes([IAC, SB, COM_PORT, what + 100])
                        + value
                        + bytes([IAC, SE])
                    )
                at = end + 2
            else:
                at += 3


@asynccontextmanager
async def meter(kind: type[TcpMeter] = TcpMeter) -> AsyncIterator[TcpMeter]:
    """Run a gateway for the length of a test."""
    server = kind()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def free_port() -> int:
    """Return a port without a server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
