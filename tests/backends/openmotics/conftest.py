"""A simulated gateway on loopback, and Home Assistant in front of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import cache
import time
from typing import Any
from unittest.mock import patch

import aiohttp
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.http import Clock, TlsPolicy
from custom_components.junction.backends.openmotics.client import legacy_cloud
from custom_components.junction.backends.openmotics.client.cloud import (
    api as cloud,
    session as cloud_session,
)
from custom_components.junction.backends.openmotics.client.local import LocalGateway
from custom_components.junction.backends.openmotics.settings import LOCAL, NAME
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from simulators.certificates import DeviceCertificate, make_certificate
from simulators.openmotics.cloud import CloudServer
from simulators.openmotics.legacy_cloud import LegacyCloudServer
from simulators.openmotics.plan import ADMIN, house
from simulators.openmotics.server import GatewayServer
from simulators.openmotics.state import State

MAC = "001122aabbcc"
UUID = "0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0"
"""A client id of the login of 2026."""


@cache
def certificate(number: int = 1, **options: Any) -> DeviceCertificate:
    """Make a certificate; the same one each time, since keys take time."""
    return make_certificate(f"gateway {number}", **options)


class Time:
    """The time of the gateway, which a test may move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def state(moment: Time) -> State:
    """Return the state of the gateway; a test may change it before it requests the gateway."""
    return house(moment)


@pytest.fixture
async def gateway(socket_enabled: None, state: State) -> AsyncGenerator[GatewayServer]:
    async with GatewayServer(state, certificate()) as running:
        yield running


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


@pytest.fixture
def client(gateway: GatewayServer, session: aiohttp.ClientSession) -> LocalGateway:
    return make_client(gateway, session)


def make_client(
    gateway: GatewayServer, session: aiohttp.ClientSession, **options: Any
) -> LocalGateway:
    """Return a client of a gateway; its pauses are short."""

    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0)

    return LocalGateway(
        session,
        URL(gateway.url),
        options.pop("username", ADMIN.name),
        options.pop("password", ADMIN.password),
        **{
            "tls": TlsPolicy(pin=certificate().sha256),
            "clock": Clock(sleep=sleep),
            **options,
        },
    )


def entry_data(gateway: GatewayServer, **changes: Any) -> dict[str, Any]:
    """Return the data that the flow stores."""
    return {
        CONF_BACKEND: NAME,
        "transport": LOCAL,
        "url": gateway.url,
        "username": ADMIN.name,
        "password": ADMIN.password,
        "verify_ssl": True,
        "pin": certificate().sha256,
        "legacy_tls": False,
        **changes,
    }


@pytest.fixture
def om_entry(hass: HomeAssistant, gateway: GatewayServer) -> MockConfigEntry:
    """Return the entry of the gateway; it is not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="OpenMotics",
        unique_id=f"{NAME}:{MAC}",
        data=entry_data(gateway),
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def om(hass: HomeAssistant, om_entry: MockConfigEntry) -> MockConfigEntry:
    """Return the entry of the gateway, set up."""
    await set_up(hass, om_entry)
    return om_entry


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set up an entry."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


class Entities:
    """Finds entities by the ids of their points."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    def all(self) -> dict[str, er.RegistryEntry]:
        """Return all entries of the registry by point id."""
        found = er.async_entries_for_config_entry(
            er.async_get(self._hass), self._entry.entry_id
        )
        return {entity.unique_id.rpartition("/")[2]: entity for entity in found}

    def id(self, point: str) -> str:
        """Return the entity id of a point."""
        return self.all()[point].entity_id

    def state(self, point: str) -> str:
        """Return the state of a point."""
        state = self._hass.states.get(self.id(point))
        assert state is not None, point
        return state.state

    def attributes(self, point: str) -> dict[str, Any]:
        """Return the attributes of a point."""
        state = self._hass.states.get(self.id(point))
        assert state is not None, point
        return dict(state.attributes)

    async def act(self, action: str, point: str, **data: Any) -> None:
        """Perform an action on a point and wait for its end."""
        domain, name = action.split(".")
        await self._hass.services.async_call(
            domain, name, data, blocking=True, target={"entity_id": self.id(point)}
        )

    async def enable(self, *points: str) -> None:
        """Enable entities and reload."""
        registry = er.async_get(self._hass)
        for point in points:
            registry.async_update_entity(self.id(point), disabled_by=None)
        await self._hass.config_entries.async_reload(self._entry.entry_id)
        await self._hass.async_block_till_done()


@pytest.fixture
def entities(hass: HomeAssistant, om: MockConfigEntry) -> Entities:
    return Entities(hass, om)


@pytest.fixture
def until(hass: HomeAssistant) -> Callable[..., Awaitable[None]]:
    """Return a function that waits for a condition; the gateway is a real server."""

    async def wait(condition: Callable[[], bool], seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
        await hass.async_block_till_done()

    return wait


async def tick(entry: MockConfigEntry, times: int = 1) -> None:
    """Let the coordinator poll, as its timer does."""
    coordinator = entry.runtime_data
    for _ in range(times):
        await coordinator.async_refresh()
        await coordinator.hass.async_block_till_done()


class Later:
    """The clock of a backend, which a test may move."""

    def __init__(self, entry: MockConfigEntry) -> None:
        self.seconds = 0.0
        backend = entry.runtime_data.backend
        real = backend._clock.monotonic
        object.__setattr__(backend._clock, "monotonic", lambda: real() + self.seconds)


@pytest.fixture
def quick() -> Any:
    """Do not set up the entry of the flow; other tests do that."""
    with patch("custom_components.junction.async_setup_entry", return_value=True):
        yield


@pytest.fixture
async def server(
    socket_enabled: None, state: State, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[CloudServer]:
    async with CloudServer(state) as running:
        monkeypatch.setattr(cloud, "BASE", URL(running.base))
        monkeypatch.setattr(
            cloud_session, "NEW_LOGIN", URL(f"{running.server.url}/new/token")
        )
        yield running


def asked(gateway: GatewayServer) -> Counter[str]:
    """Return how often each action was called."""
    return Counter(request.path[1:] for request in gateway.server.log.requests)


def states_asked(gateway: GatewayServer) -> dict[str, int]:
    """Return how often each state was requested, without the configurations."""
    return {
        action: count
        for action, count in asked(gateway).items()
        if not action.endswith("_configurations") and action != "get_power_modules"
    }


def add_cloud_entry(hass: HomeAssistant) -> MockConfigEntry:
    """Add an entry of the cloud of today, without setting it up."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="openmotics:cloud:21",
        data={
            "backend": "openmotics",
            "transport": "cloud",
            "client_id": UUID,
            "client_secret": "new-s3cret",
            "installation": "21",
        },
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def first(
    socket_enabled: None, state: State, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[LegacyCloudServer]:
    """Run the first cloud."""
    async with LegacyCloudServer(state) as running:
        monkeypatch.setattr(legacy_cloud, "BASE", URL(running.base))
        yield running


def add_legacy_entry(hass: HomeAssistant, first: LegacyCloudServer) -> MockConfigEntry:
    """Add an entry of the first cloud, without setting it up."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="openmotics:legacy_cloud:5",
        data={
            "backend": "openmotics",
            "transport": "legacy_cloud",
            "username": "me@example.org",
            "password": first.password,
            "installation": "5",
        },
    )
    entry.add_to_hass(hass)
    return entry
