"""An installation of OpenMotics: its gateway, the cloud of today, and the first cloud."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, override

from yarl import URL

from custom_components.junction.backends.openmotics import adapter
from custom_components.junction.backends.openmotics.client import legacy_cloud as legacy
from custom_components.junction.backends.openmotics.client.cloud import (
    api as cloud,
    session as cloud_session,
)
from simulators import http_faults
from simulators.certificates import DeviceCertificate, make_certificate
from simulators.http_server import FaultyServer, Injection
from simulators.openmotics.cloud import OFFSET, CloudServer
from simulators.openmotics.engine import Engine
from simulators.openmotics.legacy_cloud import LegacyCloudServer
from simulators.openmotics.plan import ADMIN, house
from simulators.openmotics.server import GatewayServer

from ...common import act
from ..openmotics.conftest import MAC, UUID, Time, certificate, entry_data
from .house import Differs, House, Outcome

_SENSOR = 1


class _OpenMotics(House):
    """Common part of the three."""

    adapter: ClassVar = adapter
    offset: ClassVar = 0

    @property
    def engine(self) -> Engine:
        raise NotImplementedError

    @override
    def find(self) -> None:
        self.temperature = 20.5
        site = next(
            e.unique_id.rpartition("/")[0].rpartition("/")[2]
            for e in self.entities()
            if e.unique_id.endswith(f"/sensor_{self.offset + _SENSOR}")
        )
        self.watched = self.entity_id(site, f"sensor_{self.offset + _SENSOR}")
        self.lamp = next(
            e.entity_id
            for e in self.entities()
            if e.unique_id.endswith(f"/output_{self.offset}")
        )

    @override
    def alter(self) -> str:
        self.temperature += 0.5
        self.engine.measure(_SENSOR, self.temperature)
        return str(self.temperature)

    @override
    async def control(self, *, on: bool) -> None:
        await act(self.hass, f"light.turn_{'on' if on else 'off'}", self.lamp)

    @override
    def is_controlled_on(self) -> bool:
        return self.engine.state.output_values[0].on


class OpenMoticsLocal(_OpenMotics):
    """Pushed by a websocket, polled beside it; a certificate of its own."""

    name: ClassVar = "openmotics_local"
    tls: ClassVar = True
    interval: ClassVar = 301.0
    survey: ClassVar = 901.0

    @property
    @override
    def server(self) -> FaultyServer:
        return self.gateway.server

    @property
    @override
    def engine(self) -> Engine:
        return self.gateway.engine

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        self.moment = Time()
        state = house(self.moment)
        async with GatewayServer(state, certificate()) as self.gateway:
            self.entry = self.make_entry(f"openmotics:{MAC}", entry_data(self.gateway))
            yield

    @override
    async def inject(
        self, fault: http_faults.Fault, times: int | None = None
    ) -> list[Injection]:
        if times is None:
            self.server.inject(http_faults.status(503), "/ws_events")
            await self.gateway.close_sockets()
        return [self.server.inject(fault, "/[!w]*", times=times)]

    @override
    async def restart(self) -> None:
        await self.gateway.restart()

    @override
    async def readdress(self) -> None:
        await self.reconfigure(
            {
                "url": self.gateway.url,
                "username": ADMIN.name,
                "password": ADMIN.password,
            },
            {"trust": "pin"},
        )

    @override
    def partial(self) -> list[Injection]:
        fault = http_faults.partial_listing(_half)
        return [self.server.inject(fault, "/get_output_configurations", times=1)]

    @override
    def skew(self, seconds: float) -> None:
        self.moment.ahead += seconds

    @override
    def new_certificate(self) -> DeviceCertificate:
        return make_certificate("another gateway")


def _half(found: dict[str, Any]) -> dict[str, Any]:
    """Take half of every list away."""
    return {
        name: rows[: len(rows) // 2] if isinstance(rows, list) else rows
        for name, rows in found.items()
    }


_ONE_ADDRESS = Differs(Outcome.ABSENT, "the cloud has one address, with a known name")


class OpenMoticsCloud(_OpenMotics):
    """Polled."""

    name: ClassVar = "openmotics_cloud"
    offset: ClassVar = OFFSET
    interval: ClassVar = 91.0
    survey: ClassVar = 901.0
    differs: ClassVar = {"moved": _ONE_ADDRESS}

    @property
    @override
    def server(self) -> FaultyServer:
        return self.cloud.server

    @property
    @override
    def engine(self) -> Engine:
        return self.cloud.engine

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        self.moment = Time()
        async with CloudServer(house(self.moment)) as self.cloud:
            setattr_ = self.monkeypatch.setattr
            setattr_(cloud, "BASE", URL(self.cloud.base))
            setattr_(cloud_session, "NEW_LOGIN", URL(f"{self.server.url}/new/token"))
            self.entry = self.make_entry(
                "openmotics:cloud:21",
                {
                    "backend": "openmotics",
                    "transport": "cloud",
                    "client_id": UUID,
                    "client_secret": "new-s3cret",
                    "installation": "21",
                },
            )
            yield

    @override
    def partial(self) -> list[Injection]:
        fault = http_faults.partial_listing(_half)
        return [self.server.inject(fault, "*/outputs", times=1)]

    @override
    def skew(self, seconds: float) -> None:
        self.moment.ahead += seconds


class OpenMoticsLegacyCloud(_OpenMotics):
    """A long poll names the objects to request."""

    name: ClassVar = "openmotics_legacy_cloud"
    interval: ClassVar = 301.0
    survey: ClassVar = 901.0
    differs: ClassVar = {"moved": _ONE_ADDRESS}

    @property
    @override
    def server(self) -> FaultyServer:
        return self.first.server

    @property
    @override
    def engine(self) -> Engine:
        return self.first.engine

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        self.moment = Time()
        async with LegacyCloudServer(house(self.moment)) as self.first:
            self.monkeypatch.setattr(legacy, "BASE", URL(self.first.base))
            self.entry = self.make_entry(
                "openmotics:legacy_cloud:5",
                {
                    "backend": "openmotics",
                    "transport": "legacy_cloud",
                    "username": "me@example.org",
                    "password": self.first.password,
                    "installation": "5",
                },
            )
            yield

    @override
    async def inject(
        self, fault: http_faults.Fault, times: int | None = None
    ) -> list[Injection]:
        if times is not None:
            return [self.server.inject(fault, "/api/get_*", times=times)]
        injected = await super().inject(fault)
        self.server.drop_connections()
        return injected

    @override
    async def restart(self) -> None:
        self.first.tokens.clear()
        await self.server.restart()

    @override
    def partial(self) -> list[Injection]:
        fault = http_faults.partial_listing(_half)
        return [self.server.inject(fault, "*/get_output_configurations", times=1)]

    @override
    def skew(self, seconds: float) -> None:
        self.moment.ahead += seconds
