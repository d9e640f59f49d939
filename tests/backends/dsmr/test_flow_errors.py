"""Errors before there is an entry, each with its own message, and how to continue."""

from pathlib import Path

from homeassistant.config_entries import (
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.junction.backends.dsmr import flow as flow_module
from custom_components.junction.backends.dsmr.client.errors import (
    ConnectTimeoutError,
    HostUnknownError,
    HttpError,
    PortError,
    PortNotReadyError,
    PortPermissionError,
)
from custom_components.junction.backends.dsmr.client.transport import (
    LineSettings,
    open_port,
)
from custom_components.junction.backends.dsmr.entities import complaint
from custom_components.junction.errors import BackendError
from simulators.p1_meter import CrcMode, PtyTransport

from .client.test_line_kinds import LINES
from .flows import CREATED, FORM, as_shown, begin, confirm, fields, heard, listen, read
from .helpers import hdlc, wire
from .lines import Pty, free_port, meter
from .running import entry_for, set_up, simulated, until

pytestmark = pytest.mark.usefixtures("socket_enabled", "impatient")


@pytest.mark.parametrize(
    ("typed", "scheme"),
    [("http://192.168.1.5", "http://"), ("mqtt://broker:1883", "mqtt://")],
)
async def test_addresses_of_something_else(
    hass: HomeAssistant, typed: str, scheme: str
) -> None:
    """They are explained with an example, and can be corrected."""
    flow = await begin(hass)
    result = await listen(hass, flow, typed)
    assert result["errors"] == {"base": "wrong_scheme"}
    assert fields(result)["port"] == typed
    assert "192.168.1.5:23" in await read(hass, result)
    async with simulated() as sim:
        typed = sim.address.removeprefix("socket://")
        await then_it_works(hass, flow, f" tcp:// {typed} ")


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", "no_data_network"),
        (
            b"Meter offline, please wait for the next reading.\r\n" * 9,
            "no_telegram_network",
        ),
        (bytes(~byte & 0xFF for byte in wire("v5_nl_3phase_gas")), "noise"),
        *((data, kind.key) for data, kind in LINES.values()),
    ],
)
async def test_what_is_on_the_line(
    hass: HomeAssistant, sent: bytes, error: str
) -> None:
    """Each has a message of its own that says what to do."""
    async with meter() as gateway:
        result = await hass.config_entries.flow.async_configure(
            (await begin(hass))["flow_id"], {"port": gateway.url, "encryption": {}}
        )
        await gateway.connected.wait()
        gateway.send(sent * 2)
        result = await heard(hass, result)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr")
        assert result["errors"] == {"base": error}
        hass.config_entries.flow.async_abort(result["flow_id"])
        await hass.async_block_till_done()


async def then_it_works(hass: HomeAssistant, flow: ConfigFlowResult, port: str) -> None:
    """Go on in the same dialog with a port that works."""
    result = await confirm(hass, await listen(hass, flow, port))
    assert result["type"] is CREATED
    assert result["result"].state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    ("port", "error"),
    [
        ("/dev/serial/by-id/usb-none-there", "port_not_found"),
        ("socket://127.0.0.1:{free}", "host_refused"),
        ("socket://127.0.0.1:99999", "invalid_port"),
        ("{folder}", "invalid_port"),
        ("", "port_missing"),
    ],
)
async def test_ports_that_do_not_open(
    hass: HomeAssistant, tmp_path: Path, port: str, error: str
) -> None:
    port = port.format(free=free_port(), folder=tmp_path)
    flow = await begin(hass)
    result = await listen(hass, flow, port)
    assert (result["type"], result["step_id"]) == (FORM, "dsmr")
    assert result["errors"] == {"base": error}
    assert as_shown(port) in await read(hass, result)
    # Entered values can be corrected.
    assert fields(result)["port"] == (as_shown(port) or None)
    async with simulated() as sim:
        await then_it_works(hass, flow, sim.address)


async def test_busy_port_with_the_name_of_its_holder(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    async with simulated(transport=PtyTransport(link=tmp_path / "p1")) as sim:
        # The holder knows the port by another name.
        entry = entry_for(str((tmp_path / "p1").resolve()), sim.equipment)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.LOADED
        result = await listen(hass, await begin(hass), sim.address)
        assert result["errors"] == {"base": "port_held"}
        text = await read(hass, result)
        assert sim.address in text
        assert "Meter" in text
        # Its holder is not disturbed.
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_remove(entry.entry_id)
        await then_it_works(hass, result, sim.address)


async def test_busy_port_of_another_program(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    async with simulated(transport=PtyTransport(link=tmp_path / "p1")) as sim:
        # An entry that is not running holds nothing.
        idle = entry_for(str((tmp_path / "p1").resolve()), "4530")
        idle.add_to_hass(hass)
        await hass.config_entries.async_set_disabled_by(
            idle.entry_id, ConfigEntryDisabler.USER
        )
        holder = await open_port(
            sim.address, LineSettings(115200), lambda _: None, lambda _: None
        )
        result = await listen(hass, await begin(hass), sim.address)
        assert result["errors"] == {"base": "port_busy"}
        assert sim.address in await read(hass, result)
        await holder.close()
        await then_it_works(hass, result, sim.address)


async def test_silence(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        sim.control.speed(0)
        result = await listen(hass, await begin(hass), sim.address)
        assert result["errors"] == {"base": "no_data_network"}
        sim.control.speed(20)
        await then_it_works(hass, result, sim.address)


async def test_silence_of_a_port_that_web_servers_have(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with simulated() as sim:
        port = int(sim.address.rpartition(":")[2])
        monkeypatch.setattr(complaint, "_WEB_PORTS", frozenset({port}))
        sim.control.speed(0)
        result = await listen(hass, await begin(hass), sim.address)
        assert result["errors"] == {"base": HttpError.key}
        sim.control.speed(20)
        await then_it_works(hass, result, sim.address)


async def test_no_answer(hass: HomeAssistant) -> None:
    """A raw TCP port never answers to RFC 2217."""
    async with simulated() as sim:
        url = sim.address.replace("socket", "rfc2217")
        result = await listen(hass, await begin(hass), url)
        assert result["errors"] == {"base": "connect_timeout"}
        assert url in await read(hass, result)
        await then_it_works(hass, result, sim.address)


async def test_only_damaged_telegrams(hass: HomeAssistant) -> None:
    async with simulated(crc=CrcMode.WRONG) as sim:
        result = await listen(hass, await begin(hass), sim.address)
        assert result["errors"] == {"base": "only_crc_errors"}
        sim.control.crc("upper")
        await then_it_works(hass, result, sim.address)


@pytest.mark.parametrize(
    ("noise", "error"),
    [
        (b"temperature=21.5;humidity=40\r\n", "no_telegram_network"),
        (hdlc(120) * 2, "hdlc_not_p1"),
    ],
)
async def test_other_products(hass: HomeAssistant, noise: bytes, error: str) -> None:
    async with meter() as gateway:
        result = await hass.config_entries.flow.async_configure(
            (await begin(hass))["flow_id"], {"port": gateway.url, "encryption": {}}
        )
        await gateway.connected.wait()
        gateway.send(noise)
        result = await heard(hass, result)
        assert result["errors"] == {"base": error}
    async with simulated() as sim:
        await then_it_works(hass, result, sim.address)


async def test_gateway_that_hangs_up(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        # By another name, as the same one is known already
        url = sim.address.replace("127.0.0.1", "localhost")
        result = await listen(hass, await begin(hass), url)
        assert result["errors"] == {"base": "line_lost"}
        text = await read(hass, result)
        assert as_shown(url) in text
        assert "socket" not in text
        await hass.config_entries.async_remove(entry.entry_id)
        await then_it_works(hass, result, sim.address)


@pytest.mark.parametrize(
    "error",
    [
        PortPermissionError("[Errno 13]", port="/dev/ttyUSB0"),
        PortNotReadyError(port="esphome-hass://esphome/1"),
        # Tests look no names up.
        HostUnknownError(port="socket://p1.invalid:1"),
        ConnectTimeoutError(port="socket://192.0.2.1:1"),
        PortError("it smokes", port="/dev/ttyUSB0"),
    ],
    ids=lambda error: error.key,
)
async def test_what_is_hard_to_bring_about(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, error: BackendError
) -> None:
    async def fail(*args: object, **kwargs: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(flow_module, "probe", fail)
        result = await listen(hass, await begin(hass), "/dev/ttyUSB0")
    assert result["errors"] == {"base": error.key}
    assert await read(hass, result)
    async with simulated() as sim:
        await then_it_works(hass, result, sim.address)


async def test_one_error_after_the_other(hass: HomeAssistant) -> None:
    """The words are always those of the last one."""
    flow = await begin(hass)
    first = await listen(hass, flow, "/dev/not-there")
    assert "/dev/not-there" in await read(hass, first)
    second = await listen(hass, flow, "/dev/nor-there")
    assert "/dev/nor-there" in await read(hass, second)
    # And they are gone as soon as something else is tried.
    async with simulated() as sim:
        result = await listen(hass, flow, sim.address)
        assert result["step_id"] == "dsmr_found"
        assert not result["errors"]


async def test_a_port_that_vanishes_while_listening(hass: HomeAssistant) -> None:
    port, told = (
        Pty(),
        async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE),
    )
    result = await hass.config_entries.flow.async_configure(
        (await begin(hass))["flow_id"], {"port": port.path, "encryption": {}}
    )
    await until(lambda: len(told) > 1)
    port.send(b"/ISK5")
    port.unplug()
    result = await heard(hass, result)
    assert result["errors"] is not None
    assert result["errors"]["base"] == "line_lost"
