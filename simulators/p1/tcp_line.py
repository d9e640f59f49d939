"""A meter on a TCP port."""

import asyncio
import socket
import struct
from typing import override

from .sent import Action
from .transport import HOST, PATIENCE, Transport


class Client(asyncio.Protocol):
    """One TCP connection."""

    def __init__(self, server: TcpTransport) -> None:
        self.server = server
        self.transport: asyncio.Transport | None = None
        self.writable = asyncio.Event()
        self.writable.set()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connected(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.writable.set()
        self.server.disconnected(self)

    @override
    def data_received(self, data: bytes) -> None:
        self.server.received += data

    @override
    def pause_writing(self) -> None:
        self.writable.clear()

    @override
    def resume_writing(self) -> None:
        self.writable.set()

    def encode(self, data: bytes) -> bytes:
        """Return the bytes in the encoding of this connection."""
        return data

    def write(self, data: bytes) -> None:
        """Send bytes unchanged."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def end(self, *, reset: bool) -> None:
        """Close the connection, optionally with a reset."""
        if self.transport is None:
            return
        if reset:
            sock: socket.socket = self.transport.get_extra_info("socket")
            sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self.transport.abort()
        else:
            self.transport.close()


class TcpTransport(Transport):
    """A raw TCP port, as on serial servers and Wi-Fi readers."""

    scheme = "socket"

    def __init__(
        self,
        baud: int = 115200,
        *,
        port: int = 0,
        max_clients: int = 1,
        greeting: bytes = b"",
        seed: int = 1,
    ) -> None:
        """``port`` 0 means any free port; ``greeting`` is sent first on every new connection."""
        super().__init__(baud, seed=seed)
        self.port = port
        self.max_clients = max_clients
        self.greeting = greeting
        self.refused = 0
        """Connections closed at once because there were enough."""
        self._clients: list[Client] = []
        self._server: asyncio.Server | None = None

    @property
    @override
    def address(self) -> str:
        return f"{self.scheme}://{HOST}:{self.port}"

    @property
    @override
    def receivers(self) -> int:
        return len(self._clients)

    @override
    async def start(self) -> None:
        await self.restore()

    @override
    async def restore(self) -> None:
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self.make_client, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    @override
    async def send(self, data: bytes) -> None:
        for client in tuple(self._clients):
            try:
                async with asyncio.timeout(PATIENCE):
                    await client.writable.wait()
            except TimeoutError:
                self.dropped += len(data)
                continue
            client.write(client.encode(data))

    @override
    async def break_off(self, action: Action) -> None:
        if action in (Action.REFUSE, Action.UNPLUG):
            await self._stop_listening()
        for client in tuple(self._clients):
            client.end(reset=action is Action.RESET)
        self._clients.clear()

    @override
    async def stop(self) -> None:
        await self.break_off(Action.REFUSE)
        # The event loop closes the sockets in its next iteration.
        await asyncio.sleep(0)

    def make_client(self) -> Client:
        """Return the protocol of a new connection."""
        return Client(self)

    def connected(self, client: Client) -> None:
        """Accept a connection, or close it when there are too many."""
        if len(self._clients) >= self.max_clients:
            self.refused += 1
            client.end(reset=False)
            return
        self.connections += 1
        self._clients.append(client)
        client.write(self.greeting)

    def disconnected(self, client: Client) -> None:
        """Remove a connection."""
        if client in self._clients:
            self._clients.remove(client)

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
