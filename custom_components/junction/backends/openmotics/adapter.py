"""An OpenMotics installation as Home Assistant sees it."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, cast

import aiohttp
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.aiohttp_client import async_create_clientsession

from ...const import DOMAIN
from ...errors import (
    AuthFailedError,
    BackendError,
    RateLimitedError,
    UnreachableError,
    UnsupportedError,
)
from ...model import Delta, PointKey, Snapshot, Topology
from ..base import Backend, BackendInfo, Sink
from ..http import Clock
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
from .energy import EnergyFilter
from .entities.hub import CONNECTED_KEY
from .entities.presses import Presses
from .entities.site import Built, Options, Plan, Site
from .entities.topology import build
from .models import (
    TOPIC_OF,
    Configuration,
    Identity,
    Key,
    Kind,
    Motion,
    PulseCounter,
    ShutterState,
    States,
    Topic,
)
from .stream import Stream
from .together import together

# Seconds to wait for the first word of the gateway's events before asking for states.
FIRST_WORD: Final = 3.0
# A topic may fail so often before what it says counts as unknown.
PATIENCE: Final = 2


class OpenMoticsBackend:
    """Listens to one installation where it tells, and asks where it does not.

    The coordinator's fetch is the tick: it asks only for what is due.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Prepare; nothing is sent before ``connect``."""
        self._hass = hass
        self._entry = entry
        self._session = async_create_clientsession(
            hass, cookie_jar=aiohttp.DummyCookieJar(), auto_cleanup=False
        )
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
        tick = _interval(entry)
        self._agenda = Agenda(
            power=entry.options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL),
            tick=tick,
        )
        self._tick = tick
        self._stream = Stream(self._gateway, self, clock=self._clock)
        self._energy = EnergyFilter()
        self._presses = Presses(hass)
        self._sink: Sink | None = None
        self._first_word = asyncio.Event()
        self._plan = Plan()
        self._by_key: dict[Key, list[Built]] = {}
        self._topology = Topology(complete=False)
        self._shown: dict[PointKey, object] = {}
        self._known: frozenset[Key] = frozenset()
        self._configuration_due = 0.0
        self._told = self._topology
        self._suspected: frozenset[str] = frozenset()
        self._reading = 0
        self._touched: set[Key] = set()
        self._failures: dict[Topic, int] = {}
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
        await self._read(self._agenda.due(topics, self._clock.monotonic()))
        self._told = self._topology
        return Snapshot(topology=self._topology, states=self._shown)

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Ask for the topics of these points: one request each."""
        wanted = set(keys)
        topics = {
            TOPIC_OF[source[0]]
            for built in self._plan.built
            if built.point.key in wanted
            for source in built.sources
        }
        changed = await self._read(
            [topic for topic in Topic if topic in topics], strict=True
        )
        return self._delta(wanted | changed)

    def subscribe(self, sink: Sink) -> None:
        """Push from now on, beginning with what came since the fetch."""
        self._sink = sink
        sink.withdraw(ISSUE_CERTIFICATE)
        sink.push(self._delta(self._shown))

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
            "failing": {str(topic): count for topic, count in self._failures.items()},
            "zeros_held_back": self._energy.dropped,
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
            if self._reidentify:
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
        site = self._site
        if (found, identity) != (site.configuration, site.identity) or (
            not self._topology.complete
        ):
            site.configuration, site.identity = found, identity
            self._known = found.keys()
            # What is new has to be asked for.
            self._agenda.mark()
            self._build(self._is_complete())

    def _is_complete(self) -> bool:
        """Return whether what is not listed is gone.

        Half a listing must not cost a device: what is missing has to be missing twice.
        """
        self._site.presses = self._offers_presses()
        gone = self._registered() - build(self._site).devices.keys()
        complete = not gone or gone == self._suspected
        self._suspected = gone
        if not complete:
            self._configuration_due = self._clock.monotonic() + CONFIRMATION
        return complete

    def _offers_presses(self) -> bool:
        return self._gateway.abilities.presses and not self._stream.never

    def _build(self, complete: bool) -> None:
        """Make devices and points anew, and show them."""
        self._site.presses = self._offers_presses()
        plan = self._plan = build(self._site)
        self._by_key = {}
        for built in plan.built:
            for key in built.sources:
                self._by_key.setdefault(key, []).append(built)
        self._topology = Topology(
            devices=tuple(plan.devices.values()),
            points=tuple(built.point for built in plan.built),
            complete=complete,
        )
        self._shown = {
            built.point.key: built.show(self._site.states) for built in plan.built
        }

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

    # What it shows.

    async def _read(
        self, topics: list[Topic], *, strict: bool = False
    ) -> set[PointKey]:
        """Read topics and return what points changed.

        One that fails costs itself, and that only when it keeps failing. With ``strict``,
        or when all fail and nothing is told either, the first error is raised.
        """
        if not topics:
            return set()
        if not self._reading:
            self._touched.clear()
        self._reading += 1
        try:
            results = await together(*(self._ask(topic) for topic in topics))
        finally:
            self._reading -= 1
        errors = [result for result in results if isinstance(result, BackendError)]
        for error in errors:
            if isinstance(error, AuthFailedError) or (
                isinstance(error, RateLimitedError) and not self._site.live
            ):
                raise error
        if errors and (strict or (len(errors) == len(topics) and not self._site.live)):
            raise errors[0]
        changed: set[PointKey] = set()
        for topic, result in zip(topics, results, strict=True):
            if isinstance(result, BackendError):
                changed |= self._failed(topic)
            else:
                self._failures.pop(topic, None)
                changed |= self._take_topic(topic, result)
        return changed

    async def _ask(self, topic: Topic) -> States | BackendError:
        try:
            return await self._gateway.status(topic)
        except BackendError as err:
            return err

    def _failed(self, topic: Topic) -> set[PointKey]:
        self._failures[topic] = count = self._failures.get(topic, 0) + 1
        if count < PATIENCE:
            return set()
        gone = [key for key in self._site.states if TOPIC_OF[key[0]] is topic]
        for key in gone:
            del self._site.states[key]
        return self._show(gone)

    def _take_topic(self, topic: Topic, states: States) -> set[PointKey]:
        """Take over all states of a topic; what is not among them is not known."""
        # What was told while the answer was on its way is newer than the answer.
        found: dict[Key, object] = {
            **states,
            **{
                key: self._site.states[key]
                for key in self._touched
                if key in states and key in self._site.states
            },
        }
        if topic is Topic.ENERGY:
            found = cast("dict[Key, object]", self._energy.take(found))
        elif topic is Topic.SENSORS:
            # What has no value at the moment is left out.
            for sensor in self._site.configuration.sensors:
                found.setdefault((Kind.SENSOR, sensor.key), None)
        elif topic is Topic.INPUTS:
            for key, pressed in found.items():
                self._presses.know(key[1], pressed)
        current = self._site.states
        gone = [
            key for key in current if TOPIC_OF[key[0]] is topic and key not in found
        ]
        for key in gone:
            del current[key]
        self._agenda.done(
            topic,
            self._clock.monotonic(),
            live=self._site.live,
            blind=self._gateway.abilities.blind,
            moving=any(
                isinstance(state, ShutterState)
                and state.motion in {Motion.GOING_UP, Motion.GOING_DOWN}
                for state in found.values()
            ),
        )
        return self._update(found) | self._show(gone)

    def _update(self, states: States) -> set[PointKey]:
        current, changed = self._site.states, []
        for key, state in states.items():
            if key not in current or current[key] != state:
                current[key] = state
                changed.append(key)
        if any(key[0] is Kind.GROUP for key in changed):
            # Thermostats offer the mode of their group.
            before = self._shown
            self._build(self._topology.complete)
            return {
                key for key, state in self._shown.items() if before.get(key) != state
            }
        return self._show(changed)

    def _show(self, keys: Iterable[Key]) -> set[PointKey]:
        """Bring what is shown of these states up to date, and return what changed."""
        changed: set[PointKey] = set()
        for key in keys:
            for built in self._by_key.get(key, ()):
                state = built.show(self._site.states)
                if self._shown.get(built.point.key) != state:
                    self._shown[built.point.key] = state
                    changed.add(built.point.key)
        return changed

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
                self._build(self._topology.complete)
        if self._site.live:
            self._set_live(False)
            self._agenda.mark()
            self._presses.forget()
            self._refresh()

    @callback
    def changed(self, states: States) -> None:
        """Show what changed, and tell of presses."""
        known = {key: state for key, state in states.items() if key in self._known}
        if len(known) < len(states):
            self._look_again()
        if self._reading:
            self._touched.update(known)
        changed = self._update(known)
        if self._sink is not None and changed:
            self._sink.push(self._delta(changed))
        for (kind, number), state in known.items():
            if kind is Kind.INPUT and isinstance(state, bool) and self._sink:
                self._presses.take(number, state, self._sink)

    @callback
    def stale(self, topic: Topic) -> None:
        """Read a topic again soon."""
        self._agenda.mark((topic,))
        self._refresh()

    def _delta(self, keys: Iterable[PointKey]) -> Delta:
        topology = None if self._told is self._topology else self._topology
        self._told = self._topology
        return Delta(
            states={key: self._shown[key] for key in keys if key in self._shown},
            topology=topology,
        )

    def _look_again(self) -> None:
        """Read what there is, for something unknown spoke; not more than once a minute."""
        now = self._clock.monotonic()
        if now >= self._unknown_at:
            self._unknown_at = now + CONFIRMATION
            self._configuration_due = 0.0
            self._refresh()

    def _set_live(self, live: bool) -> None:
        self._site.live = live
        if CONNECTED_KEY in self._shown:
            self._shown[CONNECTED_KEY] = live
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
