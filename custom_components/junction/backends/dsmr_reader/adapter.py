"""A DSMR-reader as Home Assistant sees it: polled, and its history imported."""

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
from ..forward.adapter import make_api
from ..forward.errors import ApiDisabledError
from ..trust import ISSUE_CERTIFICATE, certificate_issue, resolve_certificate
from .client import ReaderClient
from .const import CONF_HISTORY, CONF_INTERVAL, DEFAULT_HISTORY, DEFAULT_INTERVAL, NAME
from .entities.actions import ACTIONS
from .entities.board import Board
from .entities.importing import HistoryKeeper
from .entities.meter import OWN_SOURCES
from .known import Known
from .poll import Poller

ISSUE_DISABLED: Final = "api_disabled"


class ReaderBackend:
    """One server. Everything is polled; only the import tells how it goes by itself."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is asked before ``connect``."""
        api = make_api(hass, entry.data)
        home = dt_util.get_default_time_zone()
        self.client = ReaderClient(api, home)
        self._poller = Poller(self.client, home, _interval(entry))
        self._board = Board(api.base.host or "", str(api.base))
        self._sink: Sink | None = None
        self._answers = False
        self._imports = entry.options.get(CONF_HISTORY, DEFAULT_HISTORY)
        self.history = HistoryKeeper(
            hass, entry, self.client, lambda: self.known.zone, self._on_history
        )

    @property
    def known(self) -> Known:
        """What is known of the server."""
        return self._poller.known

    async def connect(self) -> None:
        """Find out that it is a DSMR-reader, and which version."""
        await self.client.connect()

    async def fetch(self) -> Snapshot:
        """Ask for what is due."""
        try:
            known = await self._poller.poll()
        except BackendError:
            self._answers = False
            raise
        self._answers = True
        if self._sink is not None:
            _withdraw(self._sink)
        states = self._board.show(known, self.client.version)
        return Snapshot(topology=self._board.topology, states=states)

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return nothing: there is nothing to steer, so nothing to confirm."""
        return Delta()

    def subscribe(self, sink: Sink) -> None:
        """Begin with the import; nothing else comes by itself."""
        self._sink = sink
        _withdraw(sink)
        if self._imports:
            self.history.start()

    async def close(self) -> None:
        """Stop importing."""
        self._sink = None
        await self.history.close()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counters and capabilities, without address, key and telegram."""
        known = self.known
        return {
            "version": self.client.version,
            "missing": sorted(self.client.missing),
            "requests": self.client.api.counters.as_dict(),
            "failures": {str(name): key for name, key in self._poller.failures.items()},
            "fresh": sorted(known.fresh),
            "receiving": known.is_receiving,
            "zone": str(known.zone),
            "has_gas": known.gas is not None,
            "phases": sorted(known.reading.phases) if known.reading else [],
            "contracts": len(known.contracts or ()),
            "other_meters": [meter.medium for meter in known.telegram.meters],
            "problems": [problem.source for problem in known.problems or ()],
            "dsmr_version": known.meter.version,
            "history": {
                "enabled": self._imports,
                "until": known.history_until.isoformat()
                if known.history_until
                else None,
                "progress": known.history_progress,
            },
        }

    @callback
    def _on_history(self, until: datetime | None, progress: float | None) -> None:
        known = self.known
        known.history_until, known.history_progress = until, progress
        if self._sink is not None and self._answers:
            self._sink.push(
                Delta(
                    states={
                        source.point_key: source.state(known) for source in OWN_SOURCES
                    }
                )
            )


def _withdraw(sink: Sink) -> None:
    """Take back what is no longer true once the server answers."""
    sink.withdraw(ISSUE_DISABLED)
    sink.withdraw(ISSUE_CERTIFICATE)


def _issue(err: BackendError) -> Issue | None:
    """Return what only the person can put right."""
    if isinstance(err, ApiDisabledError):
        return Issue(id=ISSUE_DISABLED, key="dsmr_reader_api_disabled")
    return certificate_issue(err)


def _interval(entry: ConfigEntry[Any]) -> float:
    return float(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
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
