"""Adapter of IOTile Cloud to Junction."""

from collections.abc import Collection, Mapping, Set as AbstractSet
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
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
from .client.models import BATTERY, Stream
from .client.poller import Poller
from .client.state import IOTileState
from .client.totals import Ledger
from .entities.history import IOTileHistory
from .entities.inventory import Inventory
from .entities.status import FROM_THE_LIST
from .settings import (
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
"""Seconds until what was counted is written down; both halves of it are in one file."""
ISSUE_ROLE: Final = "iotile_no_data_role"
ISSUE_GONE: Final = "iotile_gone"


class IOTileBackend:
    """Polls one account."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is sent before ``connect``."""
        self.hass = hass
        self.entry = entry
        options = entry.options
        # Of its own: with the server's cookies every request would be refused.
        self._session = create_session(hass)
        self.client = IOTileClient(
            self._session,
            URL(entry.data[CONF_URL]),
            entry.data[CONF_TOKEN],
            tls=tls_policy(entry.data),
        )
        self._store = _store(hass, entry)
        self.state = IOTileState(Ledger(), self._summed)
        self.poller = Poller(
            self.client,
            self.state,
            interval=_interval(entry),
            late=timedelta(hours=options.get(CONF_LATE, DEFAULT_LATE)),
            projects=options.get(CONF_PROJECTS, ()),
            wanted=self._wanted,
            watched=self._watched,
            registered=self._registered,
        )
        self.inventory = Inventory(
            self.state,
            entry.data[CONF_URL],
            options.get(CONF_READINGS, []),
            options.get(CONF_INTERVALS, []),
        )
        self.history = IOTileHistory(
            hass, entry, self.client, self.poller, self.inventory
        )
        self._sink: Sink | None = None

    async def connect(self) -> None:
        """Take up what was counted before."""
        self.state.ledger = Ledger(await self._store.async_load())

    async def fetch(self) -> Snapshot:
        """Read what is due."""
        try:
            await self.poller.refresh()
        finally:
            self.save()
        self.inventory.rebuild()
        self._tell_events()
        self._tell_roles()
        self.history.follow()
        return Snapshot(
            topology=self.inventory.topology,
            states=self.inventory.states(),
            offline=self._offline(),
        )

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Tell what is known: nothing here can be steered, so nothing is to confirm."""
        states = self.inventory.states()
        return Delta(states={key: states[key] for key in keys if key in states})

    def subscribe(self, sink: Sink) -> None:
        """Tell events from now on; the server has no push."""
        self._sink = sink
        for issue in (ISSUE_CERTIFICATE, ISSUE_GONE):
            sink.withdraw(issue)
        self._tell_roles()
        self._tell_events()

    async def close(self) -> None:
        """Write down what was counted. The session is closed by who made it."""
        self._sink = None
        await self.history.close()
        if self.state.ledger.changed or self.state.surveys:
            await self._store.async_save(self.state.ledger.as_dict())
            self.state.ledger.changed = False

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities."""
        return {**self.state.diagnostics(), "http": self.client.http.counters.as_dict()}

    def _offline(self) -> frozenset[str]:
        """Return the devices of which nothing was ever read; old values stay good."""
        ledger = self.state.ledger
        return frozenset(
            slug
            for slug in self.state.failures
            if slug.startswith("d--") and ledger.latest(slug) is None
        )

    def _summed(self, stream: Stream) -> bool:
        return self.inventory.summed(stream)

    def _wanted(self, device: str, variable: int) -> bool:
        """Whether somebody looks at a stream without a record; it costs a request."""
        registry = er.async_get(self.hass)
        unique_id = f"{self.entry.unique_id}/{device}/{variable:04x}"
        found = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        if found is not None:
            return not registry.entities[found].disabled
        # Not there yet: only the battery is enabled by default.
        return variable == BATTERY

    def _watched(self, devices: Collection[str]) -> Collection[str]:
        """Return the devices of which anything is enabled that costs a request.

        At first everything is, for what there is tells what to enable.
        """
        registry = er.async_get(self.hass)
        begin = f"{self.entry.unique_id}/"
        known, watched = set(), set()
        for entity in er.async_entries_for_config_entry(registry, self.entry.entry_id):
            device, _, point = entity.unique_id.removeprefix(begin).partition("/")
            known.add(device)
            if not entity.disabled and point not in FROM_THE_LIST:
                watched.add(device)
        return [slug for slug in devices if slug in watched or slug not in known]

    def _registered(self) -> AbstractSet[str]:
        """Return the devices that Home Assistant has."""
        registry, begin = er.async_get(self.hass), f"{self.entry.unique_id}/d--"
        return {
            entity.unique_id.split("/")[1]
            for entity in er.async_entries_for_config_entry(
                registry, self.entry.entry_id
            )
            if entity.unique_id.startswith(begin)
        }

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

    def _tell_roles(self) -> None:
        """Say so when of some projects nothing can be read; of all is an error."""
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
        """Write down soon what is to be remembered, if there is anything new."""
        ledger = self.state.ledger
        if ledger.changed:
            ledger.changed = False
            self._store.async_delay_save(ledger.as_dict, SAVE_AFTER)


def _store(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.iotile")


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return IOTileBackend(hass, entry)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await _store(hass, entry).async_remove()
    await async_forget(hass, entry)


def _interval(entry: ConfigEntry[Any]) -> float:
    return 60.0 * float(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))


def _issue(error: BackendError) -> Issue | None:
    """Return what only the person can put right."""
    if isinstance(error, NoDataRoleError):
        return Issue(id=ISSUE_ROLE, key=ISSUE_ROLE, placeholders=error.placeholders)
    if isinstance(error, HostUnknownError):
        # The public service may have ended; others run servers of their own.
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
    actions=ACTIONS,
    # A large account takes its time; whatever was answered shows that it will.
    answers=lambda backend: bool(backend.client.http.counters.seconds),
    issue=_issue,
    resolve=resolve_certificate,
    remove=_remove,
)
