"""A Mycodo as Home Assistant sees it."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import aiohttp
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_WEBHOOK_ID, Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from yarl import URL

from ...const import DOMAIN
from ...errors import BackendError
from ...model import Delta, PointKey, Snapshot
from ...statistics import HistoryImporter, async_forget
from ..base import Backend, BackendInfo, Issue, Sink
from ..session import create_session
from ..trust import (
    ISSUE_CERTIFICATE,
    certificate_issue,
    resolve_certificate,
    tls_policy,
)
from .actions import ACTIONS
from .client import (
    ChannelKey,
    CommandConfirmer,
    Commands,
    MycodoClient,
    MycodoWeb,
    OutputState,
    Poller,
    Reading,
    UselessKeyError,
    parse,
)
from .entities.description import Source
from .entities.history import MycodoHistory
from .entities.inventory import Inventory
from .entities.sensors import FALLING, RISING
from .settings import CONF_INTERVAL, CONF_REMOTE_PUSH, DEFAULT_INTERVAL, NAME

ISSUE_ROLE: Final = "mycodo_useless_key"
# After the end of a timer, until Mycodo has noticed: it looks every 50 ms.
TIMER_MARGIN: Final = 0.3


class MycodoBackend:
    """Polls one Mycodo, and takes what it pushes."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is sent before ``connect``."""
        self.hass = hass
        self.entry = entry
        # Of its own, for a refused request sets a cookie (docs/protocols/mycodo.md#transport).
        self._session = create_session(hass)
        interval = entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL)
        self.client = MycodoClient(
            self._session,
            URL(entry.data[CONF_URL]),
            entry.data[CONF_API_KEY],
            tls=tls_policy(entry.data),
        )
        self.web = MycodoWeb(self.client)
        self.commands = Commands(self.client, self.web, self._on_timer)
        self.poller = Poller(self.client, self.web, self.commands, interval)
        self.inventory = Inventory(
            hass,
            entry,
            self.poller,
            self.client,
            self.web,
            self.commands,
            command=CommandConfirmer(self._look, self._doubt),
            measured=self._measure_soon,
        )
        self.history = MycodoHistory(
            HistoryImporter(hass, entry), self.client, self.poller
        )
        self._sink: Sink | None = None
        self._timers: set[CALLBACK_TYPE] = set()
        self._refresh: asyncio.Task[None] | None = None
        self._refresh_again = False
        self._pushes = 0

    async def connect(self) -> None:
        """Find out what this installation and this key can do."""
        await self.poller.connect()

    async def fetch(self) -> Snapshot:
        """Read the outputs, and whatever else is due."""
        poller, inventory = self.poller, self.inventory
        await poller.refresh()
        inventory.rebuild()
        edges = self._edges()
        midnight = dt_util.start_of_local_day()
        await poller.measure(inventory.wanted(), inventory.totals(), midnight)
        # A unit may have been found by trying.
        inventory.rebuild()
        self._tell_edges(edges)
        if self._sink is not None:
            self._withdraw(self._sink)
        return Snapshot(topology=inventory.topology, states=inventory.states())

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Read again what these points show: usually one request."""
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
        return self._told({described.source for described in found})

    def _told(self, sources: Collection[Source], output: str | None = None) -> Delta:
        """Return the states of all points of some sources, or of one output's."""
        return Delta(
            states=self.inventory.states(
                described
                for described in self.inventory.described
                if described.source in sources and output in (None, described.subject)
            )
        )

    def subscribe(self, sink: Sink) -> None:
        """Take pushes from now on."""
        self._sink = sink
        self._withdraw(sink)
        webhook.async_register(
            self.hass,
            DOMAIN,
            self.entry.title,
            self.entry.data[CONF_WEBHOOK_ID],
            self._on_webhook,
            local_only=not self.entry.options.get(CONF_REMOTE_PUSH, False),
        )

    @staticmethod
    def _withdraw(sink: Sink) -> None:
        """Take back what is no longer true once Mycodo answers."""
        sink.withdraw(ISSUE_CERTIFICATE)
        sink.withdraw(ISSUE_ROLE)

    async def close(self) -> None:
        """Let go of everything. The session is closed by who made it."""
        if self._sink is not None:
            webhook.async_unregister(self.hass, self.entry.data[CONF_WEBHOOK_ID])
        self._sink = None
        for cancel in list(self._timers):
            cancel()
        self._timers.clear()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities; names and options are nobody's business."""
        return {**self.poller.diagnostics(), "pushes": self._pushes}

    # Events.

    def _edges(self) -> dict[str, Reading]:
        """Return the latest edge of each edge detector."""
        readings = self.poller.state.readings or {}
        return {
            described.subject: reading
            for described in self.inventory.edges()
            if (reading := readings.get(described.subject)) is not None
        }

    def _tell_edges(self, before: Mapping[str, Reading]) -> None:
        now = self._edges()
        for described in self.inventory.edges():
            reading = now.get(described.subject)
            if self._sink and reading and reading != before.get(described.subject):
                kind = RISING if reading.value > 0 else FALLING
                self._sink.event(described.point.key, kind, {})

    @callback
    def _measure_soon(self, device: str) -> None:
        """Show what an input measures that was told to."""
        self.poller.hurry(device)
        if self._sink is not None:
            self._sink.refresh()

    # Between two polls.

    @callback
    def _on_timer(self, seconds: float) -> None:
        """Look now, and again when something will have happened by itself.

        Nobody waits for the confirmation of a short time.
        """
        cancel: CALLBACK_TYPE

        @callback
        def over(_now: datetime) -> None:
            self._timers.discard(cancel)
            self._refresh_outputs()

        cancel = async_call_later(self.hass, seconds + TIMER_MARGIN, over)
        self._timers.add(cancel)
        self._refresh_outputs()

    async def _on_webhook(
        self, hass: HomeAssistant, webhook_id: str, request: aiohttp.web.Request
    ) -> None:
        """Take a push, and answer at once: the command that caused it waits for us."""
        text = await request.text()
        self._pushes += 1
        for happened in parse(f"{request.query_string}\n{text}"):
            key = (happened.output, happened.channel)
            self.poller.take(key, happened.state)
            if self._sink is not None:
                self._sink.push(self._told({Source.OUTPUTS}, happened.output))
        self._refresh_outputs()

    async def _look(self, key: ChannelKey) -> OutputState:
        """Read all outputs, show them, and return the state of one channel."""
        await self.poller.read_outputs()
        self._show_outputs()
        output, channel = key
        return self.poller.listing.outputs.states.get(output, {}).get(channel)

    @callback
    def _doubt(self) -> None:
        """Poll soon: a command whose answer is lost may have arrived all the same."""
        if self._sink is not None:
            self._sink.refresh()

    def _show_outputs(self) -> None:
        if self._sink is not None:
            self._sink.push(self._told({Source.OUTPUTS, Source.PIDS}))

    @callback
    def _refresh_outputs(self) -> None:
        """Read all outputs in the background; calls meanwhile are one more read."""
        if self._refresh is not None:
            self._refresh_again = True
            return
        self._refresh = self.entry.async_create_background_task(
            self.hass, self._read_outputs(), f"{self.entry.title} - outputs"
        )

    async def _read_outputs(self) -> None:
        try:
            while True:
                self._refresh_again = False
                await self.poller.read_outputs()
                self._show_outputs()
                if not self._refresh_again:
                    return
        except BackendError:
            # The next poll says what is wrong.
            return
        finally:
            self._refresh = None


def _issue(error: BackendError) -> Issue | None:
    """Return the repair issue of an error that only a person can put right."""
    if isinstance(error, UselessKeyError):
        return Issue(id=ISSUE_ROLE, key=ISSUE_ROLE)
    return certificate_issue(error)


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return MycodoBackend(hass, entry)


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    await async_forget(hass, entry)


def _interval(entry: ConfigEntry[Any]) -> float:
    return float(entry.options.get(CONF_INTERVAL, DEFAULT_INTERVAL))


INFO: Final = BackendInfo(
    name=NAME,
    title="Mycodo",
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
    issue=_issue,
    resolve=resolve_certificate,
    remove=_remove,
)
