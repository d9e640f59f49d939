"""A hub of Cozify in the local network."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import time
from typing import Any, ClassVar, override

from yarl import URL

from custom_components.junction.backends.cozify import adapter
from custom_components.junction.backends.cozify.client import poller
from custom_components.junction.backends.cozify.entities import login
from simulators import http_faults
from simulators.clock import VirtualClock
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld
from simulators.http_server import FaultyServer, Injection

from ...common import act
from ..cozify.conftest import data_of
from .house import Differs, House, Outcome


class CozifyHub(House):
    """Pushed by a poll that the hub holds. Without the way through the cloud."""

    name: ClassVar = "cozify_hub"
    adapter: ClassVar = adapter
    remote: ClassVar = "off"
    confirm_after: ClassVar = (0.1, 0.3)
    refreshes: ClassVar = 6
    differs: ClassVar = {
        "empty_body": Differs(Outcome.LATER, "so some hubs say that nothing happened"),
        "moved": Differs(Outcome.KEPT, "the cloud knows where the hub went"),
    }

    @property
    @override
    def server(self) -> FaultyServer:
        return self.world.hub.server

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        # Every pause between two tries lasts until time goes.
        self.monkeypatch.setattr(poller, "BACKOFF", (10.0, 10.0))
        async with CozifyWorld(VirtualClock(time.time())) as self.world:
            self.hub = self.world.hub.state
            self.hub.behaviour.delay = 0.01
            for module in (adapter, login):
                self.monkeypatch.setattr(module, "CLOUDS", (URL(self.world.cloud_url),))
            self.entry = self.make_entry(
                f"cozify:{seed.HUB_ID}",
                data_of(self.world),
                options={"remote": self.remote},
            )
            yield

    @override
    async def settled(self) -> None:
        """Wait until a poll is held, or the next try waits for time to go."""
        await asyncio.sleep(0.01)
        link = self.entry.runtime_data.backend.poller
        enough = link.polls + 5
        # The care of the tokens sleeps all the time. Some polls are not held.
        await self.until(
            lambda: self.hub.polls_now or self.time.sleeping > 1 or link.polls > enough,
            seconds=10,
        )
        await self.hass.async_block_till_done()

    @override
    async def refresh(self, seconds: float | None = None) -> None:
        # Wait until the change to the held poll is noticed before time advances.
        await asyncio.sleep(0.02)
        await self.settled()
        await super().refresh(seconds)

    @override
    def find(self) -> None:
        self.temperature = 21.3
        self.watched = self.entity_id(seed.CLIMATE_SENSOR, "temperature")
        self.lamp = self.entity_id(seed.LAMP_RGBW, "light")

    @override
    def alter(self) -> str:
        self.temperature = round(self.temperature + 0.5, 1)
        self.hub.set(seed.CLIMATE_SENSOR, temperature=self.temperature)
        return str(self.temperature)

    @override
    async def control(self, *, on: bool) -> None:
        await act(self.hass, f"light.turn_{'on' if on else 'off'}", self.lamp)

    @override
    def is_controlled_on(self) -> bool:
        return bool(self.world.device(seed.LAMP_RGBW)["state"]["isOn"])

    @override
    async def inject(
        self, fault: http_faults.Fault, times: int | None = None
    ) -> list[Injection]:
        injected = await super().inject(fault, times)
        self.server.drop_connections()
        return injected

    @override
    async def restart(self) -> None:
        await self.world.hub.restart()

    @override
    async def move(self) -> None:
        await self.world.hub.move()

    @override
    async def readdress(self) -> None:
        """Do nothing: it is found again."""

    @override
    def partial(self) -> list[Injection]:
        def drop(found: Any) -> Any:
            for delta in found["polls"]:
                if delta["type"] == "DEVICE_DELTA":
                    devices = delta["devices"]
                    for key in [k for k in devices if k != seed.CLIMATE_SENSOR][::2]:
                        del devices[key]
            return found

        self.hub.restart()
        fault = http_faults.partial_listing(drop)
        injected = [self.server.inject(fault, "*/hub/poll", times=1)]
        self.server.drop_connections()
        return injected

    @override
    def skew(self, seconds: float) -> None:
        self.hub.behaviour.clock_offset += seconds


class CozifyRemote(CozifyHub):
    """The same hub from afar: every request goes through the cloud."""

    name: ClassVar = "cozify_remote"
    remote: ClassVar = "only"

    @property
    @override
    def server(self) -> FaultyServer:
        return self.world.cloud_server
