"""Hostile telegrams, from a meter or its line, affect their own entry only."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.forward.adapter import queue_path
from custom_components.junction.backends.forward.client.queue import DiskQueue
from simulators.dsmr_reader import DsmrReaderServer
from simulators.http_faults import hang

from ..backends.dsmr.forwarding import add, entered, state_of, wait_for
from ..backends.dsmr.helpers import replace_line, reseal, wire
from ..backends.dsmr.lines import TcpMeter
from ..backends.dsmr.running import heard, shown, tell, until
from .attacks import HOSTILE
from .harmless import assert_harmless, assert_no_traceback, set_up_api

type Bend = Callable[[bytes], bytes]

RAW: Final = wire("v5_nl_3phase_gas")
NASTY: Final = (
    HOSTILE.encode(errors="surrogatepass"),
    # Half an emoji in UTF-8, Latin-1, NUL, escapes, the direction of writing.
    b"\xed\xa0\xbd\xff\xfe\x00\x1b[31m\xe2\x80\xae<b>[x](https://evil.example/)",
    b"x" * 1024,
    b"\n".join([b"line"] * 200),
)


def said(text: bytes) -> Bend:
    """Make the meter send a text message."""
    line = f"0-0:96.13.0({text.hex()})"
    return lambda raw: replace_line(raw, "0-0:96.13.0", line)


def raw_line(line: bytes) -> Bend:
    """Add a line with arbitrary bytes."""
    return lambda raw: reseal(raw.replace(b"\r\n!", b"\r\n" + line + b"\r\n!", 1))


def header(text: bytes) -> Bend:
    """Let the meter be of another make."""

    def bend(raw: bytes) -> bytes:
        _, rest = raw.split(b"\r\n", 1)
        return reseal(b"/ISK5\\" + text + b"\r\n" + rest)

    return bend


def valued(line: str) -> Bend:
    """Give a register another value."""
    head = line.partition("(")[0]
    return lambda raw: replace_line(raw, head, line)


BENDS: Final[dict[str, Bend]] = {
    **{f"message_{n}": said(text) for n, text in enumerate(NASTY)},
    **{
        f"header_{n}": header(text.replace(b"\n", b" ")) for n, text in enumerate(NASTY)
    },
    "message_of_raw_bytes": raw_line(b"0-0:96.13.1(" + NASTY[1] + b")"),
    "no_hex": valued("0-0:96.13.0(zz\x1b[31m)"),
    "meter_number": valued(f"0-1:96.1.0({NASTY[1].hex()})"),
    "unit": raw_line(b"1-0:41.7.0(001.0*" + NASTY[1].replace(b")", b"") + b")"),
    "endless_number": valued("1-0:1.7.0(" + "9" * 900 + "*kW)"),
    "no_number": valued("1-0:1.7.0(NaN*kW)"),
    "infinite": valued("1-0:1.7.0(1e999*kW)"),
    "tariff": valued("0-0:96.14.0(" + "9" * 900 + ")"),
    "no_time": valued("0-0:1.0.0(999999999999W)"),
    "gas_without_time": valued("0-1:24.2.1(999999999999W)(00112.384*m3)"),
    "many_lines": raw_line(b"\r\n".join([b"1-0:1.7.0(00.001*kW)"] * 200)),
    "brackets": raw_line(b"1-0:99.97.0" + b"(" * 1000 + b")" * 1000),
    "log_of_failures": raw_line(b"1-0:99.97.0(9999999999)" + b"(0-0:96.7.19)" * 100),
}


@pytest.fixture(autouse=True)
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at everything that can be shown."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.mark.parametrize("name", BENDS)
@pytest.mark.parametrize("first", [True, False], ids=["at_start", "later"])
async def test_a_hostile_telegram(
    hass: HomeAssistant,
    socket_enabled: None,
    name: str,
    first: bool,
    hass_client: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_up_api(hass)
    hostile = BENDS[name](RAW)
    async with heard(hass, *[hostile] * first, RAW) as (entry, gateway):
        for _ in range(2):
            await sent(hass, gateway, hostile)
        await assert_harmless(hass, hass_client)
        # It is read again as soon as it is valid.
        await tell(hass, entry, gateway, valued("1-0:1.7.0(01.234*kW)")(RAW))
        await until(lambda: shown(hass, entry, "voltage_l1") != "unavailable")
        assert entry.state is ConfigEntryState.LOADED
        await assert_harmless(hass, hass_client)
        assert_no_traceback(caplog)


async def sent(hass: HomeAssistant, gateway: TcpMeter, raw: bytes) -> None:
    """Send a telegram that may count, or not."""
    received = len(gateway.received)
    gateway.send(raw)
    assert len(gateway.received) == received
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00",
        b"/",
        b"/ISK5\r\n",
        b"x\n/A\n!\n",
        b"\n!/",
        b"1-0:1.7.0(00.001*kW)\r\n",
        b"\xdb\x08",
        b"\x7e\xa0",
        b"HTTP/1.1 200 OK\r\n\r\n<title>",
    ],
    ids=[
        "nul",
        "slashes",
        "headers",
        "telegrams",
        "ends",
        "lines",
        "encrypted",
        "hdlc",
        "web",
    ],
)
async def test_a_hostile_line(
    hass: HomeAssistant,
    socket_enabled: None,
    noise: bytes,
    hass_client: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A quarter of a MiB that is no telegram, and then one."""
    await set_up_api(hass)
    async with heard(hass, RAW) as (entry, gateway):
        gateway.send(b"/ISK5\r\n\r\n" + noise * (2**18 // len(noise)))
        gateway.send(b"\r\n" + RAW)
        await tell(hass, entry, gateway, RAW)
        await assert_harmless(hass, hass_client)
        assert_no_traceback(caplog)


@pytest.mark.parametrize("reload", [False, True])
async def test_a_silent_line_holds_nobody_up(
    hass: HomeAssistant,
    socket_enabled: None,
    reload: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.junction.startup.FIRST_REFRESH", 0.5)
    async with heard(hass, RAW) as (entry, _):
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert entry.state is ConfigEntryState.NOT_LOADED
        if reload:
            await hass.config_entries.async_setup(entry.entry_id)
            assert entry.state is ConfigEntryState.SETUP_RETRY


@pytest.mark.parametrize("when", ["unload", "reload", "stop"])
async def test_a_frozen_server_that_is_forwarded_to(
    hass: HomeAssistant,
    socket_enabled: None,
    tmp_path: Path,
    when: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Startup does not wait for the server, and unsent telegrams are kept.

    The meter's clock is years behind, which does not make the telegram an old one.
    """
    hass.config.config_dir = str(tmp_path)
    (tmp_path / ".storage").mkdir()
    async with (
        DsmrReaderServer(state_of()) as reader,
        heard(hass, RAW) as (entry, gateway),
    ):
        await add(hass, entry, **entered(reader.url))
        reader.server.inject(hang(), "/api/v1/*")
        gateway.send(RAW)
        await wait_for(lambda: reader.server.log.count("POST", "/api/v1/*"))
        async with asyncio.timeout(60):
            if when == "stop":
                hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
                await wait_for(lambda: queued(hass, entry))
            else:
                assert await hass.config_entries.async_unload(entry.entry_id)
                assert entry.state is ConfigEntryState.NOT_LOADED
                assert queued(hass, entry) == 1
        assert not reader.state.new
        if when == "reload":
            reader.server.heal()
            await hass.config_entries.async_setup(entry.entry_id)
            await wait_for(lambda: reader.state.new)
    assert "did not close within" not in caplog.text
    assert "did not complete in time" not in caplog.text


def queued(hass: HomeAssistant, entry: MockConfigEntry) -> int:
    """Return how many telegrams wait on disk."""
    with closing(DiskQueue(queue_path(hass, entry))) as queue:
        queue.open()
        [subentry] = entry.subentries
        waiting, _ = queue.size(subentry)
        return waiting
