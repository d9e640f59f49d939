"""A simulated Cozify, a client for it, and an entry that is set up with it."""

import asyncio
from collections.abc import AsyncIterator, Callable
import time
from typing import Any

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.cozify import (
    adapter as adapter_module,
    flow as flow_module,
)
from custom_components.junction.backends.cozify.client.api import HubApi
from custom_components.junction.backends.cozify.client.cloud import CloudApi
from custom_components.junction.backends.cozify.client.const import Remote
from custom_components.junction.backends.cozify.client.keys import Keys, Tokens
from custom_components.junction.backends.cozify.client.state import CozifyState
from custom_components.junction.backends.cozify.entities import login as login_module
from custom_components.junction.backends.http import Clock
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from simulators.clock import VirtualClock
from simulators.cozify.seed import HUB_ID, OWNER
from simulators.cozify.server import CozifyWorld


@pytest.fixture
def clock() -> VirtualClock:
    """Return the clock of the simulated Cozify, by default the real time."""
    return VirtualClock(time.time())


@pytest.fixture
def hubs() -> int:
    """Return how many hubs the account has."""
    return 1


@pytest.fixture
async def world(
    clock: VirtualClock, hubs: int, socket_enabled: None
) -> AsyncIterator[CozifyWorld]:
    """Return a running cloud with its hubs."""
    async with CozifyWorld(clock, hubs=hubs) as world:
        yield world


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session without cookies."""
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield session


@pytest.fixture
def cloud(world: CozifyWorld, session: aiohttp.ClientSession) -> CloudApi:
    """Return a client of the cloud."""
    return CloudApi(session, [URL(world.cloud_url)])


class Reach:
    """A link to the first hub, and the changes that it reported."""

    def __init__(
        self,
        world: CozifyWorld,
        session: aiohttp.ClientSession,
        *,
        remote: Remote = Remote.FALLBACK,
        host: str | None = "",
        clock: Clock | None = None,
    ) -> None:
        self.world = world
        self.stored: list[Tokens] = []
        self.logins_needed = 0
        self.moves: list[URL] = []
        self.unpaid: list[bool] = []
        self.cloud = CloudApi(session, [URL(world.cloud_url)], clock)
        self.keys = Keys(
            self.cloud,
            HUB_ID,
            Tokens(
                world.cloud.cloud_token(OWNER).text, world.cloud.key(OWNER, HUB_ID).text
            ),
            store=self.stored.append,
            login_needed=self._login_needed,
            clock=clock,
        )
        url = world.hub.url if host == "" else host
        self.api = HubApi(
            session,
            self.cloud,
            self.keys,
            hub_id=HUB_ID,
            host=URL(url) if url else None,
            remote=remote,
            moved=self.moves.append,
            unpaid=self.unpaid.append,
            clock=clock,
        )
        self.state = CozifyState()

    def _login_needed(self, error: object) -> None:
        self.logins_needed += 1

    def end_hub_key(self) -> None:
        """Let the key of the hub end now."""
        self.world.mint.issued[self.keys.tokens.hub].expires = 0

    def end_cloud_token(self) -> None:
        """Let the cloud token end now."""
        self.world.mint.issued[self.keys.tokens.cloud].expires = 0


@pytest.fixture
def reach(world: CozifyWorld, session: aiohttp.ClientSession) -> Reach:
    """Return a link to the first hub."""
    return Reach(world, session)


# Home Assistant.


@pytest.fixture(autouse=True)
def only_the_simulated_cloud(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the cloud be the simulated one, wherever its usual address is used."""
    if "world" not in request.fixturenames:
        return
    world: CozifyWorld = request.getfixturevalue("world")
    for module in (adapter_module, flow_module, login_module):
        monkeypatch.setattr(module, "CLOUDS", (URL(world.cloud_url),))


def data_of(world: CozifyWorld, **more: Any) -> dict[str, Any]:
    """Return the data of an entry for the first hub."""
    return {
        CONF_BACKEND: "cozify",
        "email": OWNER,
        "cloud": None,
        "cloud_token": world.cloud.cloud_token(OWNER).text,
        "hub_key": world.cloud.key(OWNER, HUB_ID).text,
        "hub_id": HUB_ID,
        "host": world.hub.url,
        **more,
    }


@pytest.fixture
def options() -> dict[str, Any]:
    """Return the options of the entry."""
    return {}


@pytest.fixture
def entry(
    hass: HomeAssistant, world: CozifyWorld, options: dict[str, Any]
) -> MockConfigEntry:
    """Return an entry that is not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Koti",
        unique_id=f"cozify:{HUB_ID}",
        data=data_of(world),
        options=options,
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(
    hass: HomeAssistant, entry: MockConfigEntry, world: CozifyWorld
) -> AsyncIterator[MockConfigEntry]:
    """Return an entry that is set up, with its first poll held by the hub."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: world.hub.state.polls_now == 1)
    yield entry
    await hass.async_block_till_done()
    if hass.config_entries.async_get_entry(entry.entry_id) is not None:
        await hass.config_entries.async_unload(entry.entry_id)


def entity_id(
    hass: HomeAssistant, entry: MockConfigEntry, device: str, point: str
) -> str:
    """Return the entity of a point."""
    unique_id = f"{entry.unique_id}/{device}/{point}"
    found = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if entity.unique_id == unique_id
    ]
    assert len(found) == 1, (unique_id, found)
    return found[0]


@pytest.fixture
def enable_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let entities that are off by default be there as well."""
    monkeypatch.setattr(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default", True
    )


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
