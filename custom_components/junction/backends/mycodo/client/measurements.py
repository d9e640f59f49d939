"""Read the latest measurements with as few requests as Mycodo allows.

See docs/protocols/mycodo.md#polling.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ....errors import BackendError, ProtocolError, RateLimitedError
from ...http import TimedOutError
from .api import MycodoClient
from .errors import BadUnitError
from .models import Reading
from .units import UNITS, targets
from .web import MycodoWeb

MOST: Final = 50
"""Maximum number of series in one ``multi`` request."""
FIRST: Final = 25
"""Series in the first request, before the server's time per series is known."""
CHUNK_SECONDS: Final = 0.5
"""Target duration of one ``multi`` request in seconds, because other requests wait for
it.
"""
REST: Final = 60.0
"""Seconds before a database that does not answer is queried again: each query blocks
one of the web server's two threads for as long.
"""
BUDGET: Final = 25
"""Single requests per poll. With one poll in 10 s that is 150 of the 200 per minute
that Mycodo allows; with more series, each is read less often.
"""


@dataclass(frozen=True, slots=True)
class Series:
    """One measurement of one device. ``period`` and ``window`` are in seconds.

    ``active``: whether the device measures now; otherwise it is not read. ``certain``:
    the unit is known from a choice list, so it needs no probing.
    """

    id: str
    device: str
    kind: str
    unit: str
    channel: int
    period: float
    window: int
    active: bool = True
    certain: bool = True


class MeasurementReader:
    """Keep the latest reading of each requested series.

    ``down`` means that InfluxDB does not answer, or is empty; ``readings`` are then
    invalid. ``turn`` is held during each request.
    """

    def __init__(
        self,
        client: MycodoClient,
        web: MycodoWeb,
        *,
        multi: bool,
        least: float = 10.0,
        turn: asyncio.Lock | None = None,
    ) -> None:
        """Initialize. ``least`` is the minimum time (s) between two reads of a device."""
        self._turn = turn or asyncio.Lock()
        self._chunk_size = FIRST
        self._rest_until = 0.0
        self._client = client
        self._web = web
        self._multi = multi
        self._known = set(UNITS)
        self._refused: set[str] = set()
        self._least = least
        self._due: dict[str, float] = {}
        self._series: dict[str, list[Series]] = {}
        self._tried: set[str] = set()
        self._monotonic = client.clock.monotonic
        self.readings: dict[str, Reading | None] = {}
        self.learnt: dict[str, str] = {}
        self.down = False

    def learn_units(self, units: Iterable[str]) -> None:
        """Add the user-defined units."""
        self._known.update(unit for unit in units if unit not in self._refused)

    def want(self, series: Iterable[Series]) -> None:
        """Set the series to read; new ones, or those with another unit, are due at once."""
        before = {
            found.id: found.unit for group in self._series.values() for found in group
        }
        self._series = {}
        for one in series:
            if not one.active:
                continue
            self._series.setdefault(one.device, []).append(one)
            if before.get(one.id) != one.unit:
                self.readings.pop(one.id, None)
                self._due.pop(one.device, None)
        kept = {one.id for group in self._series.values() for one in group}
        self.readings = {k: v for k, v in self.readings.items() if k in kept}
        self._due = {k: v for k, v in self._due.items() if k in self._series}

    def _fresh(self, one: Series, reading: Reading | None) -> Reading | None:
        """Return a reading unless it is too old: ``multi`` uses the widest window of all."""
        if reading is None or self._client.now() - reading.time > one.window:
            return None
        return reading

    def read_soon(self, device: str) -> None:
        """Read a device at the next poll, after it was told to measure."""
        self._due.pop(device, None)

    async def poll(self) -> None:
        """Read what is due, the devices that waited longest first.

        Errors are not raised but set ``down``.
        """
        now = self._monotonic()
        if now < self._rest_until:
            return
        due = sorted(
            (
                device
                for device in self._series
                # Read early what would become due before the next poll.
                if self._due.get(device, now) <= now + self._least / 2
            ),
            key=lambda device: self._due.get(device, 0.0),
        )
        try:
            if self._multi:
                await self._poll_together(due)
            else:
                await self._poll_singly(due)
        except RateLimitedError as err:
            # Earlier readings stay valid until they are too old.
            wait = REST if err.retry_after is None else err.retry_after
            self._rest_until = self._monotonic() + wait
        except TimedOutError:
            self.down = True
            self._rest_until = self._monotonic() + REST
        except BackendError:
            self.down = True
        else:
            # Without any request the state of the database stays as it was.
            self.down = (self.down and not due) or self._empty()

    def _empty(self) -> bool:
        """Return whether none of several measuring devices has a reading.

        An empty database answers like one in which a sensor has no value.
        """
        return len(self._series) > 1 and not any(self.readings.values())

    def _read(self, device: str) -> None:
        period = max(
            self._least, min((one.period for one in self._series[device]), default=0.0)
        )
        self._due[device] = self._monotonic() + period

    async def _poll_singly(self, due: list[str]) -> None:
        spent = 0
        for device in due:
            if spent and spent + len(self._series[device]) > BUDGET:
                break
            for one in self._series[device]:
                self.readings[one.id] = await self._one(one)
                spent += 1
            self._read(device)
        await self._try_conversions(due)

    async def _poll_together(self, due: list[str]) -> None:
        series = [one for device in due for one in self._series[device]]
        odd = [one for one in series if one.unit not in self._known]
        series = known = [one for one in series if one.unit in self._known]
        while series:
            count = self._chunk_size
            chunk, series = series[:count], series[count:]
            began = self._monotonic()
            await self._chunk(chunk)
            self._adapt(len(chunk), self._monotonic() - began)
        for one in odd:
            self.readings[one.id] = await self._one(one)
        if known and all(self.readings.get(one.id) is None for one in known):
            # Without any value the database may be down, which only the single read
            # reports.
            self.readings[known[0].id] = await self._one(known[0])
        for device in due:
            self._read(device)
        await self._try_conversions(due)

    def _adapt(self, count: int, seconds: float) -> None:
        """Set the number of series per request so that it takes ``CHUNK_SECONDS``."""
        fitting = count * CHUNK_SECONDS / max(seconds, 0.001)
        # A chunk that was smaller for another reason cannot predict larger ones.
        if count >= self._chunk_size or fitting < self._chunk_size:
            self._chunk_size = max(1, min(MOST, 2 * self._chunk_size, int(fitting)))

    async def _ask[ResultT](self, request: Awaitable[ResultT]) -> ResultT:
        async with self._turn:
            return await request

    async def _chunk(self, chunk: Iterable[Series]) -> None:
        left = list(chunk)
        while left:
            try:
                readings = await self._ask(
                    self._client.multi(
                        [(one.device, one.unit, one.channel) for one in left],
                        max(one.window for one in left),
                    )
                )
            except BadUnitError as err:
                # One unknown unit makes the whole request fail.
                if err.index is None or err.index >= len(left):
                    raise
                bad = left.pop(err.index)
                self._refuse(bad.unit)
                self.readings[bad.id] = await self._one(bad)
            else:
                for one, reading in zip(left, readings, strict=True):
                    self.readings[one.id] = self._fresh(one, reading)
                return

    async def _one(self, one: Series) -> Reading | None:
        if one.unit in self._known:
            try:
                return await self._ask(
                    self._client.last(one.device, one.unit, one.channel, one.window)
                )
            except BadUnitError:
                self._refuse(one.unit)
            except ProtocolError:
                # The error may concern only this series.
                return None
        # Some modules store under units that the API does not know
        # (docs/protocols/mycodo.md#units).
        return await self._ask(self._web.last(one.device, one.kind, one.id, one.window))

    def _refuse(self, unit: str) -> None:
        self._known.discard(unit)
        self._refused.add(unit)

    async def _try_conversions(self, due: list[str]) -> None:
        """Probe once whether a value without a certain unit was converted.

        See docs/protocols/mycodo.md#the-unit-that-counts.
        """
        for one in self._unconfirmed(due):
            self._tried.add(one.id)
            for unit in targets(one.unit):
                reading = await self._ask(
                    self._client.last(one.device, unit, one.channel, one.window)
                )
                if reading is not None:
                    self.learnt[one.id] = unit
                    self.readings[one.id] = reading
                    break

    def _unconfirmed(self, due: list[str]) -> Iterator[Series]:
        for device in due:
            for one in self._series[device]:
                if (
                    not one.certain
                    and one.id in self.readings
                    and self.readings[one.id] is None
                    and one.id not in self._tried
                ):
                    yield one
