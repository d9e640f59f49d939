"""Forwarding as a part of a config entry: one subentry and one queue per server.

Most entries forward to no server, so the code is loaded with the first one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigSubentry,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.storage import STORAGE_DIR

from ...const import DOMAIN
from ...model import DeviceSpec, Point, PointKey
from ..base import Sink
from .client.queue import DiskQueue
from .settings import SUBENTRY_TYPE

if TYPE_CHECKING:
    from .servers import MakeItem, Servers


class Forwarding:
    """Forwarding of an entry. Costs nothing without a server.

    ``changed`` is called when devices or points were added or removed, ``via`` is the
    parent device of the servers. ``may_tell`` returns whether states may be pushed: a
    push tells the coordinator that the meter is connected.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        via: str,
        changed: Callable[[], None],
        may_tell: Callable[[], bool] = lambda: True,
    ) -> None:
        """Initialize; nothing is opened before ``open``."""
        self._hass = hass
        self._entry = entry
        self._via = via
        self._changed = changed
        self._may_tell = may_tell
        self._servers: Servers | None = None
        self._sync_lock = asyncio.Lock()
        self._sink: Sink | None = None
        self._unlisten: CALLBACK_TYPE | None = None

    async def open(self) -> None:
        """Start to send, now and whenever a server is added."""
        self._unlisten = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry
        )
        await self._sync()

    async def close(self) -> None:
        """Stop, and save unsent telegrams. May be called twice."""
        self._sink = None
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._servers is not None:
            self._servers.stop_pushing()
        async with self._sync_lock:
            if self._servers is not None:
                await self._servers.close()
                self._servers = None

    def subscribe(self, sink: Sink) -> None:
        """Start to push states."""
        self._sink = sink
        if self._servers is not None:
            self._servers.subscribe(sink)

    @callback
    def offer(self, make: MakeItem) -> None:
        """Offer a telegram to every server that is due for one."""
        if self._servers is not None:
            self._servers.offer(make)

    @property
    def devices(self) -> tuple[DeviceSpec, ...]:
        """Return the devices of the servers."""
        return () if self._servers is None else self._servers.devices

    @property
    def points(self) -> tuple[Point[Any], ...]:
        """Return the points of the servers."""
        return () if self._servers is None else self._servers.points

    @property
    def states(self) -> dict[PointKey, object]:
        """Return the states of the servers' points."""
        return {} if self._servers is None else self._servers.states

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return counters, without addresses and keys."""
        return [] if self._servers is None else self._servers.diagnostics()

    @callback
    def _on_entry(self, change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        if entry is not self._entry or change is not ConfigEntryChange.UPDATED:
            return
        wanted = _wanted(entry)
        if bool(wanted) if self._servers is None else not self._servers.matches(wanted):
            self._entry.async_create_task(self._hass, self._resync(), "forwarding")

    async def _resync(self) -> None:
        await self._sync()
        self._changed()

    async def _sync(self) -> None:
        async with self._sync_lock:
            wanted = _wanted(self._entry)
            if self._unlisten is None or not (wanted or self._servers):
                return
            servers = self._servers
            if servers is None:
                make = await self._hass.async_add_import_executor_job(_load)
                servers = make(
                    self._hass,
                    self._entry,
                    self._via,
                    queue_path(self._hass, self._entry),
                    self._may_tell,
                )
                await servers.open()
                self._servers = servers
                if self._sink is not None:
                    servers.subscribe(self._sink)
            await servers.stop_others(wanted)
            await servers.start(wanted)


def _load() -> type[Servers]:
    from .servers import Servers  # noqa: PLC0415 - loaded in an executor when needed

    return Servers


def _wanted(entry: ConfigEntry[Any]) -> Mapping[str, ConfigSubentry]:
    return {
        name: subentry
        for name, subentry in entry.subentries.items()
        if subentry.subentry_type == SUBENTRY_TYPE
    }


def queue_path(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Path:
    """Return the path of an entry's queue file, in Home Assistant's storage folder."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry.entry_id}.forward.db"))


async def resolve(
    hass: HomeAssistant, entry: ConfigEntry[Any], data: Mapping[str, str], choice: str
) -> None:
    """Carry out the user's choice about the certificate of a server."""
    carry_out = await hass.async_add_import_executor_job(_load_trust)
    await carry_out(hass, entry, data, choice)


def _load_trust() -> Callable[..., Awaitable[None]]:
    from ..trust import resolve_certificate  # noqa: PLC0415 - as above

    return resolve_certificate


async def async_remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete the queues of a removed entry."""
    await hass.async_add_executor_job(DiskQueue.delete, queue_path(hass, entry))
