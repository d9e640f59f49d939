"""A simulated meter on a real line, and Home Assistant at its other end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.dsmr.adapter import DsmrBackend
from custom_components.junction.backends.dsmr.settings import (
    CONF_BAUDRATE,
    CONF_EQUIPMENT,
    CONF_PORT,
    NAME,
)
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.devices import device_identifier
from simulators.clock import HOUR, VirtualClock
from simulators.house import House
from simulators.minutes import HousePlan
from simulators.p1_meter import (
    MeterControl,
    MeterPlan,
    MeterServer,
    P1Meter,
    TcpTransport,
    Transport,
)

from .lines import TcpMeter, meter

IDENT = "4530303839303031323033343536373235"
"""What the simulated meter of DSMR 5 prints as its number."""

EVENING = 21
"""The hour in a house's own time at which tests find it."""


class Simulation:
    """A running meter and its controls."""

    def __init__(self, server: MeterServer) -> None:
        self.server = server
        self.meter = server.meter
        self.control = MeterControl(server)
        self.transport = server.transport

    @property
    def address(self) -> str:
        return self.transport.address

    @property
    def equipment(self) -> str | None:
        """The meter's number as it is printed."""
        meter = self.meter
        telegram = meter.encoder.encode(meter.metering.registers, meter.style)
        found: str | None = meter.expected(telegram)["equipment_id"]
        return found

    async def sent(self, count: int) -> None:
        """Return when so many more telegrams went out."""
        await self.server.wait_sent(self.meter.sequence + count)


@asynccontextmanager
async def simulated(
    dialect: str = "5",
    transport: Transport | None = None,
    *,
    speed: float = 20,
    pace: bool = False,
    **plan: Any,
) -> AsyncIterator[Simulation]:
    """Run a meter whose clock is right at first, and runs so many times too fast.

    It is evening in its house, whatever the clock says: with the sun up, what is drawn
    may be 0 W for hours.
    """
    now = int(time.time())
    clock = VirtualClock(now, speed)
    house = House(clock, HousePlan(plan.get("seed", 1), EVENING - now // HOUR % 24))
    made = P1Meter(MeterPlan(dialect, **plan), clock=clock, house=house)
    transport = transport or TcpTransport(made.dialect.baud)
    async with MeterServer(made, transport, pace=pace) as server:
        yield Simulation(server)


def entry_for(
    port: str,
    equipment: str | None = IDENT,
    *,
    options: dict[str, Any] | None = None,
    unique_id: str | None = None,
    **data: Any,
) -> MockConfigEntry:
    """Return an entry as the config flow makes it."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Meter",
        unique_id=unique_id or f"dsmr:{equipment or 'header:x'}",
        data={
            CONF_BACKEND: NAME,
            CONF_PORT: port,
            CONF_BAUDRATE: 115200,
            CONF_EQUIPMENT: equipment,
            **data,
        },
        options=options or {},
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add an entry and set it up, successfully or not."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def backend_of(entry: MockConfigEntry) -> DsmrBackend:
    """Return the backend of a loaded entry."""
    backend = entry.runtime_data.backend
    assert isinstance(backend, DsmrBackend)
    return backend


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Return as soon as a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def entity_id(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    point: str,
    device: str = "meter",
    platform: str = "sensor",
) -> str | None:
    """Return the entity of a point."""
    return er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"{entry.unique_id}/{device}/{point}"
    )


def state(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    point: str,
    device: str = "meter",
    platform: str = "sensor",
) -> State:
    """Return the state of a point, which must have one."""
    found = entity_id(hass, entry, point, device, platform)
    assert found is not None, (device, point)
    shown = hass.states.get(found)
    assert shown is not None, found
    return shown


def shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    point: str,
    device: str = "meter",
    platform: str = "sensor",
) -> str:
    """Return the state of a point."""
    return state(hass, entry, point, device, platform).state


def connected(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the state of the connectivity sensor."""
    return shown(hass, entry, "connected", platform="binary_sensor")


def device(
    hass: HomeAssistant, entry: MockConfigEntry, name: str = "meter"
) -> dr.DeviceEntry | None:
    """Return a device of an entry."""
    return dr.async_get(hass).async_get_device_by_identifier(
        device_identifier(entry, name), entry.entry_id
    )


@asynccontextmanager
async def heard(
    hass: HomeAssistant, *raw: bytes, options: dict[str, Any] | None = None, **data: Any
) -> AsyncIterator[tuple[MockConfigEntry, TcpMeter]]:
    """Set up Home Assistant with a gateway that sends these bytes first."""
    async with meter() as gateway:
        entry = entry_for(
            gateway.url, None, unique_id="dsmr:test", options=options, **data
        )
        start = hass.async_create_task(set_up(hass, entry))
        await gateway.connected.wait()
        for telegram in raw:
            gateway.send(telegram)
        await start
        assert entry.state is ConfigEntryState.LOADED, entry.reason
        yield entry, gateway
        if hass.config_entries.async_get_entry(entry.entry_id) is not None:
            await hass.config_entries.async_unload(entry.entry_id)


async def tell(
    hass: HomeAssistant, entry: MockConfigEntry, gateway: TcpMeter, *raw: bytes
) -> None:
    """Send telegrams and wait until all are taken in."""
    statistics = backend_of(entry)._listener.statistics
    for telegram in raw:
        count = statistics.telegrams + 1
        gateway.send(telegram)
        async with asyncio.timeout(10):
            while statistics.telegrams < count:
                await asyncio.sleep(0.002)
    await hass.async_block_till_done()
