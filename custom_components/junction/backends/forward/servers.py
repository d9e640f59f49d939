"""Servers that an entry forwards to: one worker each, and one queue file for all.

Loaded when an entry has its first server.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ...model import Delta, DeviceSpec, Point, PointKey
from ..base import Sink
from ..tasks import start_watched
from . import entities
from .client.api import ReaderApi
from .client.health import Limits
from .client.queue import DiskQueue, Item
from .client.worker import Forwarder
from .connection import NAME, has_address, make_api
from .issues import QUEUE_DAMAGED, ForwardIssues
from .settings import (
    CONF_DAYS,
    CONF_INTERVAL,
    CONF_MODE,
    CONF_SIZE,
    CONF_URL,
    DEFAULT_DAYS,
    DEFAULT_INTERVAL,
    DEFAULT_SIZE,
    MODE_AUTO,
)

# Minimum seconds between two updates of the health states.
_TELL_EVERY: Final = 5.0

type MakeItem = Callable[[str], Item | None]
"""Creates the item to send in a mode ("auto", "raw", "parsed"), or None."""


@dataclass(slots=True, eq=False)
class _Target:
    # A copy: Home Assistant changes the subentry in place.
    title: str
    data: Mapping[str, Any]
    forwarder: Forwarder
    api: ReaderApi
    mode: str
    task: asyncio.Task[None]


class Servers:
    """All servers of an entry. ``via`` is their parent device.

    ``path`` is the queue file. ``may_tell`` returns whether states may be pushed: a
    push tells the coordinator that the meter is connected.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        via: str,
        path: Path,
        may_tell: Callable[[], bool],
    ) -> None:
        """Initialize; nothing is opened before ``open``."""
        self._hass = hass
        self._entry = entry
        self._via = via
        self._may_tell = may_tell
        self._targets: dict[str, _Target] = {}
        self._queue = DiskQueue(path)
        self._turn = asyncio.Lock()
        self._sink: Sink | None = None
        self._tell_later: CALLBACK_TYPE | None = None
        self._issues = ForwardIssues()

    async def open(self) -> None:
        """Open the queue."""
        await self._work(self._queue.open)

    async def close(self) -> None:
        """Stop, and save unsent telegrams."""
        self.stop_pushing()
        for name in list(self._targets):
            await self._stop(name)
        await self._work(self._queue.close)

    @callback
    def stop_pushing(self) -> None:
        """Stop pushing states."""
        self._sink = None
        if self._tell_later is not None:
            self._tell_later()
            self._tell_later = None

    @callback
    def subscribe(self, sink: Sink) -> None:
        """Start to push states."""
        self._sink = sink
        for name in self._targets:
            self._issues.withdraw_old(sink, name)
        self._tell_damage()

    @callback
    def offer(self, make: MakeItem) -> None:
        """Offer a telegram to every server that is due for one."""
        now = self._hass.loop.time()
        for target in self._targets.values():
            if target.forwarder.due(now) and (item := make(target.mode)) is not None:
                target.forwarder.offer(item)

    @property
    def devices(self) -> tuple[DeviceSpec, ...]:
        """Return the devices of the servers."""
        return tuple(
            entities.device(
                name,
                NAME if has_address(target.title, target.data) else target.title,
                target.data[CONF_URL],
                self._via,
            )
            for name, target in self._targets.items()
        )

    @property
    def points(self) -> tuple[Point[Any], ...]:
        """Return the points of the servers."""
        return tuple(point for name in self._targets for point in entities.points(name))

    @property
    def states(self) -> dict[PointKey, object]:
        """Return the states of the servers' points."""
        states: dict[PointKey, object] = {}
        for name, target in self._targets.items():
            states |= entities.states(name, target.forwarder.health)
        return states

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return counters, without addresses and keys."""
        return [
            {
                "mode": target.mode,
                "requests": target.api.counters.as_dict(),
                "forwarded": health.forwarded,
                "refused": health.refused,
                "dropped": health.dropped,
                "queued": health.queued,
                "delay": round(health.delay),
                "error": type(health.error).__name__ if health.error else None,
            }
            for target in self._targets.values()
            for health in (target.forwarder.health,)
        ]

    # Adding and removing servers.

    def matches(self, wanted: Mapping[str, ConfigSubentry]) -> bool:
        """Return whether the running servers match ``wanted``, subentries by their id."""
        return wanted.keys() == self._targets.keys() and not any(
            self._is_changed(name, subentry) for name, subentry in wanted.items()
        )

    def _is_changed(self, name: str, subentry: ConfigSubentry | None) -> bool:
        target = self._targets[name]
        return subentry is None or (subentry.title, subentry.data) != (
            target.title,
            target.data,
        )

    async def stop_others(self, wanted: Mapping[str, ConfigSubentry]) -> None:
        """Stop servers that were removed or changed."""
        for name in list(self._targets):
            if self._is_changed(name, wanted.get(name)):
                await self._stop(name)

    async def start(self, wanted: Mapping[str, ConfigSubentry]) -> None:
        """Start servers that are not running yet, and delete the queues of removed ones."""
        await self._work(self._queue.forget, list(wanted))
        for name, subentry in wanted.items():
            if name not in self._targets:
                await self._start(name, subentry)

    async def _start(self, name: str, subentry: ConfigSubentry) -> None:
        data = subentry.data
        api = make_api(self._hass, data)
        forwarder = Forwarder(
            name,
            api,
            self._queue,
            Limits(
                interval=data.get(CONF_INTERVAL, DEFAULT_INTERVAL),
                size=data.get(CONF_SIZE, DEFAULT_SIZE) * 1e6,
                days=data.get(CONF_DAYS, DEFAULT_DAYS),
            ),
            work=self._work,
            on_change=self._on_health,
        )
        await forwarder.open()
        self._targets[name] = _Target(
            subentry.title,
            data,
            forwarder,
            api,
            data.get(CONF_MODE, MODE_AUTO),
            start_watched(
                self._hass,
                self._entry,
                forwarder.run,
                f"forwarding to {subentry.title}",
                failed=forwarder.fail,
            ),
        )

    async def _stop(self, name: str) -> None:
        target = self._targets.pop(name)
        target.task.cancel()
        await asyncio.wait([target.task])
        await target.forwarder.close()
        if self._sink is not None:
            self._issues.withdraw(self._sink, name)

    async def _work(self, job: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - returns what the job returns
        async with self._turn:
            return await self._hass.async_add_executor_job(job, *args)

    # Reporting.

    def _tell_damage(self) -> None:
        if self._queue.was_damaged and self._sink is not None:
            self._queue.was_damaged = False
            self._sink.report(QUEUE_DAMAGED)

    @callback
    def _on_health(self) -> None:
        if self._tell_later is None and self._sink is not None:
            self._tell_later = async_call_later(
                self._hass, _TELL_EVERY, self._notify_targets
            )

    @callback
    def _notify_targets(self, _now: datetime) -> None:
        self._tell_later = None
        # It may have been found only while it was read.
        self._tell_damage()
        if self._sink is None or not self._may_tell():
            return
        self._sink.push(Delta(states=self.states))
        for name, target in self._targets.items():
            if subentry := self._entry.subentries.get(name):
                self._issues.update(self._sink, subentry, target.forwarder.health)
