"""Adapter for OpenMotics."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...compat import async_stored_state
from ...const import DOMAIN
from ...errors import BackendError
from ...model import Delta, PointKey, Snapshot
from ..base import Backend, BackendInfo, Sink
from ..http import Clock
from ..session import create_session
from ..tasks import start_watched
from ..trust import (
    ISSUE_CERTIFICATE,
    certificate_issue,
    resolve_certificate,
    tls_policy,
)
from .actions import ACTIONS
from .client import Configuration, Gateway, Identity, Key, Poller, Stream
from .client.models import Kind, PulseCounter
from .entities.configuration import ConfigurationReader
from .entities.description import Installation
from .entities.energy import energy_point
from .entities.events import InputEvents
from .entities.identity import async_replace_address
from .entities.inventory import Inventory
from .entities.push import PushHandler
from .entities.refresh import Refresher
from .entities.sensors import integral_point
from .settings import (
    CLOUD,
    CONF_TRANSPORT,
    LOCAL,
    NAME,
    TITLE,
    Settings,
    make_gateway,
    poll_interval,
)

# Seconds to wait for the first event of the gateway before states are requested.
FIRST_WORD: Final = 3.0


class OpenMoticsBackend:
    """Backend of one installation: receives events, and polls what has none.

    The coordinator's fetch requests only what is due.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is sent before ``connect``."""
        self._hass = hass
        self._entry = entry
        self._session = create_session(hass, cleanup=False)
        self._clock = Clock()
        settings = Settings.of(entry)
        self._gateway = make_gateway(
            self._session, entry.data, tls_policy(entry.data), self._clock
        )
        self._installation = Installation(
            gateway=self._gateway,
            identity=Identity(id="", title=entry.title),
            settings=settings,
            service=entry.data[CONF_TRANSPORT] != LOCAL,
        )
        self._poller = Poller(power=settings.power_interval, tick=poll_interval(entry))
        self._events = InputEvents(hass)
        self._inventory = Inventory(self._installation)
        self._push = PushHandler(self._inventory, self._poller, self._events)
        self._installation.refresh_after_command = self._push.refresh_after_command
        self._installation.reread = self._push.reread
        self._stream = Stream(self._gateway, self._push, clock=self._clock)
        self._configuration = self._push.configuration = ConfigurationReader(
            hass, entry, self._inventory, self._poller, self._stream, self._clock
        )
        self._refresher = self._push.refresher = Refresher(
            self._inventory, self._poller, self._events, self._clock, self._counted
        )
        self._closed = False

    async def connect(self) -> None:
        """Log in, read the configuration, and open the event stream."""
        await self._configuration.read(await self._gateway.open())
        if not self._gateway.abilities.push:
            return
        start_watched(self._hass, self._entry, self._stream.run, "events")
        try:
            async with asyncio.timeout(FIRST_WORD):
                await self._push.first_word.wait()
        except TimeoutError:
            # Poll until the stream is connected.
            return

    async def fetch(self) -> Snapshot:
        """Request what is due."""
        try:
            await self._configuration.read_if_due()
            topics = self._installation.configuration.topics()
            due = self._poller.due(topics, self._clock.monotonic())
            await self._refresher.read(due)
        except BackendError:
            self._installation.lost = True
            raise
        if self._installation.lost:
            self._installation.lost = False
            self._stream.reconnect_now()
        return self._inventory.snapshot()

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Request the topics of these points: one request each."""
        wanted = set(keys)
        changed = await self._refresher.read(
            self._inventory.topics_of(wanted), strict=True
        )
        return self._inventory.delta(wanted | changed)

    def subscribe(self, sink: Sink) -> None:
        """Start to push, beginning with changes since the fetch."""
        self._push.sink = sink
        sink.withdraw(ISSUE_CERTIFICATE)
        sink.push(self._inventory.delta(self._inventory.shown))

    async def close(self) -> None:
        """Log out and release everything."""
        self._push.sink = None
        self._events.close()
        if not self._closed:
            self._closed = True
            await self._gateway.close()
            self._session.detach()

    @property
    def gateway(self) -> Gateway:
        """Return the client, for calls without an entity; check ``client.policy`` first."""
        return self._gateway

    @property
    def has_functions(self) -> bool:
        """Return whether calls are V0 actions, over any connection, not paths of the cloud."""
        return bool(self._entry.data[CONF_TRANSPORT] != CLOUD)

    def refresh(self, *, everything: bool) -> None:
        """Read the states soon, or everything, after a raw API call."""
        if everything:
            self._configuration.mark()
        self._poller.mark()
        if self._push.sink is not None:
            self._push.sink.refresh()

    def entity_of(self, key: PointKey) -> str | None:
        """Return the entity id of a climate point, or None."""
        return self._entity(Platform.CLIMATE, key)

    @property
    def pulse_counters(self) -> tuple[PulseCounter, ...]:
        """Return the pulse counters that are configured in the options."""
        return self._installation.configuration.pulses

    def is_live(self, key: PointKey) -> bool:
        """Return whether the gateway reports all changes of a point at present."""
        topics = self._inventory.topics_of({key})
        return self._installation.live and self._gateway.abilities.blind.isdisjoint(
            topics
        )

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counts and capabilities, without names."""
        configuration = self._installation.configuration
        abilities = self._gateway.abilities
        identity = self._installation.identity
        return {
            "transport": self._entry.data[CONF_TRANSPORT],
            "versions": {
                "gateway": identity.sw_version,
                "master": identity.hw_version,
                "model": identity.model,
            },
            "push": {
                "offered": abilities.push,
                "live": self._installation.live,
                "connections": self._stream.connections,
            },
            "blind": sorted(abilities.blind),
            "topics": sorted(configuration.topics()),
            **self._refresher.diagnostics(),
            "things": {
                name: len(found)
                for name in Configuration.__dataclass_fields__
                if isinstance(found := getattr(configuration, name), tuple | frozenset)
            },
            "gateway": self._gateway.diagnostics(),
        }

    def _counted(self, key: Key) -> float:
        """Return the total (Wh) of a counter before a restart, 0 without one."""
        find = integral_point if key[0] is Kind.INTEGRAL else energy_point
        entity = self._entity(Platform.SENSOR, find(key))
        last = async_stored_state(self._hass, entity or "")
        kept = last.extra_data.as_dict() if last and last.extra_data else {}
        value = kept.get("native_value")
        return float(value) if isinstance(value, int | float) else 0.0

    def _entity(self, platform: Platform, key: PointKey) -> str | None:
        device, point = key
        return er.async_get(self._hass).async_get_entity_id(
            platform, DOMAIN, f"{self._entry.unique_id}/{device}/{point}"
        )


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Backend:
    async_replace_address(hass, entry)
    return OpenMoticsBackend(hass, entry)


INFO: Final = BackendInfo(
    name=NAME,
    title=TITLE,
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
    poll_interval=poll_interval,
    # The event of a command usually arrives before its answer.
    confirm_after=(2.0, 2.0, 4.0),
    actions=ACTIONS,
    live=lambda backend, key: backend.is_live(key),
    issue=certificate_issue,
    resolve=resolve_certificate,
)
