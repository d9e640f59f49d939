"""Coordinator of a config entry: take over the backend's data and update changed entities."""

import asyncio
from collections.abc import Collection, Coroutine, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from . import devices, issues
from .backends.base import Backend, BackendInfo, Issue
from .cleaning import clean_line
from .commands import CommandRunner
from .const import LOGGER
from .errors import (
    AuthFailedError,
    BackendError,
    CallerError,
    RateLimitedError,
    UnloadedError,
    UnsupportedError,
)
from .listeners import Listeners
from .model import (
    UNAVAILABLE,
    Delta,
    PointKey,
    Snapshot,
    Topology,
    changed_keys,
    clean_attributes,
)
from .refresh import RequestedRefresh, SharedRead
from .wording import async_error_args

type JunctionConfigEntry = ConfigEntry[JunctionCoordinator]


class JunctionCoordinator(DataUpdateCoordinator[None]):
    """Coordinator that holds the states of one installation and updates changed entities.

    It is the ``Sink`` of its backend. All states are in one mapping that is compared on
    each refresh, so that the cost depends on the number of changes, not of entities.
    """

    config_entry: JunctionConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: JunctionConfigEntry,
        info: BackendInfo,
        backend: Backend,
    ) -> None:
        """Store the backend without any I/O."""
        self.interval = info.poll_interval(entry)
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=None,
            always_update=False,
        )
        self._set_pace()
        self.info = info
        self.backend = backend
        self.topology = Topology()
        self.states: dict[PointKey, object] = {}
        self.offline: frozenset[str] = frozenset()
        self.listeners = Listeners(entry.title)
        self.commands = CommandRunner(self, info)
        # The last availability that the entities were told.
        self._notified_success = True
        self._shared_read = SharedRead(self.async_start, self._read)
        self._requested_refresh = RequestedRefresh(self.async_start, self.async_refresh)

    # Reading by the platforms.

    def state(self, key: PointKey) -> object:
        """Return the state of a point, UNAVAILABLE if it is not known now."""
        if not self.last_update_success or (self.offline and key[0] in self.offline):
            return UNAVAILABLE
        return self.states.get(key, UNAVAILABLE)

    def responds(self, device: str) -> bool:
        """Return whether a device responds, for points without a state."""
        return self.last_update_success and device not in self.offline

    def is_live(self, key: PointKey) -> bool:
        """Return whether all changes of a point are pushed at present."""
        return self.responds(key[0]) and self.info.live(self.backend, key)

    @contextmanager
    def guard(self, name: str | None = None) -> Generator[None]:
        """Raise a BackendError as a HomeAssistantError with a text for the user.

        ``name`` is the name of the thing that the command was for. An AuthFailedError
        also starts reauthentication.
        """
        try:
            yield
        except BackendError as err:
            if isinstance(err, AuthFailedError):
                self.config_entry.async_start_reauth_if_available(self.hass)
            # What was asked for wrongly, or of what does not have it.
            wrong = isinstance(err, CallerError | UnsupportedError)
            kind = ServiceValidationError if wrong else HomeAssistantError
            raise kind(**async_error_args(self.hass, err, name)) from err

    async def async_read(self, key: PointKey) -> None:
        """Read a point; calls within a short time share one request.

        Raises BackendError.
        """
        if self._shutdown_requested:
            raise UnloadedError
        await self._shared_read.run(key)

    async def _read(self, keys: Collection[PointKey]) -> None:
        self.push(await self.backend.read(keys))

    def async_start(
        self, run: Coroutine[Any, Any, None], what: str
    ) -> asyncio.Task[None]:
        """Start a background task of the entry."""
        return self.config_entry.async_create_background_task(
            self.hass, run, f"{self.name} - {what}"
        )

    @property
    def _refused(self) -> bool:
        """Return whether polling stopped because the login was refused.

        Only a fetch can end this state: a push that arrives later may have been on its
        way before. Without polling, pushes are the only evidence, for example of a
        meter whose old key works again.
        """
        return (
            not self.last_update_success
            and self.update_interval is not None
            and isinstance(self.last_exception, ConfigEntryAuthFailed)
        )

    # Reports of the backend (``Sink``).

    @callback
    def push(self, delta: Delta) -> None:
        """Take over changed states."""
        # A dict keeps the order and drops duplicates.
        changed: dict[PointKey, None] = {}
        states, pending = self.states, self.commands.pending
        for key, state in delta.states.items():
            if key in pending:
                state = self.commands.shown_state(key, state)
            if states.get(key, UNAVAILABLE) != state:
                states[key] = state
                changed[key] = None
        if delta.devices:
            changed |= dict.fromkeys(
                self._take_offline(
                    self.offline.difference(k for k, on in delta.devices.items() if on)
                    | {k for k, on in delta.devices.items() if not on}
                )
            )
        back = not (self.last_update_success or self._refused)
        if back:
            self.last_update_success = True
        if delta.topology is not None and delta.topology is not self.topology:
            self._take_topology(delta.topology)
        if back:
            LOGGER.info("%s is back", self.name)
            self._notify_availability()
        else:
            self.async_wake(changed)

    @callback
    def event(
        self, key: PointKey, event_type: str, attributes: Mapping[str, Any]
    ) -> None:
        """Pass an event to its entity, if that is enabled."""
        self.listeners.async_fire(
            key, clean_line(event_type), clean_attributes(attributes)
        )

    @callback
    def lost(self, error: BackendError) -> None:
        """Make all entities unavailable, and log it once."""
        if isinstance(error, AuthFailedError):
            self.config_entry.async_start_reauth_if_available(self.hass)
        if not self._refused:
            self.last_exception = error
        if self.last_update_success:
            self.last_update_success = False
            LOGGER.error("%s is lost: %s", self.name, error)
            self._notify_availability()

    @callback
    def refresh(self) -> None:
        """Request a refresh soon. A fetch that already runs may be too early to count."""
        if not self._shutdown_requested:
            self._requested_refresh.request()

    @callback
    def report(self, issue: Issue) -> None:
        """Show a repair issue."""
        issues.async_report(self.hass, self.config_entry, issue)

    @callback
    def withdraw(self, issue_id: str) -> None:
        """Delete a repair issue."""
        issues.async_withdraw(self.hass, self.config_entry, issue_id)

    # Polling.

    @override
    async def _async_setup(self) -> None:
        """Connect, once, as part of the first refresh."""
        with self._translated():
            await self.backend.connect()

    @override
    async def _async_update_data(self) -> None:
        """Fetch everything and take it over. Raises ConfigEntryAuthFailed and UpdateFailed."""
        self._requested_refresh.begun()
        began = self.hass.loop.time()
        self._set_pace()
        with self._translated():
            snapshot = await self.backend.fetch()
        self._take(snapshot)
        self._set_pace(self.hass.loop.time() - began)

    def _set_pace(self, took: float = 0.0) -> None:
        """Measure the interval from the start of a fetch that took ``took`` seconds.

        At least half of the interval stays between two fetches, and all of it after an
        error.
        """
        if (seconds := self.interval) is not None:
            self.update_interval = timedelta(seconds=max(seconds - took, seconds / 2))

    @contextmanager
    def _translated(self) -> Generator[None]:
        """Translate a BackendError into the exceptions of the base class."""
        try:
            yield
        except BackendError as err:
            if (issue := self.info.issue(err)) is not None:
                self.report(issue)
            if isinstance(err, AuthFailedError):
                raise ConfigEntryAuthFailed(**async_error_args(self.hass, err)) from err
            wait = err.retry_after if isinstance(err, RateLimitedError) else None
            raise UpdateFailed(
                **async_error_args(self.hass, err), retry_after=wait
            ) from err

    @callback
    def _take(self, snapshot: Snapshot) -> None:
        new = snapshot.states
        if self.commands.pending:
            new = dict(new)
            for key in tuple(self.commands.pending):
                new[key] = self.commands.shown_state(key, new.get(key, UNAVAILABLE))
        changed = set(changed_keys(self.states, new))
        if changed:
            self.states = dict(new)
        changed |= self._take_offline(snapshot.offline)
        if snapshot.topology is not self.topology:
            self._take_topology(snapshot.topology)
        if self.last_update_success:
            # Otherwise the base class marks the refresh successful first, and then
            # updates everything.
            self.async_wake(changed)

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Update all entities when the connection is lost or restored."""
        self._notify_availability()

    @override
    async def async_shutdown(self) -> None:
        """Stop polling, and end all commands that wait for a confirmation."""
        self.commands.close()
        self._requested_refresh.close()
        await super().async_shutdown()

    def _take_offline(self, offline: frozenset[str]) -> set[PointKey]:
        moved = offline ^ self.offline
        self.offline = offline
        if not moved:
            return set()
        return self.listeners.of_devices(moved)

    def _take_topology(self, topology: Topology) -> None:
        self.topology = topology
        if topology.complete:
            for key in self.states.keys() - {point.key for point in topology.points}:
                del self.states[key]
        devices.async_sync(self.hass, self.config_entry, topology)
        if self.config_entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS:
            # The platforms may be unloaded already.
            return
        self.listeners.async_tell_topology()

    @callback
    def async_wake(self, keys: Iterable[PointKey] | None = None) -> None:
        """Write the states of these points, or of all points."""
        self.listeners.async_wake(keys)

    def _notify_availability(self) -> None:
        if self._notified_success is not self.last_update_success:
            self._notified_success = self.last_update_success
            self.async_wake()
