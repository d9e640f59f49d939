"""Adapter for Mycodo."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from yarl import URL

from ...model import Delta, PointKey, Snapshot
from ...statistics import HistoryImporter, async_forget
from ..base import Backend, BackendInfo, Sink
from ..session import create_session
from ..tasks import only_logged, start_watched
from ..trust import resolve_certificate, tls_policy
from .actions import ACTIONS
from .client import (
    ChannelKey,
    CommandConfirmer,
    Commands,
    DaemonPoller,
    MycodoClient,
    MycodoWeb,
    OutputChange,
    OutputState,
    PidCommands,
    Poller,
)
from .entities.daemon import async_install, open_channel
from .entities.description import Source
from .entities.events import latest_edges, report_edges
from .entities.history import MycodoHistory
from .entities.inventory import Inventory
from .entities.issues import issue_for, tell_issues
from .entities.output_reader import OutputReader
from .entities.webhook import MycodoWebhook
from .settings import (
    CONF_DAEMON,
    CONF_INTERVAL,
    CONF_REMOTE_PUSH,
    DEFAULT_INTERVAL,
    NAME,
    TITLE,
)

# Seconds that the first fetch waits for measurements before it continues without.
FIRST_MEASUREMENTS: Final = 5.0


class MycodoBackend:
    """Backend of one Mycodo: polls it, and receives its pushes."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is sent before ``connect``."""
        self.hass = hass
        self.entry = entry
        # A separate session, because a refused request sets a cookie
        # (docs/protocols/mycodo.md#transport).
        self._session = create_session(hass)
        interval = entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL)
        self.client = MycodoClient(
            self._session,
            URL(entry.data[CONF_URL]),
            entry.data[CONF_API_KEY],
            tls=tls_policy(entry.data),
        )
        self.web = MycodoWeb(self.client)
        self._outputs = OutputReader(hass, self._read_outputs, self._start)
        self.commands = Commands(self.client, self.web, self._outputs.read_after)
        self.poller = Poller(self.client, self.web, self.commands, interval)
        self.daemon: DaemonPoller | None = None
        if entry.options.get(CONF_DAEMON, False):
            self.daemon = DaemonPoller(open_channel(entry), self.client.clock)
        functions = self.daemon.functions if self.daemon else None
        self.inventory = Inventory(
            hass,
            entry,
            self.poller,
            self.client,
            PidCommands(self.web, functions),
            self.commands,
            command=CommandConfirmer(self._read_output, self._poll_soon),
            measured=self._measure_soon,
            functions=functions,
        )
        self.history = MycodoHistory(
            HistoryImporter(hass, entry), self.client, self.poller
        )
        self._sink: Sink | None = None
        self._installed = False
        self._asking_daemon: asyncio.Task[None] | None = None
        self._measuring: asyncio.Task[None] | None = None
        # Whether Mycodo answered the last request.
        self._answers = False
        self._webhook = MycodoWebhook(hass, entry.data[CONF_WEBHOOK_ID], self._on_push)

    async def connect(self) -> None:
        """Determine the capabilities of this installation and the permissions of the key."""
        await self.poller.connect()
        if self.daemon is not None:
            self.poller.state.channel = self.daemon.state
            self._installed = await async_install(self.hass)

    async def fetch(self) -> Snapshot:
        """Read the outputs, and the lists that are due.

        Measurements are read in parallel and shown when they arrive, so that a slow
        database never delays the outputs.
        """
        self._answers = False
        await self.poller.refresh()
        self.inventory.rebuild()
        if self._measuring is None or self._measuring.done():
            first = self._measuring is None
            self._measuring = self._start(self._measure, "measurements")
            if first:
                await asyncio.wait([self._measuring], timeout=FIRST_MEASUREMENTS)
        if (
            self.daemon is not None
            and self._installed
            and (self._asking_daemon is None or self._asking_daemon.done())
        ):
            self._asking_daemon = self._start(
                partial(self._ask_daemon, self.daemon), "daemon"
            )
        if self._sink is not None:
            tell_issues(self._sink, self.poller)
        self._answers = True
        return Snapshot(
            topology=self.inventory.topology, states=self.inventory.states()
        )

    def _start(
        self, run: Callable[[], Awaitable[None]], what: str
    ) -> asyncio.Task[None]:
        """Start a task whose failure does not affect the other states."""
        return start_watched(self.hass, self.entry, run, what, failed=only_logged)

    async def _measure(self) -> None:
        """Read the measurements that are due, and show them."""
        poller, inventory = self.poller, self.inventory
        before = latest_edges(inventory.described, poller.state)
        await poller.measure(
            inventory.wanted(), inventory.totals(), dt_util.start_of_local_day()
        )
        # Probing may have found a unit.
        inventory.rebuild()
        if self._sink is None or not self._answers:
            return
        now = latest_edges(inventory.described, poller.state)
        report_edges(self._sink, inventory.described, before, now)
        self._show_all(self._sink)

    async def _ask_daemon(self, daemon: DaemonPoller) -> None:
        """Read what only the daemon's own port reports, and show it."""
        outputs = self.poller.listing.outputs.devices
        await daemon.poll(
            {output.id for output in outputs},
            self.inventory.timed_channels(),
            self.inventory.pid_values_wanted(),
        )
        if self._sink is not None and self._answers:
            self._sink.push(self._states_of({Source.CHANNEL}))

    def _show_all(self, sink: Sink) -> None:
        sink.push(
            Delta(states=self.inventory.states(), topology=self.inventory.topology)
        )

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Read the states of these points, usually in one request."""
        poller, pids, wanted = self.poller, self.poller.listing.pids, set(keys)
        found = [
            described
            for described in self.inventory.described
            if described.point.key in wanted
        ]
        if any(described.source is Source.OUTPUTS for described in found):
            await poller.read_outputs()
        if any(described.subject in pids for described in found):
            await poller.read_pids()
        await poller.read_controllers(
            {
                described.subject
                for described in found
                if described.source is Source.CONTROLLER
                and described.subject not in pids
            }
        )
        return self._states_of({described.source for described in found})

    def _states_of(
        self, sources: Collection[Source], outputs: Collection[str] | None = None
    ) -> Delta:
        """Return the states of all points of these sources, optionally of some outputs only."""
        return Delta(
            states=self.inventory.states(
                described
                for described in self.inventory.described
                if described.source in sources
                and (outputs is None or described.subject in outputs)
            )
        )

    def subscribe(self, sink: Sink) -> None:
        """Start to receive pushes."""
        self._sink = sink
        tell_issues(sink, self.poller)
        # Measurements may have arrived since the first fetch.
        self._show_all(sink)
        self._webhook.register(
            self.entry.title,
            local_only=not self.entry.options.get(CONF_REMOTE_PUSH, False),
        )

    async def close(self) -> None:
        """Release everything. Home Assistant closes the session."""
        self._webhook.unregister()
        self._sink = None
        if self.daemon is not None:
            await self.daemon.channel.close()
        self._outputs.close()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities, without names and options."""
        channel = self.poller.state.channel
        return {
            **self.poller.diagnostics(),
            "pushes": self._webhook.received,
            "daemon_channel": None if channel is None else channel.ready,
            "daemon_channel_problem": None if channel is None else channel.problem,
        }

    @callback
    def _measure_soon(self, device: str) -> None:
        """Read an input soon after it was told to measure."""
        self.poller.read_soon(device)
        if self._sink is not None:
            self._sink.refresh()

    def refresh(self, *, everything: bool) -> None:
        """Read the outputs soon, or all lists if ``everything``, after a raw API call."""
        if everything:
            self.poller.list_again()
        if self._sink is not None:
            self._sink.refresh()

    # Between two polls.

    @callback
    def _on_push(self, changes: Collection[OutputChange]) -> None:
        """Show pushed states, and read the outputs as well."""
        for happened in changes:
            self.poller.take((happened.output, happened.channel), happened.state)
        if changes and self._sink is not None:
            told = {happened.output for happened in changes}
            self._sink.push(self._states_of({Source.OUTPUTS}, told))
        self._outputs.read()

    async def _read_output(self, key: ChannelKey) -> OutputState:
        """Read all outputs, show them, and return the state of one channel."""
        await self.poller.read_outputs()
        self._show_outputs()
        output, channel = key
        return self.poller.listing.outputs.states.get(output, {}).get(channel)

    @callback
    def _poll_soon(self) -> None:
        """Poll soon: a command without an answer may have been carried out."""
        if self._sink is not None:
            self._sink.refresh()

    async def _read_outputs(self) -> None:
        await self.poller.read_outputs()
        self._show_outputs()

    def _show_outputs(self) -> None:
        if self._sink is not None:
            self._sink.push(self._states_of({Source.OUTPUTS, Source.PIDS}))


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return MycodoBackend(hass, entry)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await async_forget(hass, entry)


def _interval(entry: ConfigEntry[Any]) -> float:
    return float(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))


INFO: Final = BackendInfo(
    name=NAME,
    title=TITLE,
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.CLIMATE,
        Platform.EVENT,
        Platform.FAN,
        Platform.LIGHT,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
        Platform.VALVE,
    ),
    create=_create,
    poll_interval=_interval,
    actions=ACTIONS,
    issue=issue_for,
    resolve=resolve_certificate,
    remove=_remove,
)
