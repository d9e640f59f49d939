"""Adapter for IOTile Cloud."""

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Set as AbstractSet
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from yarl import URL

from ...const import DOMAIN
from ...errors import BackendError
from ...model import Delta, PointKey, Snapshot
from ...statistics import async_forget
from ..base import Backend, BackendInfo, Issue, Sink
from ..http import HostUnknownError
from ..session import create_session
from ..trust import (
    ISSUE_CERTIFICATE,
    certificate_issue,
    resolve_certificate,
    tls_policy,
)
from .actions import ACTIONS
from .client.api import IOTileClient
from .client.errors import NoDataRoleError
from .client.listing import Listing
from .client.models import Stream
from .client.poller import Poller
from .client.state import IOTileState
from .client.stored_listing import listing_as_dict, listing_from_dict
from .client.totals import Ledger
from .entities.api_call import CALL_API
from .entities.history import IOTileHistory
from .entities.inventory import Inventory
from .entities.registered import Registered
from .entities.rounds import Rounds
from .settings import (
    CONF_HISTORY,
    CONF_INTERVAL,
    CONF_INTERVALS,
    CONF_LATE,
    CONF_PROJECTS,
    CONF_READINGS,
    DEFAULT_INTERVAL,
    DEFAULT_LATE,
    NAME,
    TITLE,
)

SAVE_AFTER: Final = 30.0
"""Seconds before counted points are saved; points and totals are in one file."""
ISSUE_ROLE: Final = "iotile_no_data_role"
ISSUE_GONE: Final = "iotile_gone"


class IOTileBackend:
    """Backend of one account, which is polled."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is sent before ``connect``."""
        self.hass = hass
        self.entry = entry
        options = entry.options
        # A separate session: with the server's cookies every request would be refused.
        self._session = create_session(hass)
        self.client = IOTileClient(
            self._session,
            URL(entry.data[CONF_URL]),
            entry.data[CONF_TOKEN],
            tls=tls_policy(entry.data),
        )
        self._store = _store(hass, entry)
        self._registered = Registered(hass, entry)
        self.state = IOTileState(Ledger(), self._summed, self.client.now)
        self.poller = Poller(
            self.client,
            self.state,
            interval=_interval(entry),
            late=timedelta(hours=options.get(CONF_LATE, DEFAULT_LATE)),
            projects=options.get(CONF_PROJECTS, ()),
            wanted=self._registered.is_wanted,
            watched=self._registered.watched,
            registered=self._registered.devices,
        )
        self.inventory = Inventory(
            self.state,
            entry.unique_id or "",
            entry.data[CONF_URL],
            options.get(CONF_READINGS, []),
            options.get(CONF_INTERVALS, []),
            self._ready,
        )
        self.history = IOTileHistory(
            hass, entry, self.client, self.poller, self.inventory
        )
        self._listings = _listing_store(hass, entry)
        self._kept: Listing | None = None
        self._known: AbstractSet[str] = frozenset()
        self._closed = False
        self._relisted = False
        self._rounds = Rounds(self._start, self._read, self._fall_back, self)
        self._sink: Sink | None = None

    async def connect(self) -> None:
        """Restore the stored data."""
        self.poller.load(await self._store.async_load() or {})
        self._kept = listing_from_dict(await self._listings.async_load() or {})

    async def fetch(self) -> Snapshot:
        """Read what is due.

        The first fetch ends after a while in any case, with the known data; the rest is
        read in the background.
        """
        await self._rounds.run()
        self._show_news()
        return Snapshot(
            topology=self.inventory.topology,
            states=self.inventory.states(),
            offline=self._offline(),
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self.entry.async_create_background_task(
            self.hass, work, "junction iotile round"
        )

    async def _read(self) -> None:
        before = self.state.surveys
        try:
            await self.poller.refresh()
        finally:
            self.save()
            if self.state.surveys != before and not self._closed:
                self._relisted = True
                self._listings.async_delay_save(
                    lambda: listing_as_dict(self.state.listing), SAVE_AFTER
                )

    def _fall_back(self) -> bool:
        """Use the stored listing; return whether there is one."""
        if not self.state.surveys and self._kept:
            self.state.relist(self._kept)
        return self.state.surveys > 0

    def lost(self, error: BackendError) -> None:
        """Report that nothing could be read."""
        if self._sink is not None:
            self._sink.lost(error)

    def push(self) -> None:
        """Push the known data."""
        self._show_news()
        if self._sink is not None:
            offline = self._offline()
            self._sink.push(
                Delta(
                    states=self.inventory.states(),
                    devices={
                        device.id: device.id not in offline
                        for device in self.inventory.topology.devices
                    },
                    topology=self.inventory.topology,
                )
            )

    def _show_news(self) -> None:
        self._known = self._registered.devices()
        self.inventory.rebuild()
        self._tell_events()
        self._report_roles()
        self.history.follow()
        if self.entry.options.get(CONF_HISTORY):
            self.history.offer()

    async def read_soon(self, owner: str) -> None:
        """Read a device or virtual stream soon after writing to it."""
        try:
            await self.poller.reread(owner)
        except BackendError:
            # Writing does not change the mark, so force the next read.
            self.poller.schedule.forget_mark(owner)
        else:
            self.save()
            self.push()

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return the known data: there are no commands to confirm."""
        states = self.inventory.states()
        return Delta(states={key: states[key] for key in keys if key in states})

    def subscribe(self, sink: Sink) -> None:
        """Start to report events; the server has no push."""
        self._sink = sink
        for issue in (ISSUE_CERTIFICATE, ISSUE_GONE):
            sink.withdraw(issue)
        self._report_roles()
        self._tell_events()

    async def close(self) -> None:
        """Save the counted points. Home Assistant closes the session."""
        self._sink = None
        self._closed = True
        await self._rounds.close()
        await self.history.close()
        if self.state.ledger.changed or self.state.surveys:
            await self._store.async_save(self.poller.as_dict())
            self.state.ledger.changed = False
        if self._relisted:
            self._relisted = False
            await self._listings.async_save(listing_as_dict(self.state.listing))

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities."""
        return {**self.state.diagnostics(), "http": self.client.http.counters.as_dict()}

    def refresh(self) -> None:
        """Read everything soon, after a raw API call."""
        self.poller.ask_for_survey()
        if self._sink is not None:
            self._sink.refresh()

    def _offline(self) -> frozenset[str]:
        """Return the devices that were never read; old values of others stay valid."""
        ledger = self.state.ledger
        return frozenset(
            slug
            for slug in self.state.failures
            if slug.startswith("d--") and ledger.latest(slug) is None
        )

    def _ready(self, device: str) -> bool:
        """Return whether a device was read or registered, so that its points are final."""
        return (
            device in self.poller.schedule.looked
            or device in self.state.failures
            or device in self._known
        )

    def _summed(self, stream: Stream) -> bool:
        return self.inventory.summed(stream)

    def _tell_events(self) -> None:
        if self._sink is None:
            return
        for event in self.state.pop_events():
            if (key := self.inventory.event_point(event.stream)) is not None:
                self._sink.event(
                    key,
                    self.inventory.event_type(event.stream),
                    {
                        **event.data,
                        "event_id": event.id,
                        "measured_at": event.time.isoformat(),
                    },
                )

    def _report_roles(self) -> None:
        """Report or withdraw the issue for projects whose data cannot be read."""
        if self._sink is None:
            return
        if roles := set(self.state.listing.hidden.values()):
            error = NoDataRoleError(role=", ".join(sorted(roles)))
            self._sink.report(
                Issue(id=ISSUE_ROLE, key=ISSUE_ROLE, placeholders=error.placeholders)
            )
        else:
            self._sink.withdraw(ISSUE_ROLE)

    def save(self) -> None:
        """Save soon, if there is anything new."""
        if self.state.ledger.changed and not self._closed:
            self.state.ledger.changed = False
            self._store.async_delay_save(self.poller.as_dict, SAVE_AFTER)


def _store(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.iotile")


def _listing_store(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.iotile_listing")


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return IOTileBackend(hass, entry)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await _store(hass, entry).async_remove()
    await _listing_store(hass, entry).async_remove()
    await async_forget(hass, entry)


def _interval(entry: ConfigEntry[Any]) -> float:
    return 60.0 * float(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))


def _issue(error: BackendError) -> Issue | None:
    """Return the repair issue of an error that only the user can fix, or None."""
    if isinstance(error, NoDataRoleError):
        return Issue(id=ISSUE_ROLE, key=ISSUE_ROLE, placeholders=error.placeholders)
    if isinstance(error, HostUnknownError):
        # The public service may have ended; others run their own servers.
        return Issue(id=ISSUE_GONE, key=ISSUE_GONE, placeholders=error.placeholders)
    return certificate_issue(error)


INFO: Final = BackendInfo(
    name=NAME,
    title=TITLE,
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.DEVICE_TRACKER,
        Platform.EVENT,
        Platform.SENSOR,
    ),
    create=_create,
    poll_interval=_interval,
    actions=(*ACTIONS, CALL_API),
    # A large account takes time; any answer shows that the server works.
    answers=lambda backend: bool(backend.client.http.counters.seconds),
    issue=_issue,
    resolve=resolve_certificate,
    remove=_remove,
)
