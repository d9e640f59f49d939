"""A DSMR-reader."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import ClassVar, override

from custom_components.junction.backends.dsmr_reader import adapter
from simulators.certificates import DeviceCertificate, make_certificate
from simulators.dsmr_reader import DsmrReaderServer, Past, PastPlan, State
from simulators.dsmr_reader.processing import past_days
from simulators.http_server import FaultyServer

from ..dsmr_reader.conftest import FINGERPRINT, reading
from ..dsmr_reader.helpers import CONTRACT, KEY, ZONE, fixture
from .house import Differs, House, Outcome


@cache
def certificate() -> DeviceCertificate:
    """Return a certificate; making one takes a while."""
    return make_certificate("reader")


class DsmrReader(House):
    """Polled; nothing can be steered. A certificate of its own."""

    name: ClassVar = "dsmr_reader"
    tls: ClassVar = True
    adapter: ClassVar = adapter
    steers: ClassVar = False
    differs: ClassVar = {
        "403": Differs(Outcome.LOGIN, "so it refuses a key"),
        "partial_listing": Differs(Outcome.ABSENT, "it has no list of devices"),
    }

    @property
    @override
    def server(self) -> FaultyServer:
        return self.reader.server

    @override
    @asynccontextmanager
    async def simulated(self) -> AsyncGenerator[None]:
        await self.hass.config.async_set_time_zone(ZONE.key)
        now = datetime.now(UTC).replace(microsecond=0)
        past = Past(PastPlan(start=now - timedelta(days=1), end=now, keep_days=1))
        state = State(key=KEY, past=past, prices=[CONTRACT])
        meter = fixture("meter_statistics")["response"]["body"]
        del meter["id"], meter["rejected_telegrams"]
        meter["timestamp"] = datetime.fromisoformat(meter["timestamp"])
        state.meter = meter
        past_days(state)
        async with DsmrReaderServer(state, certificate()) as self.reader:
            self.entry = self.make_entry(
                f"dsmr_reader:{FINGERPRINT}",
                {
                    "backend": "dsmr_reader",
                    "url": self.reader.url,
                    "api_key": KEY,
                    "verify_ssl": True,
                    "pin": certificate().sha256,
                    "fingerprint": None,
                },
                options={"history": False},
            )
            yield

    @override
    def find(self) -> None:
        self.power = Decimal("1.0")
        self.watched = self.entity_id("server", "power_import")

    @override
    def alter(self) -> str:
        self.power += Decimal("0.5")
        self.reader.state.new.add(reading(electricity_currently_delivered=self.power))
        return str(self.power)

    @override
    async def readdress(self) -> None:
        await self.reconfigure(
            {
                "url": self.reader.url,
                "api_key": KEY,
                "proxy": {},
            },
            {"trust": "pin"},
        )

    @override
    def skew(self, seconds: float) -> None:
        now = self.reader.state.now
        self.reader.state.now = lambda: now() + timedelta(seconds=seconds)

    @override
    def new_certificate(self) -> DeviceCertificate:
        return make_certificate("another reader")
