"""A simulated P1 smart meter, of any dialect, on a serial port or a TCP port.

In a test: ``P1Meter(MeterPlan(...)).telegrams(n)`` makes telegrams without waiting, and
``MeterServer(meter, transport)`` sends them in real time. From the command line::

    python -m simulators.p1_meter --dialect 5 --transport tcp --port 0 --control-port 0

prints one line of JSON that says where it listens, and runs until SIGTERM, SIGINT or the end of
the process that started it.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import signal
import sys
import time

from .clock import VirtualClock
from .house import House
from .minutes import HousePlan
from .p1.control import MeterControl
from .p1.control_port import ControlServer
from .p1.core import P1Meter
from .p1.damage import FAULTS
from .p1.dialect import Encrypted, Slot
from .p1.dialects import DIALECTS
from .p1.metering import ClockMode, Start
from .p1.plan import DEFAULT_START, MeterPlan
from .p1.registers import Breaker, MBusType
from .p1.rfc2217 import Rfc2217Transport
from .p1.sent import Action, Break, Fate, Pause, Sent
from .p1.serial_line import PtyTransport
from .p1.server import MeterServer
from .p1.tcp_line import TcpTransport
from .p1.telegram import CrcMode, Telegram
from .p1.transport import HOST, Transport

__all__ = [
    "DEFAULT_START",
    "DIALECTS",
    "FAULTS",
    "Action",
    "Break",
    "Breaker",
    "ClockMode",
    "ControlServer",
    "CrcMode",
    "Encrypted",
    "Fate",
    "MBusType",
    "MeterControl",
    "MeterPlan",
    "MeterServer",
    "P1Meter",
    "Pause",
    "PtyTransport",
    "Rfc2217Transport",
    "Sent",
    "Slot",
    "Start",
    "TcpTransport",
    "Telegram",
    "Transport",
]

_PARENT_CHECK = 0.5


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.p1_meter", description="Simulate a P1 smart meter."
    )
    add = parser.add_argument
    add("--dialect", choices=DIALECTS, default="5")
    add("--transport", choices=("tcp", "pty", "rfc2217"), default="tcp")
    add("--port", type=int, default=0, help="TCP port, 0 for any")
    add("--max-clients", type=int, default=1, help="connections that a TCP port takes")
    add("--link", type=Path, help="symbolic link to the pty, kept through unplugging")
    add(
        "--control-port", type=int, help="port for commands, 0 for any; without it none"
    )
    add("--interval", type=int, help="seconds between telegrams")
    add("--speed", type=float, default=1.0, help="virtual seconds per second")
    add("--seed", type=int, default=1)
    add(
        "--start",
        help="virtual start in ISO 8601, UTC unless it says otherwise; default now",
    )
    add("--standard-hours", type=int, help="hours of local standard time ahead of UTC")
    add("--no-summer", action="store_true", help="no summer time in the meter's clock")
    add(
        "--unset-clock",
        type=int,
        default=0,
        metavar="N",
        help="telegrams before it knows the time",
    )
    add("--phases", type=int, choices=(1, 3))
    add("--per-phase-sum", action="store_true", help="do not net the phases")
    add("--header", help="header line without the slash")
    add("--ident", help="serial number")
    add("--crc", choices=[mode.value for mode in CrcMode])
    add(
        "--parity",
        choices=("none", "even"),
        default="none",
        help="even: bit 7 as on a 7E1 line",
    )
    add(
        "--rfxtrx", action="store_true", help="inside the packets of an RFXCOM receiver"
    )
    add("--clear-messages", action="store_true", help="print text messages as they are")
    add("--key", help="encryption key, 32 hex digits")
    add("--authentication-key", help="32 hex digits")
    add("--solar", type=int, default=4200, metavar="W", help="solar power at its peak")
    add("--pace", action="store_true", help="send no faster than the line's speed")
    add(
        "--faults",
        type=float,
        default=0.0,
        metavar="P",
        help="share of telegrams with a fault",
    )
    add("--stay", action="store_true", help="do not stop when the parent process ends")
    arguments = parser.parse_args(argv)
    if arguments.link and arguments.transport != "pty":
        parser.error("--link needs --transport pty")
    return arguments


def _start(text: str | None) -> float:
    if text is None:
        return time.time()
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def make_meter(arguments: argparse.Namespace) -> P1Meter:
    """Return the meter that the command line describes. Raises ValueError when it is invalid."""
    dialect = DIALECTS[arguments.dialect]
    encrypted = dialect.encrypted
    if arguments.key or arguments.authentication_key:
        if encrypted is None:
            msg = f"dialect {dialect.name} is not encrypted"
            raise ValueError(msg)
        encrypted = Encrypted(
            bytes.fromhex(arguments.key) if arguments.key else encrypted.key,
            bytes.fromhex(arguments.authentication_key)
            if arguments.authentication_key
            else encrypted.authentication_key,
            encrypted.system_title,
        )
    hours = (
        dialect.standard_hours
        if arguments.standard_hours is None
        else arguments.standard_hours
    )
    third = arguments.solar // 3
    clock = VirtualClock(_start(arguments.start), arguments.speed)
    house = House(clock, HousePlan(arguments.seed, hours, (third, third, third)))
    plan = MeterPlan(
        dialect.name,
        arguments.seed,
        interval=arguments.interval,
        header=arguments.header,
        ident=arguments.ident,
        phases=arguments.phases,
        netting=not arguments.per_phase_sum,
        standard_hours=hours,
        summer=False if arguments.no_summer else None,
        unset_telegrams=arguments.unset_clock,
        crc=CrcMode(arguments.crc) if arguments.crc else None,
        even_parity=arguments.parity == "even",
        rfxtrx=arguments.rfxtrx,
        clear_messages=arguments.clear_messages,
        encrypted=encrypted,
    )
    meter = P1Meter(plan, house=house)
    meter.faults.mix(arguments.faults)
    return meter


def make_transport(arguments: argparse.Namespace, meter: P1Meter) -> Transport:
    """Return the line that the command line describes."""
    baud = meter.dialect.baud
    if arguments.transport == "pty":
        return PtyTransport(baud, link=arguments.link, seed=arguments.seed)
    kind = Rfc2217Transport if arguments.transport == "rfc2217" else TcpTransport
    return kind(
        baud,
        port=arguments.port,
        max_clients=arguments.max_clients,
        seed=arguments.seed,
    )


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    meter = make_meter(arguments)
    server = MeterServer(meter, make_transport(arguments, meter), pace=arguments.pace)
    control = None
    async with server:
        where: dict[str, object] = {
            "dialect": meter.dialect.name,
            "address": server.transport.address,
        }
        if arguments.control_port is not None:
            control = ControlServer(MeterControl(server), arguments.control_port)
            await control.start()
            where["control"] = f"{HOST}:{control.port}"
        print(json.dumps({**where, "pid": os.getpid()}), flush=True)
        try:
            await _until(stop, stay=arguments.stay, server=server)
        finally:
            if control:
                await control.stop()


async def _until(stop: asyncio.Event, *, stay: bool, server: MeterServer) -> None:
    """Return on a stop signal, when the parent has exited, or when sending has failed."""
    parent = os.getppid()
    while not stop.is_set() and not server.failed and (stay or os.getppid() == parent):
        try:
            async with asyncio.timeout(_PARENT_CHECK):
                await stop.wait()
        except TimeoutError:
            continue


def main(argv: Sequence[str] | None = None) -> int:
    """Run a meter from the command line; return the exit code."""
    arguments = _arguments(argv)
    try:
        asyncio.run(_serve(arguments))
    except (OSError, ValueError) as error:
        print(f"p1_meter: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
