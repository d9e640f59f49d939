"""Home Assistant core's own ``dsmr`` beside Junction, with a meter of the same house."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from simulators.house import House
from simulators.p1_meter import MeterPlan, MeterServer, P1Meter, TcpTransport

from .api import Api
from .flow import CONFIG_FLOW, follow

NAME: Final = "core's dsmr"
# Core's name of the DSMR version of the demo's meter.
_VERSION: Final = "5B"
_DIALECT: Final = "5B-2.1"


@asynccontextmanager
async def core_meter(house: House) -> AsyncGenerator[str]:
    """Run a second meter that measures the same house; yield its address."""
    meter = P1Meter(MeterPlan(_DIALECT), house=house)
    async with MeterServer(meter, TcpTransport(meter.dialect.baud)) as server:
        yield server.transport.address


async def add_core_meter(api: Api, address: str) -> str:
    """Add it through core's config flow, and return the id of the entry."""
    start = {"handler": "dsmr", "show_advanced_options": False}
    answers = {"user": {"port": address, "dsmr_version": _VERSION}}
    return (await follow(api, CONFIG_FLOW, start, answers)).entry_id
