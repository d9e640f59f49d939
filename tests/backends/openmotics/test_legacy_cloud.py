"""The first cloud in Home Assistant: entities, requests, and refusals."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import json
from random import Random

import aiohttp
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.http import Clock, UnexpectedJsonError
from custom_components.junction.backends.openmotics.client.errors import (
    LegacyCloudGoneError,
)
from custom_components.junction.backends.openmotics.client.legacy_cloud import (
    LegacyCloudGateway,
)
from custom_components.junction.backends.openmotics.client.models import Topic
from custom_components.junction.backends.openmotics.client.stream import Stream
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from custom_components.junction.errors import BackendError, RateLimitedError
from simulators.http_faults import rate_limited, status
from simulators.openmotics.legacy_cloud import LegacyCloudServer

from .conftest import Entities, add_legacy_entry, set_up


async def test_odd_answers_of_the_legacy_cloud(
    first: LegacyCloudServer, session: aiohttp.ClientSession
) -> None:
    gateway = LegacyCloudGateway(session, "me", first.password, base=URL(first.base))
    first.server.inject(
        status(200, '"none"', content_type="application/json"), "*/get_installations"
    )
    with pytest.raises(UnexpectedJsonError):
        await gateway.installations()
    first.server.inject(
        status(200, '{"success": true}', content_type="application/json"), "*/login"
    )
    await gateway.close()
    with pytest.raises(LegacyCloudGoneError):
        await gateway.installations()


async def test_waits_keep_to_the_pause_that_polls_were_told(
    first: LegacyCloudServer, session: aiohttp.ClientSession
) -> None:
    """One cloud, two transports: it does not matter which of them it told."""
    seconds = 1000.0
    clock = Clock(monotonic=lambda: seconds)
    gateway = LegacyCloudGateway(
        session, "me", first.password, "5", base=URL(first.base), clock=clock
    )
    first.server.inject(rate_limited("60"), "*/get_output_status")
    with pytest.raises(RateLimitedError):
        await gateway.status(Topic.OUTPUTS)
    # Not even a login is sent without a reason.
    gateway._auth.headers = None
    first.server.log.clear()
    listening = Ignored()
    with pytest.raises(RateLimitedError) as caught:
        await gateway.listen(listening)
    assert caught.value.retry_after == 60
    assert not first.server.log.requests

    slept: list[float] = []

    async def sleep(wait: float) -> None:
        nonlocal seconds
        slept.append(wait)
        seconds += wait
        if len(slept) == 2:
            await asyncio.Event().wait()

    first.server.inject(rate_limited("30"), "*/get_messages_wait")
    stream = Stream(gateway, listening, clock=Clock(sleep=sleep), random=Random(1))
    task = asyncio.create_task(stream.run())
    async with asyncio.timeout(10):
        while len(slept) < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert slept == [60, 30]
    assert first.server.log.count("POST", "*wait") == 1


class Ignored:
    """Ignores all messages of a stream."""

    def live(self) -> None:
        """Nothing is missed."""

    def changed(self, states: object) -> None:
        """Something changed."""

    def stale(self, topic: Topic) -> None:
        """Something is to be read."""

    def broken(self, error: BackendError) -> None:
        """Something may be missed."""


async def test_a_message_without_a_type(
    first: LegacyCloudServer, session: aiohttp.ClientSession
) -> None:
    """It may be of either kind; unknown kinds are ignored."""
    gateway = LegacyCloudGateway(
        session, "me", first.password, "5", base=URL(first.base)
    )
    stale: list[Topic] = []

    class Listening:
        def live(self) -> None:
            first.messages.extend([{"data": 3}, {"type": "TYPE_NEW", "data": 1}])

        def changed(self, states: object) -> None:
            raise AssertionError

        def stale(self, topic: Topic) -> None:
            stale.append(topic)

    task = asyncio.create_task(gateway.listen(Listening()))
    while len(stale) < 2:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert stale == [Topic.OUTPUTS, Topic.THERMOSTATS]
    assert gateway.messages == 2


@pytest.fixture
async def old_entry(
    hass: HomeAssistant, first: LegacyCloudServer
) -> AsyncGenerator[MockConfigEntry]:
    entry = add_legacy_entry(hass, first)
    await set_up(hass, entry)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_the_legacy_cloud(
    hass: HomeAssistant,
    old_entry: MockConfigEntry,
    first: LegacyCloudServer,
    until: Callable[..., Awaitable[None]],
) -> None:
    """The message names the output; one request then returns its state."""
    entities = Entities(hass, old_entry)
    assert entities.state("output_0") == "off"
    assert entities.state("connected") == "on"
    assert "input_0_press" not in entities.all()
    counted: dict[str, int] = {}
    for request in first.server.log.requests:
        counted[request.path] = counted.get(request.path, 0) + 1
    waits = counted.pop("/api/get_messages_wait")
    assert waits <= 3
    assert set(counted.values()) == {1}
    assert len(counted) == 29
    first.server.log.clear()
    first.engine.put_output(0, True)
    await until(lambda: entities.state("output_0") == "on")
    assert first.server.log.count("POST", "/api/get_output_status") == 1
    await entities.act("light.turn_off", "output_0")
    assert not first.state.output_values[0].on
    dump = json.dumps(await async_get_config_entry_diagnostics(hass, old_entry))
    assert not [s for s in (*first.tokens, first.password, "me@example") if s in dump]


async def test_legacy_tokens_end(
    hass: HomeAssistant, old_entry: MockConfigEntry, first: LegacyCloudServer
) -> None:
    first.tokens[:] = ["another"]
    await Entities(hass, old_entry).act("light.turn_on", "output_0")
    assert first.state.output_values[0].on


async def test_a_legacy_cloud_that_does_not_wait(
    hass: HomeAssistant,
    old_entry: MockConfigEntry,
    first: LegacyCloudServer,
    until: Callable[..., Awaitable[None]],
) -> None:
    first.wait = 0.0
    first.server.log.clear()
    await until(lambda: first.server.log.count("POST", "*wait") > 0)
    count = first.server.log.count("POST", "*wait")
    assert count <= 2
