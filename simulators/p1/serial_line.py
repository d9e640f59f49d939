"""A meter on a serial port."""

import asyncio
import contextlib
import os
from pathlib import Path
import select
import termios
import tty
from typing import override

from .sent import Action
from .transport import PATIENCE, Transport

_SPEEDS: dict[int, int] = {
    getattr(termios, f"B{speed}"): speed
    for speed in (300, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)
}


class PtyTransport(Transport):
    """A serial port, as the slave of a pseudo-terminal.

    A speed other than the meter's yields garbage. The kernel does not simulate parity, so the
    meter itself can send even parity in bit 7. Disconnecting closes the pair; after a reconnect it
    has a new path, so pass ``link`` for a fixed name.
    """

    def __init__(
        self, baud: int = 115200, *, link: Path | None = None, seed: int = 1
    ) -> None:
        """``link`` becomes a symbolic link to the port while it is connected."""
        super().__init__(baud, seed=seed)
        self._link = link
        self._master: int | None = None
        self._path = ""
        self._reading = False
        self._watch: asyncio.Task[None] | None = None

    @property
    @override
    def address(self) -> str:
        return str(self._link) if self._link else self._path

    @property
    @override
    def receivers(self) -> int:
        return int(self._is_open())

    @override
    async def start(self) -> None:
        await self.restore()

    @override
    async def restore(self) -> None:
        if self._master is not None:
            return
        self._master, slave = os.openpty()
        for end in (self._master, slave):
            tty.setraw(end)
        self._path = os.ttyname(slave)
        _set_speed(slave, self.baud)
        # With this side's slave closed, the kernel tells when a client opens it.
        os.close(slave)
        os.set_blocking(self._master, False)
        if self._link:
            # No await in between, so the link is missing only for an instant.
            new = self._link.with_name(f".{self._link.name}.new")
            new.unlink(missing_ok=True)
            new.symlink_to(self._path)
            new.replace(self._link)
        self._watch = asyncio.create_task(self._watch_client(self._master))

    @override
    async def send(self, data: bytes) -> None:
        if not self._is_open():
            return
        data = self.at_speed(data, self._speed())
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while data:
            taken = self._write(data)
            if taken is None or asyncio.get_running_loop().time() > deadline:
                self.dropped += len(data)
                return
            data = data[taken:]
            if not taken:
                await asyncio.sleep(0.002)

    def _write(self, data: bytes) -> int | None:
        """Return how many bytes the port accepted; None when no client has it open."""
        if self._master is None or not self._is_open():
            return None
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0
        except OSError:
            return None

    @override
    async def break_off(self, action: Action) -> None:
        """Hang up the port, the only way to end a serial line."""
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        if self._master is not None:
            os.close(self._master)
            self._master = None
        if self._link:
            self._link.unlink(missing_ok=True)

    @override
    async def stop(self) -> None:
        await self.break_off(Action.UNPLUG)

    def _is_open(self) -> bool:
        """Return whether a client has the port open."""
        if self._master is None:
            return False
        poll = select.poll()
        poll.register(self._master, 0)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def _speed(self) -> int:
        assert self._master is not None
        return _SPEEDS.get(termios.tcgetattr(self._master)[5], 0)

    async def _watch_client(self, master: int) -> None:
        """Count clients and keep the bytes that they write."""
        was_open = False
        while True:
            is_open = self._is_open()
            if is_open and not was_open:
                self.connections += 1
            was_open = is_open
            if is_open:
                with contextlib.suppress(OSError):
                    self.received += os.read(master, 4096)
            await asyncio.sleep(0.02)


def _set_speed(port: int, baud: int) -> None:
    """Set the port to the meter's speed, for readers that do not set it."""
    speed = next(code for code, value in _SPEEDS.items() if value == baud)
    settings = termios.tcgetattr(port)
    settings[4] = settings[5] = speed
    termios.tcsetattr(port, termios.TCSANOW, settings)
