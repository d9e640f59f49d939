"""A dialog that is closed, and a cable that is plugged in."""

from collections.abc import Coroutine
import gc
from typing import Any

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_USB,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.usb import UsbServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.dsmr import flow as flow_module
from custom_components.junction.backends.dsmr.client.errors import PortError
from custom_components.junction.backends.dsmr.client.probe import ProbeResult
from custom_components.junction.const import DOMAIN
from simulators.p1_meter import PtyTransport

from .flows import ABORT, CREATED, FORM, begin, confirm, fields, listen
from .running import connected, entry_for, set_up, simulated, until

pytestmark = pytest.mark.usefixtures("socket_enabled", "impatient")


async def done(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


# A dialog that is closed


@pytest.mark.parametrize("source", ["user", "reconfigure"])
async def test_closed_while_listening(hass: HomeAssistant, source: str) -> None:
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        configure = hass.config_entries.flow.async_configure
        if source == "user":
            result = await begin(hass)
        else:
            await set_up(hass, entry)
            result = await entry.start_reconfigure_flow(hass)
        sim.control.speed(0)
        before = sim.transport.connections
        await configure(result["flow_id"], {"port": sim.address, "encryption": {}})
        await until(lambda: sim.transport.connections > before)
        hass.config_entries.flow.async_abort(result["flow_id"])
        sim.control.speed(20)
        await hass.async_block_till_done()
        if source == "user":
            await until(lambda: not sim.transport.receivers)
            # And it can be used.
            await confirm(hass, await listen(hass, await begin(hass), sim.address))
            (made,) = hass.config_entries.async_entries(DOMAIN)
            await hass.config_entries.async_unload(made.entry_id)
        else:
            await until(lambda: entry.state is ConfigEntryState.LOADED)
            await until(lambda: connected(hass, entry) == "on")
            await done(hass, entry)


async def test_closed_over_an_error(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        result = await entry.start_reconfigure_flow(hass)
        result = await listen(hass, result, "/dev/not-there")
        assert result["errors"] == {"base": "port_not_found"}
        hass.config_entries.flow.async_abort(result["flow_id"])
        await hass.async_block_till_done()
        await done(hass, entry)


async def test_closed_when_it_just_came_to_its_end(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    result = await begin(hass)
    manager = hass.config_entries.flow

    async def fail(work: Coroutine[Any, Any, ProbeResult]) -> None:
        work.close()
        manager.async_abort(result["flow_id"])
        raise PortError

    monkeypatch.setattr(flow_module, "async_with_progress", fail)
    await manager.async_configure(
        result["flow_id"], {"port": "/dev/ttyUSB0", "encryption": {}}
    )
    await hass.async_block_till_done()
    gc.collect()
    assert not manager.async_progress()
    assert "never retrieved" not in caplog.text


async def test_entry_removed_while_the_dialog_is_open(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        result = await entry.start_reconfigure_flow(hass)
        await listen(hass, result, "/dev/not-there")
        await hass.config_entries.async_remove(entry.entry_id)
        hass.config_entries.flow.async_abort(result["flow_id"])
        await hass.async_block_till_done()


# A cable that is plugged in


def cable(device: str, **other: str | None) -> UsbServiceInfo:
    facts: dict[str, Any] = {
        "vid": "0403",
        "pid": "6001",
        "serial_number": "P11OFEZW",
        "manufacturer": "FTDI",
        "description": "P1 Converter Cable",
    } | other
    return UsbServiceInfo(device=device, **facts)


async def discover(hass: HomeAssistant, info: UsbServiceInfo) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USB}, data=info
    )


async def test_discovered(hass: HomeAssistant, tmp_path: Any) -> None:
    async with simulated(transport=PtyTransport(link=tmp_path / "p1")) as sim:
        result = await discover(hass, cable(sim.address))
        assert (result["type"], result["step_id"]) == (FORM, "dsmr")
        assert fields(result)["port"] == sim.address
        (flow,) = hass.config_entries.flow.async_progress()
        assert flow["context"]["title_placeholders"] == {"name": "P1 Converter Cable"}
        # The same once more, while the first waits
        again = await discover(hass, cable(sim.address))
        assert (again["type"], again["reason"]) == (ABORT, "already_in_progress")
        result = await confirm(hass, await listen(hass, result, sim.address))
        assert result["type"] is CREATED
        assert result["result"].unique_id == f"dsmr:{sim.equipment}"
        again = await discover(hass, cable(sim.address))
        assert (again["type"], again["reason"]) == (ABORT, "already_configured")
        await hass.config_entries.async_unload(result["result"].entry_id)


async def test_discovered_without_description_or_serial(hass: HomeAssistant) -> None:
    info = cable("/dev/ttyUSB7", description=None, serial_number=None)
    await discover(hass, info)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "/dev/ttyUSB7"}
    assert flow["context"]["unique_id"] == "dsmr:cable:/dev/ttyUSB7"


async def test_ignored(hass: HomeAssistant) -> None:
    """An ignored meter is not discovered again, and does not block adding it."""
    result = await discover(hass, cable("/dev/ttyUSB7"))
    (flow,) = hass.config_entries.flow.async_progress()
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": flow["context"]["unique_id"], "title": "Cable"},
    )
    await hass.async_block_till_done()
    result = await discover(hass, cable("/dev/ttyUSB7"))
    assert (result["type"], result["reason"]) == (ABORT, "already_configured")
    async with simulated("5S") as sim:
        result = await discover(hass, cable("/dev/ttyUSB8", serial_number="other"))
        result = await confirm(hass, await listen(hass, result, sim.address))
        assert result["type"] is CREATED
        await hass.config_entries.async_unload(result["result"].entry_id)
