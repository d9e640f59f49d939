"""Meter on its line, in real time."""

import asyncio
import contextlib
from typing import Self

from .core import P1Meter
from .sent import Action, Break, Pause, Sent
from .transport import Transport

_BITS_PER_BYTE = 10
_CHUNK = 64


class MeterServer:
    """Sends a meter's telegrams over a transport while its clock runs.

    Use it as a context: ``async with MeterServer(meter, transport):``.
    """

    def __init__(
        self, meter: P1Meter, transport: Transport, *, pace: bool = False
    ) -> None:
        """``pace`` limits sending to the speed of the line, in chunks of 64 bytes."""
        self.meter = meter
        self.transport = transport
        self._pace = pace
        self._task: asyncio.Task[None] | None = None
        self._restoring: asyncio.Task[None] | None = None
        self._last_sent = 0
        self._next_moment = 0
        self._sent = asyncio.Condition()

    async def __aenter__(self) -> Self:
        """Open the line and start to send."""
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Stop and close the line."""
        await self.stop()

    async def start(self) -> None:
        """Open the line and start to send. Raises OSError when the line cannot be opened."""
        await self.transport.start()
        self._task = asyncio.create_task(self._run(), name="P1 meter")

    async def stop(self) -> None:
        """Stop sending, close the line, disconnect the meter from the house.

        Raises the error that ended sending, if any.
        """
        tasks = [task for task in (self._task, self._restoring) if task]
        self._task = self._restoring = None
        for task in tasks:
            task.cancel()
        try:
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        finally:
            await self.transport.stop()
            self.meter.close()

    @property
    def failed(self) -> bool:
        """Whether sending has ended with an error, which ``stop`` will raise."""
        return self._task is not None and self._task.done()

    async def wait_sent(self, sequence: int) -> None:
        """Return once the telegram with that number has been sent."""
        async with self._sent:
            await self._sent.wait_for(lambda: self._last_sent >= sequence)

    async def wait_idle(self) -> None:
        """Return once everything that was due by now has been sent.

        On a busy machine, sending falls behind a fast clock, and goes on for a while
        after the clock stops.
        """
        async with self._sent:
            await self._sent.wait_for(
                lambda: self._next_moment > self.meter.clock.now()
            )

    async def break_off(self, action: Action, seconds: float | None = 0.0) -> None:
        """End all connections; new ones are possible after ``seconds`` (virtual).

        None blocks them until ``restore`` is called.
        """
        self._cancel_restoring()
        await self.transport.break_off(action)
        self.meter.connection_restarted()
        if seconds:
            self._restoring = asyncio.create_task(self._restore_after(seconds))
        elif seconds is not None:
            await self.transport.restore()

    async def restore(self) -> None:
        """Reconnect the cable, and accept connections."""
        self._cancel_restoring()
        await self.transport.restore()

    # Inside

    def _cancel_restoring(self) -> None:
        if self._restoring:
            self._restoring.cancel()
            self._restoring = None

    async def _restore_after(self, seconds: float) -> None:
        await self.meter.clock.sleep(seconds)
        await self.transport.restore()

    async def _run(self) -> None:
        meter, clock = self.meter, self.meter.clock
        jumps, moment = clock.jumps, meter.next_moment()
        while True:
            await clock.wait_until(moment)
            if clock.jumps != jumps:
                # Telegrams of the skipped time are never sent.
                jumps = clock.jumps
                moment = int(clock.now()) // meter.interval * meter.interval
            for record in meter.step(moment):
                await self._send(record)
            moment += meter.interval
            async with self._sent:
                self._next_moment = moment
                self._sent.notify_all()
            # At high speeds none of the calls above waits, so give the clients a turn.
            await asyncio.sleep(0)

    async def _send(self, record: Sent) -> None:
        transport = self.transport
        before = transport.receivers
        for step in record.steps:
            match step:
                case Pause(seconds):
                    await self.meter.clock.sleep(seconds)
                case Break(action, seconds):
                    await self.break_off(action, seconds)
                case data:
                    await self._put(data)
        record.receivers = before if record.breaks else min(before, transport.receivers)
        record.sent = self.meter.clock.now()
        async with self._sent:
            self._last_sent = record.sequence
            self._sent.notify_all()

    async def _put(self, data: bytes) -> None:
        if not self._pace:
            await self.transport.send(data)
            return
        for at in range(0, len(data), _CHUNK):
            piece = data[at : at + _CHUNK]
            await self.transport.send(piece)
            await self.meter.clock.sleep(
                len(piece) * _BITS_PER_BYTE / self.transport.baud
            )
