"""Send commands: collected briefly, in order, one request at a time.

See docs/protocols/cozify.md#commands.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from ....errors import BackendError, RejectedError, UnloadedError
from ...http import Clock
from .api import HubApi
from .models import Device

GATHER: Final = 0.01
"""Seconds that a command waits for others to share its request."""

type Command = Mapping[str, Any]


class Commands:
    """Send the commands of one path.

    Hubs are slow but accept arrays: turning off fifty lights takes one or two requests,
    which keep the order.
    """

    def __init__(self, api: HubApi, path: str, clock: Clock | None = None) -> None:
        """Initialize; nothing is sent yet."""
        self._api = api
        self._path = path
        self._clock = clock or Clock()
        self._waiting: list[tuple[Command, asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None
        self.sent = 0
        self.requests = 0

    async def send(self, command: Command) -> None:
        """Return once the hub accepted the command; a delta reports the result.

        Raises BackendError.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, done))
        if self._working is None:
            self._working = asyncio.create_task(self._work(), name="cozify commands")
        await done

    async def close(self) -> None:
        """Stop; commands that were not sent yet fail."""
        if (task := self._working) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        _fail(self._waiting, UnloadedError())
        self._waiting.clear()

    async def _work(self) -> None:
        try:
            await self._clock.sleep(GATHER)
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._send([one for one in batch if not one[1].done()])
        finally:
            self._working = None

    async def _send(self, batch: list[tuple[Command, asyncio.Future[None]]]) -> None:
        if not batch:
            return
        self.requests += 1
        self.sent += len(batch)
        try:
            await self._api.command(self._path, [command for command, _ in batch])
        except RejectedError as err:
            if len(batch) == 1:
                _fail(batch, err)
                return
            # One invalid command makes the whole request fail, so send them one by one.
            for one in batch:
                await self._send([one])
        except BackendError as err:
            _fail(batch, err)
        except asyncio.CancelledError:
            _fail(batch, UnloadedError())
            raise
        else:
            for _, done in batch:
                if not done.done():
                    done.set_result(None)


def _fail(
    batch: list[tuple[Command, asyncio.Future[None]]], error: BackendError
) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)


def switch(device: Device, *, on: bool, group: bool = False) -> Command:
    """Return the command that switches a device or a group."""
    what = "CMD_GROUP" if group else "CMD_DEVICE"
    return {"id": device.id, "type": f"{what}_{'ON' if on else 'OFF'}"}


def set_fields(device: Device, state: Mapping[str, Any]) -> Command:
    """Return the command that sets some fields of a state; the others stay."""
    return {
        "id": device.id,
        "type": "CMD_DEVICE",
        "state": {"type": device.state_type, **state},
    }


def identify(device: Device) -> Command:
    """Return the command that lets a device identify itself."""
    return {"id": device.id, "type": "CMD_IDENTIFY"}
