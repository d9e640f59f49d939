"""A greenhouse of Mycodo."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import time
from typing import ClassVar, override

from custom_components.junction.backends.mycodo import adapter
from simulators import http_faults
from simulators.certificates import DeviceCertificate
from simulators.clock import VirtualClock
from simulators.http_server import FaultyServer, Injection
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.plan import greenhouse
from simulators.mycodo.server import MycodoServer

from ...common import act
from ..mycodo.conftest import INSTALLATION, certificate, data_of
from .house import House

LAMP = "switch.grow_light"


class Mycodo(House):
    """Polled; a certificate of its own."""

    name: ClassVar = "mycodo"
    adapter: ClassVar = adapter
    tls: ClassVar = True
    watched = "sensor.climate_sensor_air"

    @property
    @override
    def server(self) -> FaultyServer:
        return self.mycodo.server

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        state = greenhouse(VirtualClock(time.time()))
        async with MycodoServer(state, certificate()) as self.mycodo:
            self.mycodo.database.measure()
            self.entry = self.make_entry(f"mycodo:{INSTALLATION}", data_of(self.mycodo))
            yield

    @override
    def find(self) -> None:
        self.air = 22.0

    @override
    def alter(self) -> str:
        climate = self.mycodo.state.inputs[0]
        measured, air = climate.measure, self.air + 0.5
        self.air = air
        climate.measure = lambda moment: {**measured(moment), 0: air}
        self.mycodo.database.measure_now(climate, self.mycodo.state.now())
        return str(self.air)

    @override
    async def control(self, *, on: bool) -> None:
        await act(self.hass, f"switch.turn_{'on' if on else 'off'}", LAMP)

    @override
    def is_controlled_on(self) -> bool:
        lamp = next(o for o in self.mycodo.state.outputs if o.name == "Grow light")
        return bool(lamp.channels[0].state)

    @override
    async def restart(self) -> None:
        self.mycodo.engine.restart()
        await self.server.restart()

    @override
    async def readdress(self) -> None:
        await self.reconfigure({"url": self.mycodo.url}, {"trust": "pin"})

    @override
    def partial(self) -> list[Injection]:
        def drop(found: dict[str, list[object]]) -> dict[str, list[object]]:
            return {name: rows[:1] for name, rows in found.items()}

        fault = http_faults.partial_listing(drop)
        return [self.server.inject(fault, "/api/inputs/", times=1)]

    @override
    def skew(self, seconds: float) -> None:
        self.mycodo.state.offset += seconds

    @override
    def new_certificate(self) -> DeviceCertificate:
        return make_v1_certificate()
