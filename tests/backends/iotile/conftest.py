"""A simulated IOTile Cloud, and an entry of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.http import Clock
from custom_components.junction.backends.iotile.client import transport as client_module
from custom_components.junction.backends.iotile.client.api import IOTileClient
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from simulators.clock import VirtualClock
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World, house

from ...common import let_pass

NOW = 1795163310  # 2026-11-20 08:28:30 UTC
INSTALLATION = "2_20261120082810475258"
METER = "s--0000-0005--0000-0000-0000-0097--5001"
METER_100D = "s--0000-0005--0000-0000-0000-0097--100d"
BOILER = "s--0000-0005--0000-0000-0000-00a0--500f"
SHOCKS = "s--0000-0005--0000-0000-0000-1234--5020"
VIRTUAL = "s--0000-0005--0000-0000-0000-0000--6001"


@pytest.fixture
def clock() -> VirtualClock:
    """Return the clock of the server, which is stopped."""
    return VirtualClock(NOW, 0)


@pytest.fixture
def world(clock: VirtualClock) -> World:
    """Return the content of the server."""
    return house(clock)


@pytest.fixture
async def server(world: World, socket_enabled: None) -> AsyncIterator[IOTileServer]:
    """Return a running server."""
    async with IOTileServer(world) as server:
        yield server


@pytest.fixture(autouse=True)
def slept(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Use the server's clock in Junction; return the durations slept, which take no time."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    ours = Clock(
        monotonic=clock.now,
        utcnow=lambda: datetime.fromtimestamp(clock.now(), UTC),
        sleep=sleep,
    )
    monkeypatch.setattr(client_module, "Clock", lambda: ours)
    return slept


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session without cookies."""
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield session


type MakeClient = Callable[..., IOTileClient]


@pytest.fixture
def make_client(server: IOTileServer, session: aiohttp.ClientSession) -> MakeClient:
    """Return how to make clients."""

    def make(user: str = "owner") -> IOTileClient:
        token = next(u.token for u in server.world.users if u.name == user)
        return IOTileClient(session, URL(server.url), token)

    return make


@pytest.fixture
def client(make_client: MakeClient) -> IOTileClient:
    """Return the client of the owner."""
    return make_client()


@pytest.fixture
def options() -> dict[str, Any]:
    """Return the options of the entry."""
    return {}


@pytest.fixture
def entry(
    hass: HomeAssistant, server: IOTileServer, options: dict[str, Any]
) -> MockConfigEntry:
    """Return an entry that is not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="IOTile Cloud",
        unique_id=f"iotile:{INSTALLATION}",
        data={
            CONF_BACKEND: "iotile",
            "url": server.url,
            "email": "owner@example.com",
            "token": server.world.users[0].token,
            "verify_ssl": True,
            "pin": None,
        },
        options=options,
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry that is set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


def device_of(hass: HomeAssistant, entry: MockConfigEntry, slug: str) -> str:
    """Return the registry's id of a device or project."""
    identifier = ("junction", f"{entry.unique_id}/{slug}")
    (found,) = (
        device.id
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        if identifier in device.identifiers
    )
    return found


type Poll = Callable[..., Awaitable[None]]


@pytest.fixture
def poll(hass: HomeAssistant, clock: VirtualClock) -> Poll:
    """Return a function that lets time pass, and with it polls."""

    async def come(seconds: float = 600.0) -> None:
        clock.jump(seconds)
        await let_pass(hass, max(seconds, 3700))

    return come
