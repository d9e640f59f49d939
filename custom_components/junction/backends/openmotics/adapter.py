"""An OpenMotics installation as Home Assistant sees it."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ...compat import async_stored_state
from ...const import DOMAIN
from ...errors import (
    AuthFailedError,
    BackendError,
    RateLimitedError,
    UnreachableError,
    UnsupportedError,
)
from ...model import Delta, PointKey, Snapshot
from ..base import Backend, BackendInfo, Sink
from ..http import Clock
from ..session import create_session
from ..trust import (
    ISSUE_CERTIFICATE,
    certificate_issue,
    resolve_certificate,
    tls_policy,
)
from .agenda import CONFIGURATION, CONFIRMATION, Agenda
from .connect import make_gateway
from .const import (
    AS_BUTTON,
    AS_LIGHT,
    AS_VALVE,
    CLOUD,
    CLOUD_INTERVAL,
    CONF_DIMMERS,
    CONF_GROUP_ACTIONS,
    CONF_POWER_INTERVAL,
    CONF_PULSES,
    CONF_TRANSPORT,
    CONF_VALVES,
    DEFAULT_POWER_INTERVAL,
    LOCAL,
    NAME,
    TICK,
)
from .entities.board import Board
from .entities.energy import energy_point
from .entities.hub import CONNECTED_KEY
from .entities.presses import Presses
from .entities.reader import Reader
from .entities.site import Options, Site
from .models import Configuration, Identity, Key, Kind, PulseCounter, States, Topic
from .stream import Stream

# Seconds to wait for the first word of the gateway's events before asking for states.
FIRST_WORD: Final = 3.0


class OpenMoticsBackend:
    """Listens to one installation where it tells, and asks where it does not.

    The coordinator's fetch is the tick: it asks only for what is due.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is sent before ``connect``."""
        self._hass = hass
        self._entry = entry
        self._session = create_session(hass, cleanup=False)
        self._clock = Clock()
        self._gateway = make_gateway(
            self._session, entry.data, tls_policy(entry.data), self._clock
        )
        self._site = Site(
            gateway=self._gateway,
            identity=Identity(id="", title=entry.title),
            options=_options(entry),
            service=entry.data[CONF_TRANSPORT] != LOCAL,
        )
        self._site.stirred = self._stirred
        tick = _interval(entry)
        self._agenda = Agenda(
            power=entry.options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL),
            tick=tick,
        )
        self._stream = Stream(self._gateway, self, clock=self._clock)
        self._presses = Presses(hass)
        self._sink: Sink | None = None
        self._first_word = asyncio.Event()
        self._board = Board(self._site)
        self._reader = Reader(
            self._board, self._agenda, self._presses, self._clock, self._counted
        )
        self._configuration_due = 0.0
        self._reidentify = False
        self._unknown_at = 0.0
        self._closed = False

    # What the coordinator asks.

    async def connect(self) -> None:
        """Log in, learn what there is, and begin to listen."""
        await self._configure(await self._gateway.open())
        if not self._gateway.abilities.push:
            return
        self._entry.async_create_background_task(
            self._hass, self._stream.run(), f"{self._entry.title} - events"
        )
        try:
            async with asyncio.timeout(FIRST_WORD):
                await self._first_word.wait()
        except TimeoutError:
            # Polling does until it comes.
            return

    async def fetch(self) -> Snapshot:
        """Ask for what is due."""
        if self._clock.monotonic() >= self._configuration_due:
            await self._look_for_changes()
        topics = self._site.configuration.topics()
        await self._reader.read(self._agenda.due(topics, self._clock.monotonic()))
        return self._board.snapshot()

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Ask for the topics of these points: one request each."""
        wanted = set(keys)
        changed = await self._reader.read(self._board.topics_of(wanted), strict=True)
        return self._board.delta(wanted | changed)

    def subscribe(self, sink: Sink) -> None:
        """Push from now on, beginning with what came since the fetch."""
        self._sink = sink
        sink.withdraw(ISSUE_CERTIFICATE)
        sink.push(self._board.delta(self._board.shown))

    async def close(self) -> None:
        """Log out and let go of everything."""
        self._sink = None
        self._presses.close()
        if not self._closed:
            self._closed = True
            await self._gateway.close()
            self._session.detach()

    @property
    def pulse_counters(self) -> tuple[PulseCounter, ...]:
        """The counters that the options explain."""
        return self._site.configuration.pulses

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities; names are nobody's business."""
        configuration, abilities = self._site.configuration, self._gateway.abilities
        return {
            "transport": self._entry.data[CONF_TRANSPORT],
            "versions": {
                "gateway": self._site.identity.sw_version,
                "master": self._site.identity.hw_version,
                "model": self._site.identity.model,
            },
            "push": {
                "offered": abilities.push,
                "live": self._site.live,
                "connections": self._stream.connections,
            },
            "blind": sorted(abilities.blind),
            "topics": sorted(self._site.configuration.topics()),
            **self._reader.diagnostics(),
            "things": {
                name: len(getattr(configuration, name))
                for name in Configuration.__dataclass_fields__
            },
            "gateway": self._gateway.diagnostics(),
        }

    # What there is.

    async def _look_for_changes(self) -> None:
        """Read again what there is; if that fails, what was known goes on."""
        try:
            identity = self._site.identity
            # A cloud tells with it whether it reaches the gateway.
            if self._reidentify or self._site.service:
                identity = await self._gateway.open()
            await self._configure(identity)
        except AuthFailedError, RateLimitedError:
            raise
        except BackendError as err:
            if isinstance(err, UnreachableError) and not self._site.live:
                raise
            self._configuration_due = self._clock.monotonic() + CONFIRMATION
        else:
            self._reidentify = False

    async def _configure(self, identity: Identity) -> None:
        found = await self._gateway.configuration()
        self._configuration_due = self._clock.monotonic() + CONFIGURATION
        self._site.presses = self._offers_presses()
        if self._board.configure(found, identity, self._registered()):
            # What is new has to be asked for.
            self._agenda.mark()
        if not self._board.topology.complete:
            self._configuration_due = self._clock.monotonic() + CONFIRMATION

    def _offers_presses(self) -> bool:
        return self._gateway.abilities.presses and not self._stream.never

    def _registered(self) -> frozenset[str]:
        """Return the ids of the devices that Home Assistant has."""
        prefix = f"{self._entry.unique_id}/"
        return frozenset(
            identifier.removeprefix(prefix)
            for device in dr.async_entries_for_config_entry(
                dr.async_get(self._hass), self._entry.entry_id
            )
            for domain, identifier in device.identifiers
            if domain == DOMAIN and identifier.startswith(prefix)
        )

    def _counted(self, key: Key) -> float:
        """Return the total (Wh) of a counter before a restart, 0 if there was none."""
        device, point = energy_point(key)
        entity = er.async_get(self._hass).async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{self._entry.unique_id}/{device}/{point}"
        )
        last = async_stored_state(self._hass, entity or "")
        kept = last.extra_data.as_dict() if last and last.extra_data else {}
        value = kept.get("native_value")
        return float(value) if isinstance(value, int | float) else 0.0

    # What the installation tells (the Watcher).

    @callback
    def live(self) -> None:
        """Note that from now on nothing is missed, and read what was missed before."""
        first = not self._first_word.is_set()
        self._first_word.set()
        self._agenda.mark()
        self._set_live(True)
        if not first or self._sink is not None:
            # After a break it may be another version, with other things.
            self._reidentify = True
            self._configuration_due = 0.0
            self._refresh()

    @callback
    def broken(self, error: BackendError) -> None:
        """Poll from now on."""
        if isinstance(error, UnsupportedError):
            self._first_word.set()
            if self._site.presses:
                self._site.presses = False
                self._board.build()
        if self._site.live:
            self._set_live(False)
            self._agenda.mark()
            self._presses.forget()
            self._refresh()

    @callback
    def changed(self, states: States) -> None:
        """Show what changed, and tell of presses."""
        known = {
            key: state for key, state in states.items() if key in self._board.known
        }
        if len(known) < len(states):
            self._look_again()
        self._reader.touch(known)
        changed = self._board.update(known)
        if self._sink is not None and changed:
            self._sink.push(self._board.delta(changed))
        for (kind, number), state in known.items():
            if kind is Kind.INPUT and isinstance(state, bool) and self._sink:
                self._presses.take(number, state, self._sink)

    @callback
    def stale(self, topic: Topic) -> None:
        """Read a topic again soon."""
        self._agenda.mark((topic,))
        self._refresh()

    def _stirred(self) -> None:
        """Look what came of a command, unless the gateway tells."""
        blind = self._gateway.abilities.blind if self._site.live else tuple(Topic)
        self._agenda.mark(blind)
        if blind:
            self._refresh()

    def _look_again(self) -> None:
        """Read what there is, for something unknown spoke; not more than once a minute."""
        now = self._clock.monotonic()
        if now >= self._unknown_at:
            self._unknown_at = now + CONFIRMATION
            self._configuration_due = 0.0
            self._refresh()

    def _set_live(self, live: bool) -> None:
        self._site.live = live
        shown = self._board.shown
        if CONNECTED_KEY in shown:
            shown[CONNECTED_KEY] = live
            if self._sink is not None and not live:
                # Only of this: whether the rest is reached, the next fetch finds out.
                self._sink.push(Delta(states={CONNECTED_KEY: live}))

    def _refresh(self) -> None:
        if self._sink is not None:
            self._sink.refresh()


def _options(entry: ConfigEntry[Any]) -> Options:
    options = entry.options
    return Options(
        valves=options.get(CONF_VALVES) == AS_VALVE,
        lights=options.get(CONF_DIMMERS) == AS_LIGHT,
        buttons=options.get(CONF_GROUP_ACTIONS) == AS_BUTTON,
        pulses=options.get(CONF_PULSES, {}),
    )


def _interval(entry: ConfigEntry[Any]) -> float:
    return CLOUD_INTERVAL if entry.data[CONF_TRANSPORT] == CLOUD else TICK


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    return OpenMoticsBackend(hass, entry)


INFO: Final = BackendInfo(
    name=NAME,
    title="OpenMotics",
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.CLIMATE,
        Platform.COVER,
        Platform.EVENT,
        Platform.FAN,
        Platform.LIGHT,
        Platform.NUMBER,
        Platform.SCENE,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
        Platform.VALVE,
    ),
    create=_create,
    poll_interval=_interval,
    # The event of a command usually comes before its answer (§2.1).
    confirm_after=(2.0, 2.0, 4.0),
    issue=certificate_issue,
    resolve=resolve_certificate,
)
