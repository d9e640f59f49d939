"""A year of virtual time, in which every token expires and the user acts only once.

Cloud tokens are valid for 28 days, keys of hubs for 60. The cloud is offline for three days, and
later for 35. By then the login has expired, which is the only case that needs the user, with a new
code by email.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from custom_components.junction.backends.cozify.client.commands import Commands, switch
from custom_components.junction.backends.cozify.client.const import Remote
from custom_components.junction.backends.cozify.client.keys import Tokens
from custom_components.junction.backends.cozify.client.poller import Poller
from custom_components.junction.backends.cozify.client.state import Changes
from custom_components.junction.backends.cozify.client.tokens import claims
from custom_components.junction.backends.http import Clock
from custom_components.junction.errors import BackendError
from simulators.clock import DAY, HOUR, VirtualClock
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ..conftest import Reach, until

BEGIN = 1_790_000_000


@pytest.fixture
def clock() -> VirtualClock:
    """Return a clock that moves by jumps only."""
    return VirtualClock(BEGIN, speed=0)


class Household:
    """A hub that is polled and controlled for a long time."""

    def __init__(self, world: CozifyWorld, session: aiohttp.ClientSession) -> None:
        self.world = world
        clock = world.clock

        async def sleep(seconds: float) -> None:
            # The moments in which commands gather pass by themselves.
            if seconds < 0.5:
                await asyncio.sleep(seconds)
            else:
                await clock.sleep(seconds)

        ours = Clock(monotonic=clock.now, utcnow=lambda: _utc(clock.now()), sleep=sleep)
        world.hub.state.behaviour.delay = 0.0
        self.reach = Reach(world, session, remote=Remote.OFF, clock=ours)
        self.lost: list[BackendError] = []
        self.poller = Poller(
            self.reach.api,
            self.reach.state,
            changed=self._changed,
            lost=self.lost.append,
            clock=ours,
        )
        self.sender = Commands(self.reach.api, "devices/command", ours)
        self.answers = 0
        self.tasks: list[asyncio.Task[None]] = []

    def _changed(self, changes: Changes) -> None:
        self.answers += 1

    async def start(self) -> None:
        await self.poller.fetch()
        self.tasks = [
            asyncio.create_task(self.poller.run()),
            asyncio.create_task(self.reach.keys.run()),
        ]
        await until(lambda: self.world.hub.state.polls_now == 1)

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.sender.close()
        await until(lambda: self.world.hub.state.polls_now == 0)

    async def live(self, days: float) -> None:
        """Let days pass, in steps of half a day."""
        for _ in range(round(days * 2)):
            self.world.clock.jump(12 * HOUR)
            for _ in range(8):
                await asyncio.sleep(0.001)
            await until(self._settled)

    def _settled(self) -> bool:
        state = self.world.hub.state
        if state.polls_now == 1 and not self.world.cloud_server.log.in_flight:
            return True
        # Somebody sleeps for a moment of virtual time before trying again.
        self.world.clock.jump(1)
        return False

    async def toggle(self) -> None:
        """Toggle a light, and wait for the delta that reports it."""
        devices = self.reach.state.devices
        wanted = not devices[seed.LAMP_PLAIN].state["isOn"]
        await self.sender.send(switch(devices[seed.LAMP_PLAIN], on=wanted))

        def told() -> bool:
            # A pause between two polls may have to end first.
            self.world.clock.jump(0.1)
            return devices[seed.LAMP_PLAIN].state["isOn"] is wanted

        await until(told)


def _utc(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


@pytest.fixture
async def household(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> AsyncIterator[Household]:
    """Return a household whose keys of the hub live for 60 days."""
    world.cloud.behaviour.key_life = 60 * DAY
    household = Household(world, session)
    await household.start()
    yield household
    await household.stop()


async def test_a_year(world: CozifyWorld, household: Household) -> None:
    reach, keys = household.reach, household.reach.keys
    first = keys.tokens
    # Two months: the cloud token is refreshed daily, the key of the hub ends once.
    await household.live(65)
    await household.toggle()
    assert keys.refreshes in range(63, 67)
    assert keys.renewals == 1
    assert keys.tokens.cloud != first.cloud
    assert keys.tokens.hub != first.hub
    # Every token was stored before it was used, and none was lost.
    assert reach.stored[-1] == keys.tokens
    assert len(reach.stored) == keys.refreshes + keys.renewals
    # The firmware changes, with a restart.
    world.hub.state.version = "1.15.0.1"
    await world.hub.server.restart()
    world.hub.state.restart()
    await household.live(10)
    await household.toggle()
    assert reach.api.meta is not None
    assert reach.api.meta.api == "1.15"
    # The cloud is offline for three days without any visible effect.
    await world.cloud_server.refuse()
    await household.live(3)
    assert keys.refresh_failures > 0
    await household.toggle()
    await world.cloud_server.listen()
    await household.live(20)
    assert not keys.dead
    # The hub gets another address.
    await world.hub.move()
    await household.live(30)
    await household.toggle()
    assert [str(url) for url in reach.moves] == [world.hub.url]
    # So far the user had nothing to do, and no outage was long.
    assert reach.logins_needed == 0
    assert household.lost == []
    # The key of the hub is renewed, so that it outlives the next outage.
    world.mint.issued[keys.tokens.hub].expires = 0
    await household.live(1)
    # The cloud is away for 35 days: the login dies meanwhile, the hub works on.
    await world.cloud_server.refuse()
    await household.live(35)
    await household.toggle()
    assert not keys.dead
    await world.cloud_server.listen()
    await household.live(1)
    assert keys.dead
    assert reach.logins_needed == 1
    await household.toggle()
    # The only action of the user in this year: entering a code.
    await reach.cloud.request_code(seed.OWNER)
    token = await reach.cloud.log_in(seed.OWNER, world.cloud.code_of(seed.OWNER))
    await household.stop()
    keys.tokens = Tokens(token, keys.tokens.hub)
    keys.dead = False
    await household.start()
    await household.live(200)
    await household.toggle()
    assert world.clock.now() - BEGIN > 365 * DAY
    assert reach.logins_needed == 1
    assert household.lost == []
    assert world.hub.state.most_polls == 1
    said = claims(keys.tokens.cloud)
    assert said.expires is not None
    assert said.expires.timestamp() > world.clock.now()


async def test_hub_clock_jumps(world: CozifyWorld, household: Household) -> None:
    """A jump of the hub's clock by an hour, forward and back, has no effect."""
    for hours in (1, 0, -1):
        world.hub.state.behaviour.clock_offset = hours * 3600
        if hours <= 0:
            world.hub.state.last = 0
            world.hub.state.restart()
        await household.toggle()
    assert household.lost == []
