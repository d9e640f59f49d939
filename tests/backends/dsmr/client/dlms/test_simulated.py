"""Simulated ports that push lists give the values of their meters, with and without faults."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.identity import number_of
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.client.transport import (
    LineSettings,
    open_port,
)
from simulators.clock import VirtualClock
from simulators.dlms.meter import PushingMeter
from simulators.dlms.ports import PORTS
from simulators.p1.plan import MeterPlan
from simulators.p1.sent import Fate, Sent
from simulators.p1.serial_line import PtyTransport
from simulators.p1.server import MeterServer
from simulators.p1.tcp_line import TcpTransport

_KILO = {"Wh": "kWh", "W": "kW", "var": "kvar", "varh": "kvarh"}
_PUSHES = 40
_EVERY = 30


class Line:
    """A meter, and a client that listens to it."""

    def __init__(self, name: str, keys: Keys | None = None) -> None:
        """Start both; ``keys`` are the meter's own by default."""
        self.meter = PushingMeter(MeterPlan(name), counters_every=_EVERY)
        clock, encrypted = self.meter.clock, self.meter.dialect.encrypted
        if encrypted is not None and keys is None:
            keys = Keys(encrypted.key, encrypted.authentication_key)
        self.stream = P1Stream(
            keys,
            now=lambda: datetime.fromtimestamp(clock.now(), UTC),
            monotonic=clock.now,
        )

    def run(self, count: int) -> list[tuple[Sent, list[Telegram]]]:
        """Return the records sent, and the telegrams received."""
        return [
            (sent, self.stream.feed(sent.data)) for sent in self.meter.telegrams(count)
        ]

    def differing(self, sent: Sequence[Sent], telegram: Telegram) -> list[str]:
        """Return the values that are in none of these pushes."""
        said = [self.meter.expected(one.telegram)["values"] for one in sent]
        wrong = []
        for name, value in said[-1].items():
            unit = value["unit"]
            shown = telegram.quantity(name, _KILO.get(unit, unit))
            part = 1000 if unit in _KILO else 1
            meant = [float(one[name]["value"]) / part for one in said]
            if shown is None or all(abs(shown - one) > 1e-6 for one in meant):
                wrong.append(f"{name}: {shown} of {meant}")
        return wrong


@pytest.mark.parametrize("name", PORTS)
def test_every_port_is_read(name: str) -> None:
    line = Line(name)
    heard = line.run(_PUSHES)
    assert [len(telegrams) for _, telegrams in heard] == [1] * _PUSHES
    sent = [one for one, _ in heard]
    (last,) = heard[-1][1]
    # Counters in a list of their own are as old as that list
    back = _EVERY // line.meter.interval if line.meter.port.hourly else 1
    assert line.differing(sent[-back:], last) == []
    number = number_of(last)
    assert (number and number.value) == (line.meter.dialect.ident or None)
    if (time := last.timestamp) is not None:
        late = datetime.fromtimestamp(sent[-1].time, UTC) - time
        assert timedelta() <= late < timedelta(seconds=_EVERY)


@pytest.mark.parametrize("name", ["no-aidon", "at-kaifa-enc", "ch-landis"])
def test_energy_rises_with_power(name: str) -> None:
    line = Line(name)
    heard = line.run(400)
    used = 0.0
    for sent, _ in heard[1:]:
        values = line.meter.expected(sent.telegram)["values"]
        used += float(values["1-0:1.7.0"]["value"]) * line.meter.interval / 3600
    (first,), (last,) = heard[0][1], heard[-1][1]
    energy = [
        float(line.meter.expected(sent.telegram)["values"]["1-0:1.8.0"]["value"])
        for sent, _ in (heard[0], heard[-1])
    ]
    assert energy[1] - energy[0] == pytest.approx(used, rel=0.1, abs=20)
    assert used > 0
    assert first.quantity("1-0:1.7.0", "kW") != last.quantity("1-0:1.7.0", "kW")


@pytest.mark.parametrize(
    ("fault", "params"),
    [
        ("bit_flip", {}),
        ("drop_bytes", {}),
        ("truncate", {}),
        ("splice", {}),
        ("lose_piece", {}),
        ("insert_before", {"fill": "ff"}),
        ("insert_inside", {}),
        ("insert_after", {"fill": "00"}),
        ("duplicate", {}),
        ("glue", {}),
        ("banner", {}),
        ("pause", {}),
    ],
)
@pytest.mark.parametrize(
    "name", ["no-aidon", "dk-kamstrup-enc", "at-kaifa-enc", "ch-landis", "si-iskra"]
)
def test_a_fault_costs_its_push_and_no_other(
    name: str, fault: str, params: dict[str, Any]
) -> None:
    line = Line(name)
    line.run(3)
    for _ in range(5):
        line.meter.faults.once(fault, **params)
        heard = line.run(6)
        for sent, telegrams in heard:
            if sent.fate is Fate.MUST_NOT:
                assert telegrams == [], (sent.fault, sent.fate)
        # Only damaged telegrams are lost, and those that a truncated frame swallowed
        assert [len(telegrams) for _, telegrams in heard[-2:]] == [1, 1], fault


def test_another_key_is_called_wrong() -> None:
    line = Line("dk-kamstrup-enc", Keys(b"another key of 16"[:16]))
    assert all(not telegrams for _, telegrams in line.run(4))
    assert line.stream.wrong_key
    line = Line("at-kaifa-enc")
    line.run(3)
    line.meter.change_key(b"changed by night"[:16])
    assert all(not telegrams for _, telegrams in line.run(4))
    assert line.stream.wrong_key


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("kind", [PtyTransport, TcpTransport])
async def test_it_is_heard_over_a_line(
    kind: type[PtyTransport | TcpTransport],
) -> None:
    meter = PushingMeter(MeterPlan("si-iskra"), clock=VirtualClock(1_741_801_507, 100))
    stream, found = P1Stream(), asyncio.Event()

    def receive(data: bytes) -> None:
        if stream.feed(data):
            found.set()

    async with MeterServer(meter, kind(meter.dialect.baud)) as server:
        address, speed = server.transport.address, LineSettings(meter.dialect.baud)
        port = await open_port(address, speed, receive, lambda _error: None)
        try:
            async with asyncio.timeout(30):
                await found.wait()
        finally:
            await port.close()


@pytest.mark.parametrize("size", [2000, 90])
def test_lists_without_the_mark_of_the_link_layer_are_read(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some gateways remove the link layer header and make new frames of the rest."""
    monkeypatch.setattr("simulators.dlms.wire.LLC", b"")
    for name in ("no-kaifa", "dk-kamstrup-enc"):
        line = Line(name)
        frame = line.meter.port.frame
        assert isinstance(frame, partial)
        own = replace(line.meter.port, frame=partial(frame, size=size))
        line.meter.port = own
        assert [len(telegrams) for _, telegrams in line.run(6)] == [1] * 6
