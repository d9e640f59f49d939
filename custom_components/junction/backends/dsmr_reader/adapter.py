"""DSMR-reader backend: poll the server, and import its history."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ...errors import BackendError
from ...model import Delta, PointKey, Snapshot
from ...statistics import async_forget
from ..base import Backend, BackendInfo, Issue, Sink
from ..forward.client.errors import ApiDisabledError
from ..forward.connection import free_title, has_address, make_api
from ..trust import ISSUE_CERTIFICATE, certificate_issue, resolve_certificate
from .actions import ACTIONS
from .client.api import ReaderClient
from .client.poller import Poller
from .client.state import ReaderState
from .entities.history import HistoryKeeper
from .entities.inventory import Inventory
from .entities.meter import OWN_DESCRIPTIONS
from .settings import (
    CONF_HISTORY,
    CONF_INTERVAL,
    DEFAULT_HISTORY,
    DEFAULT_INTERVAL,
    NAME,
)

ISSUE_DISABLED: Final = "api_disabled"


class ReaderBackend:
    """One server. Everything is polled; only the history import pushes."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is sent before ``connect``."""
        api = make_api(hass, entry.data)
        home = dt_util.get_default_time_zone()
        self.client = ReaderClient(api, home)
        self._poller = Poller(self.client, home, _interval(entry))
        self._inventory = Inventory(str(api.base))
        self._sink: Sink | None = None
        self._answers = False
        self._imports = entry.options.get(CONF_HISTORY, DEFAULT_HISTORY)
        self.history = HistoryKeeper(
            hass, entry, self.client, lambda: self.state.zone, self._on_history
        )

    @property
    def state(self) -> ReaderState:
        """Return the state of the server."""
        return self._poller.state

    async def connect(self) -> None:
        """Verify that it is a DSMR-reader, and read its version."""
        await self.client.connect()

    async def fetch(self) -> Snapshot:
        """Request what is due."""
        try:
            state = await self._poller.poll()
        except BackendError:
            self._answers = False
            raise
        self.history.resume(back=not self._answers)
        self._answers = True
        if self._sink is not None:
            _withdraw(self._sink)
        states = self._inventory.show(state, self.client.version)
        return Snapshot(topology=self._inventory.topology, states=states)

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return nothing: there are no commands to confirm."""
        return Delta()

    def subscribe(self, sink: Sink) -> None:
        """Start the import; nothing else is pushed."""
        self._sink = sink
        _withdraw(sink)
        if self._imports:
            self.history.start()

    def refresh(self) -> None:
        """Read everything soon, after a raw API call."""
        self._poller.again()
        if self._sink is not None:
            self._sink.refresh()

    async def close(self) -> None:
        """Stop importing."""
        self._sink = None
        await self.history.close()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counters and capabilities, without address, key, and telegram."""
        state = self.state
        return {
            "version": self.client.version,
            "missing": sorted(self.client.missing),
            "requests": self.client.api.counters.as_dict(),
            "failures": {str(name): key for name, key in self._poller.failures.items()},
            "fresh": sorted(state.fresh),
            "receiving": state.is_receiving,
            "zone": str(state.zone),
            "has_gas": state.gas is not None,
            "phases": sorted(state.reading.phases) if state.reading else [],
            "contracts": len(state.contracts or ()),
            "other_meters": [meter.medium for meter in state.telegram.meters],
            "problems": [problem.description for problem in state.problems or ()],
            "dsmr_version": state.meter.version,
            "history": {
                "enabled": self._imports,
                "until": state.history_until.isoformat()
                if state.history_until
                else None,
                "progress": state.history_progress,
            },
        }

    @callback
    def _on_history(
        self,
        until: datetime | None,
        progress: float | None,
        details: Mapping[str, object],
    ) -> None:
        state = self.state
        state.history_until, state.history_progress = until, progress
        state.history_details = details
        if self._sink is not None and self._answers:
            self._sink.push(
                Delta(
                    states={
                        description.point_key: description.state(state)
                        for description in OWN_DESCRIPTIONS
                    }
                )
            )


def _withdraw(sink: Sink) -> None:
    """Withdraw issues that are solved once the server answers."""
    sink.withdraw(ISSUE_DISABLED)
    sink.withdraw(ISSUE_CERTIFICATE)


def _issue(err: BackendError) -> Issue | None:
    """Return the repair issue of an error that only the user can fix, or None."""
    if isinstance(err, ApiDisabledError):
        return Issue(id=ISSUE_DISABLED, key="dsmr_reader_api_disabled")
    return certificate_issue(err)


def _interval(entry: ConfigEntry[Any]) -> float:
    return float(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    if has_address(entry.title, entry.data):
        # Entries of 0.1.0 that the user did not rename. Their ids stay unchanged.
        others = hass.config_entries.async_entries(entry.domain)
        hass.config_entries.async_update_entry(
            entry, title=free_title(one.title for one in others)
        )
    return ReaderBackend(hass, entry)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await async_forget(hass, entry)


INFO: Final = BackendInfo(
    name=NAME,
    title="DSMR-reader",
    platforms=(Platform.BINARY_SENSOR, Platform.SENSOR),
    create=_create,
    poll_interval=_interval,
    actions=ACTIONS,
    issue=_issue,
    resolve=resolve_certificate,
    remove=_remove,
)
