"""Steering a running meter over the control port, and the command line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from typing import Any

import pytest

from simulators.clock import VirtualClock
from simulators.p1.control_port import COMMANDS
from simulators.p1_meter import (
    DEFAULT_START,
    ControlServer,
    MeterControl,
    MeterPlan,
    MeterServer,
    P1Meter,
    PtyTransport,
    TcpTransport,
    main,
)

from .p1_reference import text_receiver

pytestmark = pytest.mark.usefixtures("socket_enabled")
ROOT = Path(__file__).parents[2]


class Console:
    """A connection to the control port."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader, self.writer = reader, writer

    async def ask(self, line: str) -> dict[str, Any]:
        self.writer.write(line.encode() + b"\n")
        async with asyncio.timeout(5):
            answer: dict[str, Any] = json.loads(await self._reader.readline())
        return answer

    async def do(self, line: str) -> Any:
        answer = await self.ask(line)
        assert answer["ok"], answer
        return answer["result"]


@asynccontextmanager
async def console(
    dialect: str = "5", **plan: Any
) -> AsyncIterator[tuple[Console, MeterServer]]:
    meter = P1Meter(MeterPlan(dialect, **plan), clock=VirtualClock(DEFAULT_START, 0))
    async with MeterServer(meter, TcpTransport(max_clients=4)) as server:
        control = ControlServer(MeterControl(server))
        await control.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", control.port)
        try:
            yield Console(reader, writer), server
        finally:
            writer.close()
            await control.stop()


async def tick(server: MeterServer) -> dict[str, Any]:
    """Send one telegram and return the result due from a client."""
    server.meter.clock.jump(server.meter.interval)
    async with asyncio.timeout(5):
        await server.wait_sent(server.meter.sequence + 1)
    return server.meter.expected(server.meter.log[-1].telegram)


async def test_looking() -> None:
    async with console() as (port, server):
        await tick(server)
        status = await port.do("status")
        assert status["dialect"] == "5"
        assert status["address"] == server.transport.address
        assert status["iso"] == "2025-03-12T17:45:08Z"
        assert status["stamp"] == "250312184508W"
        assert status["mbus"] == {"1": "G0061002198765421"}
        (entry,) = await port.do("log 5")
        assert bytes.fromhex(entry["data"]) == server.meter.log[0].data
        assert (entry["fate"], entry["fault"]) == ("must", None)
        assert (await port.do("expected 1"))["timestamp"] == "250312184508W"
        assert "solar" in await port.do("circuits")
        assert set(await port.do("help")) == set(COMMANDS)


async def test_faults() -> None:
    async with console() as (port, server):
        await port.do("fault truncate times=2 part=0.5")
        await port.do("fault lf_only which=all")
        await port.do("rate duplicate 1.0 count=3")
        faults = []
        for _ in range(4):
            await tick(server)
            faults.append((server.meter.log[-1].fault, server.meter.log[-1].copies))
        assert faults == [
            ("truncate", 1),
            ("truncate", 1),
            ("lf_only", 1),
            ("duplicate", 3),
        ]
        await port.do("clear")
        await tick(server)
        assert server.meter.log[-1].fault is None
        await port.do("mix 1")
        await tick(server)
        assert server.meter.log[-1].fault is not None


async def test_house_and_meter() -> None:
    async with console() as (port, server):
        before = await tick(server)
        await port.do("add_load 'garden floodlight' 20000 phase=3")
        await port.do("load 'garden floodlight' on 0.5")
        await port.do("message 'Werkzaamheden 3 juni'")
        await port.do("tariff 1")
        await port.do("sag 2")
        await port.do("swell 3")
        await port.do("clock_offset 60")
        after = await tick(server)
        watts = [
            float(each["values"]["1-0:61.7.0"]["value"]) for each in (before, after)
        ]
        assert watts[1] - watts[0] == pytest.approx(10, abs=0.1)
        assert (
            bytes.fromhex(after["values"]["0-0:96.13.0"]["value"])
            == b"Werkzaamheden 3 juni"
        )
        assert after["values"]["0-0:96.14.0"]["value"] == "0001"
        assert after["values"]["1-0:52.32.0"]["value"] == "00001"
        assert after["values"]["1-0:72.36.0"]["value"] == "00001"
        assert after["timestamp"] == "250312184609W"
        await port.do("tariff auto")
        await port.do("message")
        await port.do("load 'garden floodlight' off")
        await port.do("exchange_meter E0099000000000007")
        await port.do("mbus_exchange 1 2 G0099000000000007 first_after=0")
        await port.do("mbus_attach water 3 W0099000000000007 no_reading=zero")
        last = await tick(server)
        assert last["values"]["0-0:96.13.0"]["value"] is None
        assert last["values"]["0-0:96.14.0"]["value"] == "0002"
        assert last["equipment_id_text"] == "E0099000000000007"
        assert {n: d["id_text"] for n, d in last["mbus"].items()} == {
            "1": None,
            "2": "G0099000000000007",
            "3": "W0099000000000007",
        }
        await port.do("mbus_detach 3")
        await port.do("clock unset")
        assert (await tick(server))["timestamp"].startswith("000101")


async def test_belgian_and_luxembourg_registers() -> None:
    async with console("5B-2.1") as (port, server):
        for line in ("breaker 2", "limit 5.5", "relay 3 1", "valve 1 2", "crc lower"):
            await port.do(line)
        read = await tick(server)
        assert read["values"]["0-0:96.3.10"]["value"] == "2"
        assert read["values"]["0-0:17.0.0"] == {"value": "05.500", "unit": "kW"}
        assert read["values"]["0-3:96.3.10"]["value"] == "1"
        assert read["mbus"]["1"]["valve"] == 2
        assert read["crc"] == read["crc"].lower() != read["crc"].upper()
        await port.do("limit none")
        assert (await tick(server))["values"]["0-0:17.0.0"]["value"] == "99.999"
    async with console("5L-enc") as (port, server):
        await port.do("key 000102030405060708090A0B0C0D0E0F")
        await tick(server)
        assert server.meter.log[-1].frame_counter == 0
        await port.do("counter 500")
        await tick(server)
        assert server.meter.log[-1].frame_counter == 500


async def test_old_messages_and_failures() -> None:
    async with console("4") as (port, server):
        await port.do("message_code 20240601")
        assert (await tick(server))["values"]["0-0:96.13.1"][
            "value"
        ] == b"20240601".hex()
        await port.do("power_failure 300")
        await port.do("jump 310")
        async with asyncio.timeout(5):
            await server.wait_sent(2)
        read = server.meter.expected(server.meter.log[-1].telegram)
        assert read["power_failure_log"][0]["seconds"] == 300


async def test_line() -> None:
    async with console() as (port, server):
        await port.do("speed 50")
        url = server.transport.address.removeprefix("socket://").split(":")
        for line in ("fin", "rst", "refuse", "unplug"):
            reader, writer = await asyncio.open_connection(url[0], int(url[1]))
            assert await reader.readline()
            await port.do(line)
            try:
                async with asyncio.timeout(5):
                    while await reader.read(4096):
                        pass
            except ConnectionResetError:
                assert line == "rst"
            writer.close()
            if line in ("refuse", "unplug"):
                with pytest.raises(ConnectionRefusedError):
                    await asyncio.open_connection(url[0], int(url[1]))
                await port.do("restore")
        reader, writer = await asyncio.open_connection(url[0], int(url[1]))
        assert await reader.readline()
        writer.close()


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", "no command"),
        ("dance", "no command 'dance'; there are help, status"),
        ("fault flood", "no fault named 'flood'"),
        ("fault truncate part=half", "part of 'truncate' is a number"),
        ("jump far", "seconds is a number, not 'far'"),
        ("jump -1", "cannot go back"),
        ("jump 1 2", "jump does not take '2'"),
        ("jump", "missing 1 required positional argument"),
        ("load lamp on", "'lamp'"),
        ("load lamp dimmed", "on or off, not dimmed"),
        ("tariff 9", "no tariff 9"),
        ("expected 99", "99 is not in the log"),
        ("breaker 7", "7 is not a valid Breaker"),
        ("relay 5 1", "no relay 5"),
        ("mbus_attach coffee 2 X", "'COFFEE'"),
        ("mbus_detach 4", "4"),
        ("key 00", "does not encrypt"),
        ("message 'half", "No closing quotation"),
    ],
)
async def test_mistakes_are_told_and_change_nothing(line: str, error: str) -> None:
    async with console() as (port, server):
        answer = await port.ask(line)
        assert answer["ok"] is False
        assert error in answer["error"]
        await tick(server)
        assert server.meter.log[-1].fault is None


async def test_a_client_that_hangs_up_or_floods_stops_nobody() -> None:
    async with console() as (port, _):
        await port.do("status")
        port.writer.write(b"x" * 200_000)
        port.writer.close()
        await asyncio.sleep(0.05)


# The command line


async def start(
    *arguments: str, **options: Any
) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulators.p1_meter",
        *arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        **options,
    )
    assert process.stdout
    async with asyncio.timeout(30):
        line = await process.stdout.readline()
    return process, json.loads(line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_and_stops_when_told(
    number: signal.Signals,
) -> None:
    process, where = await start(
        "--port",
        "0",
        "--control-port",
        "0",
        "--speed",
        "20",
        "--start",
        "2025-01-10T12:00",
    )
    assert where["pid"] == process.pid
    host, port = where["address"].removeprefix("socket://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(10):
        data = await reader.readuntil(b"!")
        data += await reader.readuntil(b"!")
    assert len(list(text_receiver(data + b"0000\r\n"))) <= 1
    assert b"0-0:1.0.0(25011013" in data
    control_host, control_port = where["control"].split(":")
    control_reader, control_writer = await asyncio.open_connection(
        control_host, int(control_port)
    )
    console = Console(control_reader, control_writer)
    assert (await console.do("status"))["receivers"] == 1
    process.send_signal(number)
    async with asyncio.timeout(10):
        assert await process.wait() == 0
    for each in (writer, control_writer):
        each.close()


async def test_a_pty_of_the_command_line_is_gone_afterwards(tmp_path: Path) -> None:
    link = tmp_path / "ttyP1"
    process, where = await start(
        "--transport", "pty", "--link", str(link), "--dialect", "5B"
    )
    assert where["address"] == str(link)
    assert link.is_symlink()
    process.terminate()
    async with asyncio.timeout(10):
        assert await process.wait() == 0
    assert not link.is_symlink()


async def test_it_stops_with_the_process_that_started_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = (
        f"{sys.executable} -m simulators.p1_meter > {out} & "
        f"while [ ! -s {out} ]; do sleep 0.1; done"
    )
    shell = await asyncio.create_subprocess_exec("sh", "-c", command, cwd=ROOT)
    async with asyncio.timeout(30):
        await shell.wait()
    pid = json.loads(out.read_text())["pid"]
    async with asyncio.timeout(10):
        while Path(f"/proc/{pid}").exists() and "Z" not in state(pid):
            await asyncio.sleep(0.05)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--key", "00"], "dialect 5 is not encrypted"),
        (["--interval", "0"], "an interval of 0 s"),
        (
            ["--transport", "pty", "--link", "/nowhere/ttyP1"],
            "No such file or directory",
        ),
        (["--faults", "2"], "a probability of 2"),
        (["--start", "yesterday"], "Invalid isoformat"),
    ],
)
def test_what_cannot_be_started(
    arguments: list[str], error: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert error in capfd.readouterr().err


def test_arguments_that_contradict_each_other(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--link", "/tmp/x"])
    assert "--link needs --transport pty" in capfd.readouterr().err


async def test_a_pty_server_in_a_test(tmp_path: Path) -> None:
    """The shape in which the integration's tests use it."""
    meter = P1Meter(MeterPlan("5"), clock=VirtualClock(DEFAULT_START, 100))
    async with MeterServer(meter, PtyTransport(link=tmp_path / "p1")) as server:
        port = os.open(server.transport.address, os.O_RDONLY | os.O_NOCTTY)
        data = b""
        async with asyncio.timeout(5):
            while data.count(b"!") < 3:
                data += await asyncio.to_thread(os.read, port, 4096)
        os.close(port)
        assert len(list(text_receiver(data))) >= 1
