"""Control of a running meter."""

import time
from typing import Any

from ..house import Load
from .dialect import Slot
from .mbus import NoReading
from .metering import ClockMode
from .registers import Breaker, MBusType
from .sent import Action
from .server import MeterServer
from .telegram import CrcMode


class MeterControl:
    """Commands for a meter, its house, and its line while it runs.

    Every public method is a command of ``control_port``. They raise ValueError or KeyError for
    invalid arguments.
    """

    def __init__(self, server: MeterServer) -> None:
        """Control a server."""
        self._server = server
        self._meter = server.meter

    # Status

    def status(self) -> dict[str, Any]:
        """Return time, line, registers, and faults in short."""
        meter, transport, clock = self._meter, self._server.transport, self._meter.clock
        registers = meter.metering.registers
        now = clock.now()
        return {
            "time": now,
            "iso": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "speed": clock.speed,
            "dialect": meter.dialect.name,
            "address": transport.address,
            "receivers": transport.receivers,
            "connections": transport.connections,
            "dropped": transport.dropped,
            "received": transport.received.hex(),
            "sequence": meter.sequence,
            "ident": registers.ident,
            "stamp": registers.stamp,
            "tariff": registers.tariff,
            "watts": registers.watts,
            "import_wh": [value // 3600 for value in registers.import_ws],
            "export_wh": [value // 3600 for value in registers.export_ws],
            "mbus": {
                channel: device.slot.ident
                for channel, device in meter.mbus.devices.items()
            },
            "faults_waiting": meter.faults.waiting,
        }

    def log(self, count: int = 10) -> list[dict[str, Any]]:
        """Return the last telegrams: bytes in hex, the fault, and the result due from a client."""
        return [
            {
                "sequence": record.sequence,
                "time": record.time,
                "fate": record.fate,
                "fault": record.fault,
                "copies": record.copies,
                "receivers": record.receivers,
                "data": record.data.hex(),
            }
            for record in list(self._meter.log)[-count:]
        ]

    def expected(self, sequence: int) -> dict[str, Any]:
        """Return the expected result for a telegram that is still in the log."""
        for record in self._meter.log:
            if record.sequence == sequence:
                return self._meter.expected(record.telegram)
        msg = f"telegram {sequence} is not in the log"
        raise ValueError(msg)

    def circuits(self) -> dict[str, int]:
        """Return the power in W of every circuit in the house."""
        return self._meter.house.circuits()

    # Faults

    def fault(self, name: str, times: int = 1, **params: float | str) -> None:
        """Apply a fault to the next telegrams."""
        self._meter.faults.once(name, times, **params)

    def rate(self, name: str, probability: float, **params: float | str) -> None:
        """Apply a fault to each telegram with a probability."""
        self._meter.faults.rate(name, probability, **params)

    def mix(self, probability: float) -> None:
        """Apply random faults of bytes or timing to each telegram with a probability."""
        self._meter.faults.mix(probability)

    def clear(self) -> None:
        """Remove all faults."""
        self._meter.faults.clear()

    # Line

    async def unplug(self, seconds: float | None = None) -> None:
        """Disconnect the cable, for ``seconds`` or until ``restore``."""
        await self._server.break_off(Action.UNPLUG, seconds)

    async def refuse(self, seconds: float | None = None) -> None:
        """Close all connections and refuse new ones, for ``seconds`` or until ``restore``."""
        await self._server.break_off(Action.REFUSE, seconds)

    async def restore(self) -> None:
        """Reconnect the cable, and accept connections again."""
        await self._server.restore()

    async def fin(self) -> None:
        """Close all connections with FIN."""
        await self._server.break_off(Action.FIN)

    async def rst(self) -> None:
        """Reset all connections."""
        await self._server.break_off(Action.RESET)

    # Time

    def jump(self, seconds: float) -> None:
        """Move the virtual clock forward."""
        self._meter.clock.jump(seconds)

    def speed(self, factor: float) -> None:
        """Change the speed of virtual time; 0 stops it."""
        self._meter.clock.set_speed(factor)

    def clock_offset(self, seconds: int) -> None:
        """Set the error of the meter's clock in seconds (negative: slow)."""
        self._meter.metering.clock_offset = seconds

    def clock(self, mode: str) -> None:
        """Set or unset the meter's clock (``set``, ``unset``)."""
        self._meter.metering.clock_mode = ClockMode(mode)

    # House

    def load(self, name: str, state: str, level: float | None = None) -> None:
        """Turn a load ``on`` or ``off``."""
        if state not in ("on", "off"):
            msg = f"a load is on or off, not {state}"
            raise ValueError(msg)
        self._meter.house.switch(name, state == "on", level)

    def add_load(self, name: str, watts: int, phase: int = 1) -> None:
        """Install a load, turned off."""
        self._meter.house.add_load(Load(name, watts, phase))

    # Meter

    def tariff(self, code: int | None = None) -> None:
        """Set the tariff, or return to the scheduled one without a code."""
        self._meter.metering.set_tariff(code)

    def message(self, text: str = "") -> None:
        """Set the text message, or clear it."""
        self._meter.metering.registers.message = text

    def message_code(self, text: str = "") -> None:
        """Set the code of the message, or clear it."""
        self._meter.metering.registers.message_code = text

    def power_failure(self, seconds: int) -> None:
        """Cut the power; the meter logs failures of more than 180 s."""
        self._meter.metering.power_failure(seconds)

    def sag(self, phase: int) -> None:
        """Simulate a voltage sag on a phase."""
        self._meter.metering.sag(phase)

    def swell(self, phase: int) -> None:
        """Simulate a voltage swell on a phase."""
        self._meter.metering.swell(phase)

    def breaker(self, state: int) -> None:
        """Set the breaker: off (0), on (1), or ready to be turned on (2)."""
        self._meter.metering.set_breaker(Breaker(state))

    def limit(self, value: float | None = None) -> None:
        """Set the power limit in the dialect's unit (kW, kVA, or A), or remove it."""
        self._meter.metering.registers.limit = (
            None if value is None else round(value * 1000)
        )

    def relay(self, number: int, state: int) -> None:
        """Turn relay 1 to 4 on (1) or off (0)."""
        if number not in (1, 2, 3, 4) or state not in (0, 1):
            msg = f"no relay {number} or no state {state}"
            raise ValueError(msg)
        self._meter.metering.registers.relays[number - 1] = state

    def exchange_meter(self, ident: str) -> None:
        """Replace the meter: new number, counters from zero."""
        self._meter.metering.replace(ident)

    def crc(self, mode: str) -> None:
        """Change the form of the checksum: upper, lower, unpadded, nul, none, or wrong."""
        self._meter.set_crc(CrcMode(mode))

    # M-Bus

    def mbus_attach(
        self,
        kind: str,
        channel: int,
        ident: str,
        first_after: int = 3600,
        no_reading: str = "missing",
    ) -> None:
        """Connect a device (electricity, gas, heat, warm_water, water, or heat_inlet)."""
        slot = Slot(MBusType[kind.upper()], ident, 0)
        self._meter.mbus.attach(
            slot, channel, first_after=first_after, no_reading=NoReading(no_reading)
        )

    def mbus_detach(self, channel: int) -> None:
        """Disconnect a device."""
        self._meter.mbus.detach(channel)

    def mbus_exchange(
        self, old: int, new: int, ident: str, first_after: int = 3600
    ) -> None:
        """Replace the device on one channel by a new one on another."""
        self._meter.mbus.exchange(old, new, ident, first_after=first_after)

    def valve(self, channel: int, state: int) -> None:
        """Close (0), open (1), or release (2) the valve of a device."""
        self._meter.mbus.set_valve(channel, state)

    # Encryption

    def key(self, key: str, authentication_key: str | None = None) -> None:
        """Change the key (32 hex digits); the frame counter restarts."""
        self._meter.change_key(
            bytes.fromhex(key),
            bytes.fromhex(authentication_key) if authentication_key else None,
        )

    def counter(self, value: int) -> None:
        """Set the frame counter."""
        self._meter.set_counter(value)
