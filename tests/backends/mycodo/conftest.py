"""A simulated Mycodo, a client for it, and an entry that is set up with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache
import logging
import time
from typing import Any

import aiohttp
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.http import Clock, TlsPolicy
from custom_components.junction.backends.mycodo import adapter
from custom_components.junction.backends.mycodo.client import (
    requests as client_requests,
)
from custom_components.junction.backends.mycodo.client.api import MycodoClient
from custom_components.junction.backends.mycodo.client.web import MycodoWeb
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from simulators.certificates import DeviceCertificate
from simulators.clock import VirtualClock
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.plan import greenhouse
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, State, uid

from ...common import let_pass

INSTALLATION = uid(900)
WEBHOOK = "a-webhook-that-nobody-guesses"


@cache
def certificate(number: int = 0) -> DeviceCertificate:
    """Return a certificate of Mycodo's kind; making one takes a while."""
    return make_v1_certificate()


@pytest.fixture
def features() -> Features:
    """Return the features of this Mycodo; tests may override it."""
    return Features()


@pytest.fixture
def clock() -> VirtualClock:
    """Return the clock of the simulated Mycodo, by default the real time."""
    return VirtualClock(time.time())


@pytest.fixture
def state(clock: VirtualClock, features: Features) -> State:
    """Return the state of the simulated Mycodo."""
    return greenhouse(clock, features=features)


@pytest.fixture
async def mycodo(state: State, socket_enabled: None) -> AsyncIterator[MycodoServer]:
    """Return a running Mycodo, over HTTPS with a certificate like those of Mycodo."""
    async with MycodoServer(state, certificate()) as server:
        server.database.measure()
        yield server


def key_of(server: MycodoServer, name: str = "admin") -> str:
    """Return the API key of a user."""
    user = next(user for user in server.state.users if user.name == name)
    assert user.key is not None
    return user.key


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session without cookies."""
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield session


type MakeClient = Callable[..., MycodoClient]


@pytest.fixture
def make_client(mycodo: MycodoServer, session: aiohttp.ClientSession) -> MakeClient:
    """Return how to make clients."""

    def make(user: str = "admin", **options: Any) -> MycodoClient:
        options.setdefault("tls", TlsPolicy(pin=certificate().sha256))
        return MycodoClient(session, URL(mycodo.url), key_of(mycodo, user), **options)

    return make


@pytest.fixture
def client(make_client: MakeClient) -> MycodoClient:
    """Return a client with the key of an administrator."""
    return make_client()


@pytest.fixture
def web(client: MycodoClient) -> MycodoWeb:
    """Return the web interface of that client."""
    return MycodoWeb(client)


def data_of(server: MycodoServer, user: str = "admin") -> dict[str, Any]:
    """Return the data of an entry."""
    return {
        CONF_BACKEND: "mycodo",
        "url": server.url,
        "api_key": key_of(server, user),
        "verify_ssl": True,
        "pin": certificate().sha256,
        "webhook_id": WEBHOOK,
    }


@pytest.fixture
def user() -> str:
    """Return whose key the entry has."""
    return "admin"


@pytest.fixture
def options() -> dict[str, Any]:
    """Return the options of the entry."""
    return {}


@pytest.fixture
def entry(
    hass: HomeAssistant, mycodo: MycodoServer, user: str, options: dict[str, Any]
) -> MockConfigEntry:
    """Return an entry that is not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Greenhouse",
        unique_id=f"mycodo:{INSTALLATION}",
        data=data_of(mycodo, user),
        options=options,
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry that is set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


class Ahead:
    """How far the backend's monotonic clock is ahead of the real one, in s."""

    seconds = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.seconds


@pytest.fixture(autouse=True)
def ahead(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """Let the backend's time be moved, without waiting for it."""
    ahead = Ahead()
    monkeypatch.setattr(
        client_requests, "Clock", lambda: Clock(monotonic=ahead.monotonic)
    )
    return ahead


type Poll = Callable[..., Awaitable[None]]


@pytest.fixture
def poll(hass: HomeAssistant, ahead: Ahead) -> Poll:
    """Return a function that lets some seconds pass, and with them polls."""

    async def come(seconds: float = 11.0) -> None:
        ahead.seconds += seconds
        # However little time passes: long enough for a poll to be due.
        await let_pass(hass, max(seconds, 11.0))

    return come


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def no_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the logged errors, without those of the simulator's broken sockets."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR and record.name != "asyncio"
    ]


@pytest.fixture
def impatient() -> Iterator[None]:
    """Give up on a confirmation sooner than in real life."""
    patience = adapter.INFO.confirm_after
    object.__setattr__(adapter.INFO, "confirm_after", (0.02, 0.05, 0.1))
    yield
    object.__setattr__(adapter.INFO, "confirm_after", patience)
