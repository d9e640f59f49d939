"""One house with all the systems in it, on one clock.

A load switched in one system is visible in the others: a light of OpenMotics or Cozify and a
heater of Mycodo raise the power on the meter, the sun lowers it, DSMR-reader gets the meter's
telegrams, and IOTile's pod counts the water. Everything follows from the seed, the clock, and
the switched loads. From the command line::

    python -m simulators.one_house --speed 60

prints one line of JSON with the address of each, and runs until it is stopped.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
import json
import os
import signal
import time
from typing import Final, Self

from .certificates import make_certificate
from .clock import VirtualClock
from .cozify.server import CozifyWorld
from .dsmr_reader import DsmrReaderServer, State as ReaderState, Vendor, make_key
from .house import House
from .iotile.server import IOTileServer
from .iotile.world import house as water_world
from .minutes import HousePlan
from .mycodo.certificate import make_v1_certificate
from .mycodo.plan import greenhouse
from .mycodo.server import MycodoServer
from .openmotics.plan import house as furnished
from .openmotics.server import GatewayServer
from .p1_meter import DEFAULT_START, MeterPlan, MeterServer, P1Meter, TcpTransport
from .ties import Datalogger, GatewayTie, HubTie, WaterTie

DIALECT: Final = "5B-2.1"
"""Dialect of the meter, the one with the most registers."""


class OneHouse:
    """The house, and its six systems as servers on loopback. Usable with ``async with``.

    ``speed`` is the number of simulated seconds per real second. At 0 time advances only through
    ``live``.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        start: float = DEFAULT_START,
        speed: float = 1.0,
        plan: HousePlan | None = None,
    ) -> None:
        """Prepare the servers; they listen on entering the context. A ``plan`` has its own seed."""
        self.clock = clock = VirtualClock(start, speed)
        self.house = house = House(clock, plan or HousePlan(seed))
        self.meter = P1Meter(MeterPlan(DIALECT, house.plan.seed), house=house)
        self.meter_server = MeterServer(self.meter, TcpTransport(max_clients=2))
        self.mycodo = MycodoServer(
            greenhouse(clock, house), make_v1_certificate(), house
        )
        self.gateway = GatewayServer(
            furnished(clock.now), make_certificate("openmotics"), seed=seed
        )
        self.cozify = CozifyWorld(clock, seed=seed)
        self.reader = DsmrReaderServer(
            ReaderState(
                make_key(f"{seed}/reader"),
                vendor=Vendor.FLUVIUS,
                now=lambda: datetime.fromtimestamp(clock.now(), UTC),
            )
        )
        self.iotile = IOTileServer(water_world(clock))
        self.datalogger = Datalogger(self.meter_server, self.reader)
        self.gateway_tie = GatewayTie(house, self.gateway)
        self.hub_tie = HubTie(house, self.cozify.hub)
        WaterTie(house, self.iotile.world)
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start all systems."""
        async with AsyncExitStack() as stack:
            for system in (
                *(self.meter_server, self.mycodo, self.gateway, self.cozify),
                *(self.reader, self.iotile, self.datalogger),
            ):
                await stack.enter_async_context(system)
            self._running = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop all systems."""
        await self._running.aclose()

    @property
    def net_power(self) -> int:
        """Return the power from the grid in W of the last telegram; negative while exporting."""
        said = self.meter.expected(self.meter.log[-1].telegram)["values"]
        drawn, fed = (
            round(float(said[obis]["value"]) * 1000)
            for obis in ("1-0:1.7.0", "1-0:2.7.0")
        )
        return drawn - fed

    async def live(self, seconds: int = 1) -> None:
        """Advance the time, telegram by telegram; DSMR-reader has received each one."""
        end = self.clock.now() + seconds
        while (moment := self.meter.next_moment()) <= end:
            expected = self.meter.sequence + 1
            self.clock.set(moment)
            # Before the meter takes its turn, instead of at the daemon's own pace.
            self.mycodo.engine.settle()
            await self.meter_server.wait_sent(expected)
            await self.datalogger.until(expected)
            self.gateway_tie.measure()
            self.hub_tie.measure()
        self.clock.set(end)
        self.house.update()


async def _serve(seed: int, speed: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with OneHouse(seed=seed, start=time.time(), speed=speed) as one:
        where = {
            "meter": one.meter_server.transport.address,
            "dsmr_reader": one.reader.url,
            "mycodo": one.mycodo.url,
            "openmotics": one.gateway.url,
            "cozify_cloud": one.cozify.cloud_url,
            "cozify_hub": one.cozify.hub.url,
            "iotile": one.iotile.url,
        }
        print(json.dumps({**where, "pid": os.getpid()}), flush=True)
        await stop.wait()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the house from the command line, until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m simulators.one_house",
        description="Simulate a house with six systems, on loopback.",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--speed", type=float, default=1.0, help="virtual seconds per second"
    )
    arguments = parser.parse_args(argv)
    asyncio.run(_serve(arguments.seed, arguments.speed))


if __name__ == "__main__":
    main()
