"""Interface of a house under test, for any backend."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
import time
from types import ModuleType
from typing import Any, ClassVar

import aiohttp
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import refresh
from custom_components.junction.backends.http import Clock, HttpTransport
from custom_components.junction.const import DOMAIN
from simulators import http_faults
from simulators.certificates import DeviceCertificate
from simulators.http_server import FaultyServer, Injection

PATIENCE = 0.1
"""Seconds that an answer may take while nothing answers in time."""
_SHORT = 1.0


class Outcome(Enum):
    """Effect of a fault that lasts for several refreshes."""

    LOST = "unavailable, one line when lost and one when back"
    KEPT = "nobody notices, and nothing is logged"
    LATER = "nobody notices; what is new is seen once it is over"
    LOGIN = "unavailable, and the person is asked to log in"
    ABSENT = "cannot happen here"


@dataclass(frozen=True, slots=True)
class Differs:
    """Another outcome than a fault usually has, and why that is right."""

    outcome: Outcome
    reason: str


class Time:
    """The clock of the backend: it runs with the real one, and jumps.

    `wrong` is how far the wall clock is off, in s. Sleeps of more than a second last
    until `go`; shorter ones next to nothing.
    """

    def __init__(self) -> None:
        self.ahead = 0.0
        self.wrong = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def utcnow(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.wrong)

    async def sleep(self, seconds: float) -> None:
        if seconds <= _SHORT:
            await asyncio.sleep(min(seconds, 0.01))
            return
        future = asyncio.get_running_loop().create_future()
        sleeper = (self.monotonic() + seconds, future)
        self._sleepers.append(sleeper)
        try:
            await future
        finally:
            self._sleepers.remove(sleeper)

    @property
    def sleeping(self) -> int:
        """How many sleep until time goes."""
        return sum(not future.done() for _, future in self._sleepers)

    def go(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead += seconds
        for until, future in self._sleepers:
            if until <= self.monotonic() and not future.done():
                future.set_result(None)


class House(ABC):
    """A simulated system, and an entry that is set up with it.

    `interval` (s) is long enough for a refresh to be due. `steers`: whether there is
    anything to be told. `differs`: where another outcome than usual is right.
    """

    name: ClassVar[str]
    interval: ClassVar[float] = 61.0
    survey: ClassVar[float] = 61.0
    """Seconds after which it is listed again what there is."""
    steers: ClassVar[bool] = True
    tls: ClassVar[bool] = False
    differs: ClassVar[Mapping[str, Differs]] = {}
    adapter: ClassVar[ModuleType]
    confirm_after: ClassVar[tuple[float, ...]] = (0.02, 0.05)
    refreshes: ClassVar[int] = 3
    """After so many in a row that failed nobody hopes any more."""

    entry: MockConfigEntry
    watched: str
    """An entity that is polled, or pushed with polls beside."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hass = hass
        self.monkeypatch = monkeypatch
        self.time = self.make_time()
        self.patience: float | None = None
        self._lasting: set[asyncio.Task[Any]] = set()

    def make_time(self) -> Time:
        return Time()

    # Parts that differ between backends.

    @property
    @abstractmethod
    def server(self) -> FaultyServer:
        """The server with the faults."""

    @abstractmethod
    def simulated(self) -> Any:
        """Run the far side, as an asynchronous context, and make `entry`."""

    @abstractmethod
    def find(self) -> None:
        """Find the entities, once the entry is set up."""

    @abstractmethod
    def alter(self) -> str:
        """Change a value, and return the expected state of `watched`."""

    async def control(self, *, on: bool) -> None:
        """Perform an action."""
        raise NotImplementedError

    def is_controlled_on(self) -> bool:
        """Return the system's state of the controlled point."""
        raise NotImplementedError

    async def restart(self) -> None:
        """Restart the system, which loses everything that it does not store."""
        await self.server.restart()

    async def move(self) -> None:
        """Get another address."""
        await self.server.move()

    async def readdress(self) -> None:
        """Reconfigure the entry after `move`."""
        raise NotImplementedError

    def partial(self) -> list[Injection]:
        """Answer once with a list in which something is missing."""
        raise NotImplementedError

    def skew(self, seconds: float) -> None:
        """Set the clock of the far side ahead, or back."""
        raise NotImplementedError

    def new_certificate(self) -> DeviceCertificate:
        """Make another certificate."""
        raise NotImplementedError

    # Common parts.

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run the far side, with the entry set up."""
        self._take_the_clock()
        async with self.simulated():
            self.entry.add_to_hass(self.hass)
            assert await self.hass.config_entries.async_setup(self.entry.entry_id)
            await self.hass.async_block_till_done()
            assert self.entry.state is ConfigEntryState.LOADED
            await self.settled()
            self.find()
            yield
            if self.entry.state is ConfigEntryState.LOADED:
                await self.hass.config_entries.async_unload(self.entry.entry_id)
            await self.hass.async_block_till_done()

    def _take_the_clock(self) -> None:
        setitem, defaults = self.monkeypatch.setitem, Clock.__init__.__kwdefaults__
        assert defaults is not None
        setitem(defaults, "monotonic", self.time.monotonic)
        setitem(defaults, "utcnow", self.time.utcnow)
        setitem(defaults, "sleep", self.time.sleep)
        self.monkeypatch.setattr(dt_util, "utcnow", self.time.utcnow)
        self.monkeypatch.setattr(
            dt_util, "now", lambda zone=None: self.time.utcnow().astimezone(zone)
        )
        info = replace(self.adapter.INFO, confirm_after=self.confirm_after)
        self.monkeypatch.setattr(self.adapter, "INFO", info)
        self.monkeypatch.setattr(refresh, "REFRESH_GATHER", 0.01)
        self.monkeypatch.setattr(refresh, "READ_GATHER", 0.01)
        usual = HttpTransport._client_timeout

        def patient(sender: HttpTransport, seconds: float) -> aiohttp.ClientTimeout:
            if self.patience is None:
                # A busy machine may stand still for longer than a connection takes.
                return aiohttp.ClientTimeout(total=seconds)
            return usual(sender, self.patience)

        self.monkeypatch.setattr(HttpTransport, "_client_timeout", patient)

    def lasts(self, task: asyncio.Future[Any]) -> bool:
        """Return whether a task of the entry ends only with unloading."""
        name = task.get_name() if isinstance(task, asyncio.Task) else ""
        return name.endswith((" - events", " - poll", " - tokens"))

    async def settled(self) -> None:
        """Wait until all consequences have been handled."""
        async with asyncio.timeout(20):
            await self.hass.async_block_till_done()
            while tasks := [
                task for task in self.entry._background_tasks if not self.lasts(task)
            ]:
                await asyncio.wait(tasks)
                await self.hass.async_block_till_done()

    async def refresh(self, seconds: float | None = None) -> None:
        """Let one refresh come, as the timer does it."""
        self.go(self.interval if seconds is None else seconds)
        await self.settled()

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self.time.go(seconds)
        # Of Home Assistant's timers only: those of requests under way are real.
        loop = self.hass.loop
        for handle in get_scheduled_timer_handles(loop):
            called = getattr(handle, "_callback", None)
            module = getattr(called, "__module__", None) or ""
            if (
                not handle.cancelled()
                and module.startswith("homeassistant.")
                and handle.when() - loop.time() <= seconds
            ):
                handle._run()
                handle.cancel()

    async def until(self, condition: Callable[[], object], seconds: float = 5) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    def shown(self, entity_id: str | None = None) -> str:
        """Return the state of an entity."""
        state = self.hass.states.get(entity_id or self.watched)
        assert state is not None
        return state.state

    async def inject(
        self, fault: http_faults.Fault, times: int | None = None
    ) -> list[Injection]:
        """Make every request fail, until it is healed."""
        return [self.server.inject(fault, times=times)]

    async def heal(self) -> None:
        """Make no request fail any more."""
        self.patience = None
        self.server.heal()

    def entities(self) -> list[er.RegistryEntry]:
        """Return what Home Assistant has of the entry."""
        return er.async_entries_for_config_entry(
            er.async_get(self.hass), self.entry.entry_id
        )

    def entity_id(self, device: str, point: str) -> str:
        """Return the entity of a point."""
        unique_id = f"{self.entry.unique_id}/{device}/{point}"
        [found] = [e.entity_id for e in self.entities() if e.unique_id == unique_id]
        return found

    def make_entry(
        self, unique_id: str, data: Mapping[str, Any], **more: Any
    ) -> MockConfigEntry:
        """Return an entry as the config flow makes it."""
        return MockConfigEntry(
            domain=DOMAIN,
            title="Matrix",
            unique_id=unique_id,
            data=dict(data),
            **more,
        )

    async def reconfigure(self, *steps: Mapping[str, Any]) -> None:
        """Go through the reconfigure flow of the entry."""
        result = await self.entry.start_reconfigure_flow(self.hass)
        for fields in steps:
            result = await self.hass.config_entries.flow.async_configure(
                result["flow_id"], dict(fields)
            )
        assert result.get("reason") == "reconfigure_successful", result
        await self.settled()
