"""Detection of the device at an address."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.cozify.client import probe as module
from custom_components.junction.backends.cozify.client.errors import (
    HanReaderError,
    NotCozifyError,
)
from custom_components.junction.backends.cozify.client.probe import identify
from custom_components.junction.backends.http import ConnectRefusedError
from simulators import http_faults as faults
from simulators.cozify.han import han_reader
from simulators.cozify.server import CozifyWorld
from simulators.http_server import FaultyServer

from ..conftest import Reach


@pytest.mark.parametrize(
    "fault",
    [
        faults.html_page(200),
        faults.empty_body(),
        faults.truncated(),
        faults.status(200, "[1]"),
        faults.status(200, '{"hubId":"x","version":"7"}'),
        faults.status(200, '{"hubId":"","version":"1.14.1.1"}'),
        faults.status(404),
        faults.redirect("/setup"),
    ],
)
async def test_no_hub(
    world: CozifyWorld, session: aiohttp.ClientSession, fault: faults.Fault
) -> None:
    world.hub.server.inject(fault, "/hub")
    with pytest.raises(NotCozifyError) as error:
        await identify(session, URL(world.hub.url))
    assert not isinstance(error.value, HanReaderError)


@pytest.fixture
async def reader() -> AsyncGenerator[FaultyServer]:
    """Return a HAN reader that listens."""
    server = han_reader()
    await server.start()
    yield server
    await server.stop()


async def test_han_reader(session: aiohttp.ClientSession, reader: FaultyServer) -> None:
    with pytest.raises(HanReaderError):
        await identify(session, URL(reader.url))


@pytest.mark.parametrize("usual", [True, False])
async def test_han_reader_without_the_port_of_a_hub(
    session: aiohttp.ClientSession,
    reader: FaultyServer,
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
    usual: bool,
) -> None:
    """Nothing is at the port of hubs, so it is looked for at that of readers."""
    monkeypatch.setattr(module, "HAN_PORT", URL(reader.url).port)
    if usual:
        monkeypatch.setattr(module, "HUB_PORT", unused_tcp_port)
    at_hub = URL(reader.url).with_port(unused_tcp_port)
    with pytest.raises(HanReaderError if usual else ConnectRefusedError):
        await identify(session, at_hub)
    assert reader.log.count("GET", "/han") == usual
    assert not any("Authorization" in r.headers for r in reader.log.requests)


async def test_nothing_at_either_port(
    session: aiohttp.ClientSession,
    unused_tcp_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "HAN_PORT", unused_tcp_port)
    monkeypatch.setattr(module, "HUB_PORT", unused_tcp_port)
    with pytest.raises(ConnectRefusedError):
        await identify(session, URL(f"http://127.0.0.1:{unused_tcp_port}"))


async def test_a_hub_is_found_among_han_readers(
    world: CozifyWorld, session: aiohttp.ClientSession, reader: FaultyServer
) -> None:
    world.cloud.behaviour.addresses = [reader.url, world.hub.url]
    reach = Reach(world, session, host=None)
    await reach.api.find()
    assert reach.api.host == URL(world.hub.url)
    assert reader.log.count() == 2
    assert not any("Authorization" in r.headers for r in reader.log.requests)


async def test_hub_without_a_name(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    world.hub.state.name = " "
    world.hub.state.version = "1.15.0.1"
    meta = await identify(session, URL(world.hub.url))
    assert (meta.name, meta.api) == ("Cozify", "1.15")
