"""Ports besides that of the demo's meter, for the dialogs that are about them."""

import asyncio
from contextlib import AsyncExitStack, closing, suppress
import fcntl
import os
from pathlib import Path
import pty

from simulators.house import House
from simulators.p1_meter import MeterPlan, MeterServer, P1Meter, TcpTransport


class MorePorts:
    """A second way to the meter, the meter next door, and a cable that is in use."""

    def __init__(self, house: House, folder: Path, dialect: str, ident: str) -> None:
        """Describe them; ``ident`` is the number of the meter next door."""
        self.cable = folder.resolve() / "p1-cable"
        """The path of the cable, which another program holds."""
        self.second = ""
        """The address of the second way."""
        self._next_door = MeterServer(
            P1Meter(MeterPlan(dialect, ident=ident), house=house), TcpTransport()
        )
        self._open = AsyncExitStack()

    @property
    def next_door(self) -> str:
        """The address of the meter next door."""
        return self._next_door.transport.address

    async def start(self, meter: TcpTransport) -> None:
        """Open them all; ``meter`` must take two clients."""
        await self._open.enter_async_context(self._next_door)
        tasks: set[asyncio.Task[None]] = set()

        async def pass_on(_: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", meter.port)
            with closing(writer), closing(out), suppress(ConnectionError):
                while data := await reader.read(4096):
                    out.write(data)
                    await out.drain()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(pass_on(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self._open.callback(server.close)
        self._open.callback(lambda: [task.cancel() for task in tasks])
        self.second = f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._hold()

    def _hold(self) -> None:
        ends = pty.openpty()
        for end in ends:
            self._open.callback(os.close, end)
        self.cable.unlink(missing_ok=True)
        self.cable.symlink_to(os.ttyname(ends[1]))
        fcntl.flock(ends[1], fcntl.LOCK_EX)

    async def stop(self) -> None:
        """Close them."""
        await self._open.aclose()
