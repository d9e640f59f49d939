"""An account of an IOTile Cloud."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, ClassVar, override

from custom_components.junction.backends.iotile import adapter
from simulators import http_faults
from simulators.certificates import DeviceCertificate, make_certificate
from simulators.clock import HOUR, VirtualClock
from simulators.http_server import FaultyServer, Injection
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import house

from ..iotile.conftest import BOILER, INSTALLATION, NOW
from .house import House, Time


@cache
def certificate() -> DeviceCertificate:
    """Return a certificate; making one takes a while."""
    return make_certificate("cloud")


class Standing(Time):
    """A clock that only jumps, from the moment of the simulated data."""

    @override
    def monotonic(self) -> float:
        return NOW + self.ahead

    @override
    def utcnow(self) -> datetime:
        seconds = self.ahead + self.wrong
        return datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds)


class IOTile(House):
    """Polled every ten minutes; nothing can be steered."""

    name: ClassVar = "iotile"
    adapter: ClassVar = adapter
    steers: ClassVar = False
    tls: ClassVar = True
    interval: ClassVar = 601.0
    survey: ClassVar = 6 * HOUR + 1.0
    watched = "sensor.boiler_room_temperatures_external_500f"

    @override
    def make_time(self) -> Time:
        return Standing()

    @property
    @override
    def server(self) -> FaultyServer:
        return self.cloud

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        world = house(VirtualClock(NOW, 0))
        async with IOTileServer(world, certificate()) as self.cloud:
            self.entry = self.make_entry(
                f"iotile:{INSTALLATION}",
                {
                    "backend": "iotile",
                    "url": self.cloud.url,
                    "email": world.users[0].email,
                    "token": world.users[0].token,
                    "verify_ssl": True,
                    "pin": certificate().sha256,
                },
            )
            yield

    @override
    def find(self) -> None:
        self.number = 0

    @override
    def go(self, seconds: float) -> None:
        self.cloud.world.clock.jump(seconds)
        super().go(seconds)

    @override
    def alter(self) -> str:
        self.number += 1
        moment = NOW // HOUR * HOUR + self.number * 60 + self.time.ahead
        row = self.cloud.world.add(
            BOILER, moment, 3000 + 100 * self.number, local_id=5000 + self.number
        )
        assert row.value is not None
        return f"{row.value - 273.15:.2f}"

    @override
    def shown(self, entity_id: str | None = None) -> str:
        state = super().shown(entity_id)
        try:
            return f"{float(state):.2f}"
        except ValueError:
            return state

    @override
    async def readdress(self) -> None:
        user = self.cloud.world.users[0]
        await self.reconfigure(
            {"url": self.cloud.url, "email": user.email, "password": user.password},
            {"trust": "pin"},
        )

    @override
    def partial(self) -> list[Injection]:
        def drop(found: dict[str, Any]) -> dict[str, Any]:
            rows = [r for r in found["results"] if r["slug"] == BOILER]
            return {**found, "count": len(rows), "next": None, "results": rows}

        fault = http_faults.partial_listing(drop)
        return [self.server.inject(fault, "*/stream/", times=1)]

    @override
    def skew(self, seconds: float) -> None:
        world = self.cloud.world
        world.clock = VirtualClock(world.clock.now() + seconds, 0)

    @override
    def new_certificate(self) -> DeviceCertificate:
        return make_certificate("another cloud")
