"""Ties between the simulated systems and the house: who switches and who measures what.

A tie takes the house and one system's own controls. It registers the loads that the system
switches, keeps them in step with the system, and feeds the system's sensors from the house.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Self

import aiohttp

from .clock import HOUR, MINUTE
from .cozify.seed import CLIMATE_SENSOR, CO2, PLUG
from .cozify.server import SimulatedHub
from .dsmr_reader import DsmrReaderServer
from .dsmr_reader.processing import process
from .house import House, Load, Segment
from .iotile.world import World
from .openmotics.server import GatewayServer
from .p1.server import MeterServer

# OpenMotics: the load by output number; the measured room and quantity by sensor number.
GATEWAY_LOADS: Final[Mapping[int, Load]] = {
    0: Load("ceiling lamp", 60, room="living room", lumens=800),
    1: Load("kitchen outlet", 150, phase=2, room="kitchen"),
    8: Load("dimmed lamp", 40, room="living room", lumens=500),
    9: Load("kitchen lamp", 40, phase=2, room="kitchen", lumens=600),
    10: Load("towel heater", 300, phase=3, room="bathroom"),
}
GATEWAY_DIMMED: Final = frozenset({8, 9, 10})
GATEWAY_SENSORS: Final[Mapping[int, tuple[str, str]]] = {
    1: ("living room", "temperature"),
    2: ("kitchen", "temperature"),
    3: ("living room", "humidity"),
    5: ("bedroom", "carbon_dioxide"),
    7: ("garden", "brightness"),
}
# Energy module: the output measured by each connected current clamp, by port.
GATEWAY_CLAMPS: Final[Mapping[int, int]] = {0: 0, 1: 1, 2: 8, 3: 9}
_ENERGY_MODULE: Final = 1

# Cozify: the load by device name; other lights and plugs are small ones.
HUB_LOADS: Final[Mapping[str, Load]] = {
    load.name: load
    for load in (
        Load("Table hanger 3", 8, room="living room", lumens=600),
        Load("JP Bookshelf", 14, room="living room", lumens=500),
        Load("Keittiö", 9, room="kitchen", lumens=700),
        Load("Kahvinkeitin", 1000, phase=2, room="kitchen"),
    )
}
_SMALL: Final = Load("", 9, phase=3)
HUB_SENSORS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    (CLIMATE_SENSOR, "temperature"): ("bedroom", "temperature"),
    (CLIMATE_SENSOR, "humidity"): ("bedroom", "humidity"),
    (CO2, "co2Ppm"): ("study", "carbon_dioxide"),
}

# IOTile: the stream in which the water meter's pod reports gallons, and its interval.
WATER_STREAM: Final = "s--0000-0005--0000-0000-0000-0097--5001"
WATER_TOTAL: Final = "s--0000-0005--0000-0000-0000-0000--6001"
"""Virtual stream of the project with the meter reading, in liters."""
WATER_INTERVAL: Final = 10 * MINUTE
_GALLON: Final = 378_541
"""A US gallon, in 0.01 ml."""

_REMEMBERED: Final = 60


class _Readings[KeyT]:
    """Last values of sensors, to detect changes."""

    def __init__(self, house: House, sensors: Mapping[KeyT, tuple[str, str]]) -> None:
        self._house = house
        self._sensors = sensors
        self.said: dict[KeyT, deque[float]] = {
            key: deque(maxlen=_REMEMBERED) for key in sensors
        }

    def news(self, *, again: bool = False) -> Iterator[tuple[KeyT, float]]:
        """Read all sensors, and yield the changed ones, or with ``again`` all of them."""
        moment = int(self._house.clock.now())
        for key, (room, quantity) in self._sensors.items():
            value = round(getattr(self._house.rooms[room], quantity)(moment), 1)
            said = self.said[key]
            if again or not said or said[-1] != value:
                said.append(value)
                yield key, value


class GatewayTie:
    """An OpenMotics gateway whose outputs and sensors belong to the house.

    ``said`` holds the last values of each sensor.
    """

    def __init__(self, house: House, gateway: GatewayServer) -> None:
        """Connect the gateway to the house."""
        self.house = house
        self._gateway = gateway
        self._readings = _Readings(house, GATEWAY_SENSORS)
        self.said = self._readings.said
        for number, load in GATEWAY_LOADS.items():
            value = gateway.state.output_values[number]
            house.add_load(
                replace(load, on=value.on, level=self._level(number, value.level))
            )
        self._joules = dict.fromkeys(GATEWAY_CLAMPS, 0)
        self._before = {
            port: gateway.state.energy[_ENERGY_MODULE, port][0]
            for port in GATEWAY_CLAMPS
        }
        house.on_segment(self._live)
        gateway.engine.on_output = self._switch
        gateway.while_alive = self.measure
        self.measure()

    @staticmethod
    def _level(number: int, percent: int) -> float:
        return percent / 100 if number in GATEWAY_DIMMED else 1.0

    def _switch(self, number: int, on: bool, percent: int) -> None:
        if (load := GATEWAY_LOADS.get(number)) is not None:
            self.house.switch(load.name, on, self._level(number, percent))

    def _power(self, port: int) -> int:
        return self.house.loads[GATEWAY_LOADS[GATEWAY_CLAMPS[port]].name].power

    def _live(self, segment: Segment) -> None:
        for port in GATEWAY_CLAMPS:
            self._joules[port] += self._power(port) * segment.seconds

    def measure(self) -> None:
        """Update the sensors and the energy module."""
        for number, value in self._readings.news():
            self._gateway.engine.measure(number, value)
        state = self._gateway.state
        for port in GATEWAY_CLAMPS:
            state.watts[_ENERGY_MODULE, port] = float(self._power(port))
            watt_hours = self._joules[port] // HOUR
            state.energy[_ENERGY_MODULE, port][0] = self._before[port] + watt_hours


class HubTie:
    """A Cozify hub whose lights and plugs draw power from the house.

    ``said`` holds the last values of each sensor, by device and field.
    """

    def __init__(self, house: House, hub: SimulatedHub) -> None:
        """Connect all devices; the plug with a meter shows its power."""
        self._hub = hub
        self._house = house
        self._readings = _Readings(house, HUB_SENSORS)
        self.said = self._readings.said
        self._joules = 0
        devices = hub.state.items["devices"]
        self._plug = devices[PLUG]["name"]
        self._before: float = devices[PLUG]["state"]["totalPower"]
        for item in devices.values():
            state = item["state"]
            if "isOn" in state and item["type"] in {"LIGHT", "POWER_SOCKET"}:
                level = state.get("brightness")
                house.add_load(
                    replace(
                        HUB_LOADS.get(item["name"], _SMALL),
                        name=item["name"],
                        on=state["isOn"] and state["reachable"],
                        level=1.0 if level is None else level,
                    )
                )
        hub.commands.house = house
        house.on_segment(self._live)
        house.on_load_change(self._show)

    def _live(self, segment: Segment) -> None:
        self._joules += self._house.loads[self._plug].power * segment.seconds

    def _show(self, load: Load) -> None:
        if load.name == self._plug:
            self._show_power()

    def _show_power(self) -> None:
        shown = self._hub.state.items["devices"][PLUG]["state"]
        now: dict[str, Any] = {
            "activePower": float(self._house.loads[self._plug].power),
            "totalPower": round(self._before + self._joules / HOUR / 1000, 3),
        }
        if any(shown[name] != value for name, value in now.items()):
            self._hub.state.set(PLUG, **now)

    def measure(self, *, again: bool = False) -> None:
        """Update the sensors and the plug's meter.

        ``again`` also updates unchanged values, in case another client changed them.
        """
        for (device, field), value in self._readings.news(again=again):
            known: dict[str, Any] = {field: value}
            self._hub.state.set(device, **known)
        self._show_power()


class WaterTie:
    """A pod at the water meter that counts gallons and uploads them."""

    def __init__(self, house: House, world: World, stream: str = WATER_STREAM) -> None:
        """Connect it; it reports every ten minutes of simulated time."""
        self._house = house
        self._world = world
        self._stream = stream
        self._counted = self._gallons()
        self._sequence = 100_000
        self._total(int(house.clock.now()))
        house.on_segment(self._live)

    def _gallons(self) -> int:
        return self._house.counters.water_ml * 100 // _GALLON

    def _live(self, segment: Segment) -> None:
        end = segment.start + segment.seconds
        if end % WATER_INTERVAL:
            return
        now = self._gallons()
        self._sequence += 1
        self._world.add(
            self._stream,
            end,
            now - self._counted,
            local_id=self._sequence,
            device_time=end % (1000 * HOUR),
        )
        self._counted = now
        self._total(end)

    def _total(self, moment: int) -> None:
        liters = self._house.counters.water_ml // 1000
        self._world.add(WATER_TOTAL, moment, liters, local_id=self._sequence)


class Datalogger:
    """Sends each telegram of a meter to a DSMR-reader, like the remote datalogger.

    Usable with ``async with``, while both servers run.
    """

    def __init__(self, meter: MeterServer, reader: DsmrReaderServer) -> None:
        """Prepare it; it sends once the context is entered."""
        self._meter = meter
        self._reader = reader
        self._task: asyncio.Task[None] | None = None
        self._done = asyncio.Condition()
        self.sent = meter.meter.sequence
        """The number of the last telegram that the server has taken."""

    async def __aenter__(self) -> Self:
        """Start."""
        self._task = asyncio.create_task(self._run(), name="datalogger")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop. Raises the error that ended it, if any."""
        if (task := self._task) is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, sequence: int) -> None:
        """Return once the server has the telegram of that number."""
        async with self._done:
            await self._done.wait_for(lambda: self.sent >= sequence)

    async def _run(self) -> None:
        url = f"{self._reader.url}/api/v1/datalogger/dsmrreading"
        key = {"X-AUTHKEY": self._reader.state.key}
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            while True:
                await self._meter.wait_sent(self.sent + 1)
                for record in list(self._meter.meter.log):
                    if record.sequence <= self.sent:
                        continue
                    text = record.telegram.data.decode("latin-1")
                    async with session.post(url, data={"telegram": text}, headers=key):
                        pass
                    async with self._done:
                        self.sent = record.sequence
                        self._done.notify_all()
                    if not record.time % MINUTE:
                        process(self._reader.state)
