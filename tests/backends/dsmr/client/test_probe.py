"""Detection of the meter on a port, for the config flow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from custom_components.junction.backends.dsmr.client.carrier import Carrier
from custom_components.junction.backends.dsmr.client.dialect import Dialect
from custom_components.junction.backends.dsmr.client.encryption import (
    PUBLIC_AUTHENTICATION_KEY,
    Keys,
)
from custom_components.junction.backends.dsmr.client.errors import (
    ConnectionLostError,
    EncryptedError,
    HostRefusedError,
    NoDataError,
    NoiseError,
    NoTelegramError,
    NotP1Error,
    OnlyCrcErrorsError,
    PortNotFoundError,
    WrongKeyError,
)
from custom_components.junction.backends.dsmr.client.probe import (
    ProbePhase,
    ProbeProgress,
    ProbeResult,
    probe,
)
from custom_components.junction.backends.dsmr.client.transport import LineSettings
from custom_components.junction.errors import AuthFailedError, BackendError

from ..helpers import (
    KEYS,
    PLAIN,
    VALID,
    FakeClock,
    FakePort,
    encrypted,
    even_parity,
    hdlc,
    rfxtrx,
    settle,
    stamped,
    wire,
)
from ..lines import Pty, free_port, meter

BAD = wire("v5_nl_bad_crc")
GARBAGE = b"\xf8\x80\x00\xfe" * 30


class Probing:
    """A probe whose port and clock the test controls."""

    def __init__(self, url: str = "/dev/ttyUSB0", **arguments: Any) -> None:
        self.clock = FakeClock()
        self.port = FakePort()
        self.progress: list[ProbeProgress] = []
        arguments.setdefault("on_progress", self.progress.append)
        self.task = asyncio.create_task(
            probe(url, opener=self.port, clock=self.clock, **arguments)
        )

    async def send(self, raw: bytes, times: int = 1, every: float = 1.0) -> None:
        for _ in range(times):
            await settle()
            if self.task.done():
                return
            self.port.send(raw)
            await self.clock.move(every)

    async def result(self) -> ProbeResult:
        """Return the result, which must be there by now."""
        await settle()
        assert self.task.done()
        assert self.port.closed == 1
        return self.task.result()

    async def error(self) -> BackendError:
        await settle()
        assert self.task.done()
        error = self.task.exception()
        assert isinstance(error, BackendError)
        return error


@pytest.fixture
async def probing() -> AsyncIterator[Probing]:
    made = Probing()
    yield made
    made.task.cancel()


async def test_a_fast_meter_is_known_after_three_telegrams(probing: Probing) -> None:
    for second in range(3):
        assert not probing.task.done()
        await probing.send(stamped(second))
    found = await probing.result()
    assert found.header == "ISK5\\2M550T-1099"
    assert found.manufacturer == "ISK"
    assert found.equipment_id == "4530303839303031323033343536373235"
    assert found.serial == "E0089001203456725"
    assert found.system_title is None
    assert found.dialect is Dialect.DSMR_5
    assert found.version == "50"
    assert found.line.baudrate == 115200
    assert found.carrier is Carrier.CLEAR
    assert found.interval == 1
    assert [(d.type, d.id_text) for d in found.devices] == [(3, "G0061002198765421")]
    assert found.phases == 3
    assert found.standard_offset == timedelta(hours=1)
    assert found.telegram.number("1-0:2.7.0") == 1.876


async def test_a_slow_meter_is_known_after_two(probing: Probing) -> None:
    await probing.send(stamped(0), every=10)
    assert not probing.task.done()
    probing.port.send(stamped(10))
    assert (await probing.result()).interval == 10


async def test_a_very_slow_meter_is_known_after_one_and_a_wait(
    probing: Probing,
) -> None:
    await probing.send(stamped(0), every=21)
    assert not probing.task.done()
    await probing.clock.move(2)
    found = await probing.result()
    assert found.interval is None
    assert found.serial == "E0089001203456725"


@pytest.mark.parametrize(
    ("name", "dialect", "serial", "devices", "phases"),
    [
        ("v4_single_phase_gas", Dialect.DSMR_4, "E0026000024153615", [3], 1),
        (
            "v5_nl_water_heat_slave",
            Dialect.DSMR_5,
            "E0089001203456725",
            [7, 4, 12, 2],
            1,
        ),
        ("v5_nl_gas_replaced", Dialect.DSMR_5, "E0089001203456725", [3], 3),
        ("v5_heat_only_unpadded_crc", Dialect.DSMR_5, "AB12000000014477", [4], 0),
        ("v5b_emucs_2_1", Dialect.E_MUCS, "1SAG3105123456", [3, 7], 3),
        ("v5l_luxembourg_clear", Dialect.SMARTY, "SAG1030790012345", [3], 3),
        ("v5s_sweden", Dialect.H1, None, [], 3),
        ("v5eonhu", Dialect.EON, "SAG0222000123456", [], 3),
        ("q3d_easymeter", Dialect.EASYMETER, "0272099887766", [], 3),
        ("lt_eso_extended", Dialect.ESO, "80034700621631152", [], 1),
        ("v3_gas", Dialect.DSMR_2, "KA6U009912345678", [3], 0),
    ],
)
async def test_every_dialect(
    probing: Probing,
    name: str,
    dialect: Dialect,
    serial: str | None,
    devices: list[int],
    phases: int,
) -> None:
    await probing.send(wire(name), 5)
    found = await probing.result()
    assert found.dialect is dialect
    assert found.serial == serial
    assert [device.type for device in found.devices] == devices
    assert found.phases == phases


async def test_all_fixtures_are_found() -> None:
    for name in VALID:
        probing = Probing()
        await probing.send(wire(name), 5)
        assert (await probing.result()).telegram.raw in wire(name)


# Speeds


async def test_an_old_meter_at_its_slow_speed(probing: Probing) -> None:
    await probing.send(GARBAGE, 2, every=7)
    assert probing.port.opened == [115200]
    assert probing.port.speeds == [9600]
    await probing.send(even_parity(wire("v2_2_gas")), 3, every=10)
    found = await probing.result()
    assert found.line.baudrate == 9600
    assert found.dialect is Dialect.DSMR_2
    assert found.interval == 10


async def test_at_the_right_speed_a_slow_meter_gets_its_time(probing: Probing) -> None:
    """The first telegram without a checksum waits for the second one, also from a slow meter."""
    await probing.clock.move(9)
    await probing.send(wire("v2_2_gas"), 3, every=10)
    assert probing.port.speeds == []
    assert (await probing.result()).line.baudrate == 115200


async def test_a_gateway_has_no_speed() -> None:
    probing = Probing("socket://127.0.0.1:1", timeout=30)
    await probing.send(GARBAGE, 31)
    assert type(await probing.error()) is NoiseError
    assert probing.port.speeds == []


async def test_speeds_can_be_given() -> None:
    probing = Probing(lines=(LineSettings(9600),))
    await probing.send(stamped(0))
    assert probing.port.opened == [9600]
    probing.task.cancel()


# Errors


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", NoDataError),
        (GARBAGE, NoiseError),
        (b"temperature=21.5;humidity=40\r\n", NoTelegramError),
        (BAD, OnlyCrcErrorsError),
    ],
)
async def test_nothing_useful_until_the_time_is_over(
    probing: Probing, sent: bytes, error: type[BackendError]
) -> None:
    await probing.send(sent, 74)
    assert not probing.task.done()
    await probing.send(sent, 2)
    assert type(await probing.error()) is error
    assert probing.port.closed == 1


async def test_another_protocol_is_told_at_once(probing: Probing) -> None:
    await probing.send(hdlc(120) + hdlc(120))
    assert type(await probing.error()) is NotP1Error


async def test_one_frame_of_another_protocol_is_told_in_the_end(
    probing: Probing,
) -> None:
    await probing.send(hdlc(120))
    await probing.clock.move(75)
    assert type(await probing.error()) is NotP1Error


async def test_encrypted_without_a_key_is_told_at_once(probing: Probing) -> None:
    await probing.send(encrypted(1))
    error = await probing.error()
    assert type(error) is EncryptedError
    assert isinstance(error, AuthFailedError)


async def test_wrong_key_is_told_after_three_frames() -> None:
    probing = Probing(keys=Keys(bytes(16)))
    await probing.send(encrypted(1), every=10)
    await probing.send(encrypted(2), every=10)
    assert not probing.task.done()
    await probing.send(encrypted(3))
    assert type(await probing.error()) is WrongKeyError


async def test_wrong_key_with_one_frame_only_is_told_in_the_end() -> None:
    probing = Probing(keys=Keys(bytes(16)))
    await probing.send(encrypted(1))
    await probing.clock.move(75)
    assert type(await probing.error()) is WrongKeyError


@pytest.mark.parametrize("authentication", [PUBLIC_AUTHENTICATION_KEY, bytes(16)])
async def test_right_key(authentication: bytes) -> None:
    probing = Probing(keys=KEYS)
    for n in range(3):
        await probing.send(encrypted(n, authentication=authentication), every=10)
    found = await probing.result()
    assert found.carrier is Carrier.ENCRYPTED
    assert found.authenticated is (authentication == PUBLIC_AUTHENTICATION_KEY)
    assert found.system_title == b"SAGg0123".hex()
    assert found.telegram.raw == PLAIN


async def test_rfxtrx(probing: Probing) -> None:
    await probing.send(rfxtrx(wire("v5_nl_3phase_gas")), 3)
    assert (await probing.result()).carrier is Carrier.RFXTRX


async def test_the_port_does_not_open() -> None:
    port = FakePort()
    port.error = PortNotFoundError("gone")
    with pytest.raises(PortNotFoundError):
        await probe("/dev/ttyUSB0", opener=port, clock=FakeClock())


async def test_the_connection_breaks_before_anything_came(probing: Probing) -> None:
    await settle()
    probing.port.lose(ConnectionLostError("closed"))
    assert type(await probing.error()) is ConnectionLostError


async def test_the_connection_breaks_after_a_telegram(probing: Probing) -> None:
    await probing.send(stamped(0))
    probing.port.lose(ConnectionLostError("closed"))
    assert (await probing.result()).serial == "E0089001203456725"


async def test_cancelled(probing: Probing) -> None:
    await settle()
    probing.task.cancel()
    await settle()
    assert probing.port.closed == 1


# Progress


async def test_progress_only_grows(probing: Probing) -> None:
    await probing.send(GARBAGE + b"\r\n", 14)
    for second in range(3):
        await probing.send(stamped(second))
    await probing.result()
    fractions = [step.fraction for step in probing.progress]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert 0 < fractions[-1] <= 1
    assert probing.progress[0].phase is ProbePhase.OPENING
    assert {step.phase for step in probing.progress} == set(ProbePhase)
    assert {step.baudrate for step in probing.progress} == {115200, 9600}
    assert probing.progress[-1].telegrams == 3


# On real lines


@pytest.mark.usefixtures("socket_enabled")
async def test_real_gateway() -> None:
    async with meter() as gateway:
        task = asyncio.create_task(probe(gateway.url))
        await gateway.connected.wait()
        for second in range(3):
            gateway.send(stamped(second))
        async with asyncio.timeout(5):
            assert (await task).serial == "E0089001203456725"


@pytest.mark.usefixtures("socket_enabled")
async def test_real_refusal() -> None:
    with pytest.raises(HostRefusedError):
        await probe(f"socket://127.0.0.1:{free_port()}")


async def test_real_port_with_a_change_of_speed() -> None:
    port = Pty()
    task = asyncio.create_task(
        probe(
            port.path, lines=(LineSettings(115200), LineSettings(9600)), speed_trial=0.3
        )
    )
    for _ in range(40):
        await asyncio.sleep(0.05)
        port.send(GARBAGE)
        if task.done():
            break
        if _ > 15:
            for second in range(3):
                port.send(stamped(second))
    async with asyncio.timeout(5):
        found = await task
    assert found.line.baudrate == 9600
    port.unplug()
