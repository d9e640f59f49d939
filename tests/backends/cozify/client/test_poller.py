"""The poller: one request at a time, at the right intervals."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from custom_components.junction.backends.cozify.client import poller as poller_module
from custom_components.junction.backends.cozify.client.api import Route
from custom_components.junction.backends.cozify.client.const import Remote
from custom_components.junction.backends.cozify.client.poller import Poller
from custom_components.junction.backends.cozify.client.state import Changes
from custom_components.junction.errors import BackendError, UnreachableError
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ..conftest import Reach, until


class Watched:
    """A poller, and the changes that it reported."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.changes: list[Changes] = []
        self.losses: list[BackendError] = []
        self.poller = Poller(
            reach.api,
            reach.state,
            changed=self.changes.append,
            lost=self.losses.append,
        )
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.poller.fetch()
        self.task = asyncio.create_task(self.poller.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def watched(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> AsyncIterator[Watched]:
    """Return a poller that may only use the local network."""
    watched = Watched(Reach(world, session, remote=Remote.OFF))
    yield watched
    await watched.stop()


@pytest.mark.parametrize("nothing", ["304", "204", "null", "empty", "delta"])
async def test_hub_that_does_not_hold(
    world: CozifyWorld,
    watched: Watched,
    nothing: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hub that responds at once is polled after each pause, and not more often."""
    monkeypatch.setitem(poller_module.PAUSES, Route.LOCAL, 0.2)
    world.hub.state.behaviour.hold = 0.0
    world.hub.state.behaviour.nothing = nothing
    await watched.start()
    await asyncio.sleep(0.7)
    assert 3 <= watched.poller.polls <= 5
    world.hub.state.set(seed.PLUG, isOn=True)
    await until(lambda: any(c.all for c in watched.changes[1:]))
    assert world.hub.state.most_polls == 1


async def test_more_often_after_a_command(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(poller_module.PAUSES, Route.LOCAL, 60.0)
    world.hub.state.behaviour.hold = 0.0
    await watched.start()
    await until(lambda: watched.poller.polls >= 2)
    world.hub.state.set(seed.PLUG, isOn=True)
    watched.poller.expect()
    await until(lambda: any(c.all for c in watched.changes[1:]))


@pytest.mark.parametrize("as_list", [False, True])
async def test_shapes(world: CozifyWorld, watched: Watched, as_list: bool) -> None:
    world.hub.state.behaviour.as_list = as_list
    world.hub.state.behaviour.every_kind = True
    await watched.start()
    world.hub.state.set(seed.PLUG, isOn=True)
    await until(lambda: any(c.all for c in watched.changes[1:]))
    assert not watched.changes[-1].full


async def test_everything_is_read_now_and_then(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "RESYNC", 0.2)
    world.hub.state.behaviour.hold = 0.1
    await watched.start()
    await until(lambda: watched.poller.fulls >= 3)


async def test_same_again_after_a_lost_poll(
    world: CozifyWorld, watched: Watched
) -> None:
    """A lost poll is repeated with the same timestamp, so no change is lost."""
    await watched.start()
    await until(lambda: world.hub.state.polls_now)
    ts = watched.reach.state.ts
    world.hub.server.drop_connections()
    await until(lambda: world.hub.server.log.count("GET", "*/hub/poll") == 3)
    polls = world.hub.server.log.to("GET", "*/hub/poll")
    assert [poll.query["ts"] for poll in polls] == ["0", str(ts), str(ts)]
    assert watched.losses == []


async def test_fetch_while_lost(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch while the hub is lost returns an error instead of waiting."""
    monkeypatch.setattr(poller_module, "BACKOFF", (60.0,))
    await watched.start()
    await world.hub.server.refuse()
    with pytest.raises(UnreachableError):
        await watched.poller.fetch()
    assert len(watched.losses) == 1
    await world.hub.server.listen()
    await asyncio.gather(watched.poller.fetch(), watched.poller.fetch())
    assert watched.changes[-1].full


async def test_fetch_while_stopping(world: CozifyWorld, watched: Watched) -> None:
    await watched.start()
    world.hub.server.inject(faults.hang(), "*/hub/poll")
    fetching = asyncio.create_task(watched.poller.fetch())
    await asyncio.sleep(0.05)
    await watched.stop()
    with pytest.raises(UnreachableError):
        await fetching


async def test_hang(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "POLL_TIMEOUT", 0.3)
    monkeypatch.setattr(poller_module, "BACKOFF", (0.1,))
    await watched.start()
    for fault in (faults.hang(), faults.slow_drip(0.2)):
        world.hub.state.behaviour.hold = 0.0
        world.hub.server.inject(fault, "*/hub/poll")
        world.hub.state.set(seed.PLUG, isOn=False)
        losses = len(watched.losses)
        await until(lambda: len(watched.losses) > losses)  # noqa: B023 - awaited here
        world.hub.server.heal()
        answers = len(watched.changes)
        await until(lambda: len(watched.changes) > answers)  # noqa: B023 - likewise
    assert {error.key for error in watched.losses} == {"timed_out"}


async def test_asked_to_slow_down(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.start()
    slow = world.hub.server.inject(faults.rate_limited("1"), "*/hub/poll", times=1)
    world.hub.state.set(seed.PLUG, isOn=True)
    await until(lambda: slow.hits)
    before = world.hub.server.log.count()
    await asyncio.sleep(0.5)
    assert world.hub.server.log.count() == before
    await until(lambda: world.hub.state.polls_now)
    assert watched.losses == []


async def test_time_that_runs_backwards(world: CozifyWorld, watched: Watched) -> None:
    """A delta with an earlier timestamp causes a full refresh."""
    await watched.start()
    await until(lambda: world.hub.state.polls_now)
    watched.reach.state.ts += 3_600_000
    world.hub.state.set(seed.PLUG, isOn=True)
    await until(lambda: watched.poller.fulls >= 2)
    assert watched.reach.state.devices[seed.PLUG].state["isOn"] is True


async def test_live_while_the_hub_holds_polls_and_answers(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "HELD", 0.05)
    world.hub.state.behaviour.hold = 0.1
    assert not watched.poller.is_live
    await watched.start()
    await until(lambda: watched.poller.is_live)
    # A change ends a poll early; that does not mean that polls are not held.
    world.hub.state.set(seed.PLUG, isOn=True)
    await until(lambda: watched.reach.state.devices[seed.PLUG].state["isOn"])
    assert watched.poller.is_live
    await world.hub.server.refuse()
    await until(lambda: not watched.poller.is_live)


async def test_not_live_if_the_hub_answers_at_once(
    world: CozifyWorld, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(poller_module.PAUSES, Route.LOCAL, 0.02)
    world.hub.state.behaviour.hold = 0.0
    await watched.start()
    await until(lambda: watched.poller.polls >= 5)
    assert not watched.poller.is_live
