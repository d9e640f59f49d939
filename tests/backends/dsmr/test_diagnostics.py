"""Diagnostics give all technical details, and no personal data."""

import json
import logging
import re
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.backends.dsmr.client.masking import masked

from .helpers import VALID, expected, stream, wire
from .running import Simulation, connected, entry_for, set_up, simulated, until

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def dump(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Return the downloaded diagnostics."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    assert answer.status == 200
    found = await answer.json()
    assert isinstance(found, dict)
    return found


def secrets_of(sim: Simulation) -> set[str]:
    """Return all personal data that the simulated meter sent."""
    meter = sim.meter
    registers = meter.metering.registers
    names = {registers.ident, registers.second_ident, registers.ean}
    names |= {device.slot.ident or "" for device in meter.mbus.devices.values()}
    names |= {device.slot.ean or "" for device in meter.mbus.devices.values()}
    names.add(registers.message)
    if meter.frames is not None:
        names |= {meter.frames.key.hex(), meter.frames.authentication_key.hex()}
        names.add(meter.frames.system_title.hex())
    names.discard("")
    return names | {sim.address, sim.address.partition("://")[2]}


def grep(text: str, secret: str) -> bool:
    """Return whether a text contains a secret, in plain form or as printed by meters."""
    text = text.lower()
    return any(
        form.lower() in text for form in (secret, secret.encode("latin-1").hex())
    )


@pytest.mark.parametrize(
    "dialect", ["5", "5B-2.1", "5L-enc", "AT-enc", "5EONHU", "2.2"]
)
async def test_nothing_personal(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    dialect: str,
) -> None:
    """Diagnostics and log have no personal data, in any state of the entry."""
    caplog.set_level(logging.INFO)
    async with simulated(dialect, speed=100) as sim:
        keys: dict[str, Any] = {}
        if (frames := sim.meter.frames) is not None:
            keys = {
                "encryption_key": frames.key.hex(),
                "authentication_key": frames.authentication_key.hex(),
            }
        if dialect != "AT-enc":
            sim.control.message("Mrs. Miggins, Seagull Street 5")
        entry = entry_for(sim.address, sim.equipment, **keys)
        secrets = secrets_of(sim)
        assert len(secrets) >= 3
        await set_up(hass, entry)
        if (equipment := sim.equipment) is not None and dialect != "2.2":
            # Open questions are a part of it.
            sim.control.exchange_meter("E0047000000000001")
            await until(lambda: ir.async_get(hass).issues)
            secrets |= {"E0047000000000001", equipment}
        await sim.sent(5)
        texts = [json.dumps(await dump(hass, hass_client, entry))]
        assert ("dsmr_meter_replaced" in texts[0]) is bool(ir.async_get(hass).issues)
        sim.control.fault("wrong_crc" if dialect != "2.2" else "truncate", 2)
        await sim.sent(5)
        await sim.control.refuse()
        await until(lambda: connected(hass, entry) == "off")
        texts.append(json.dumps(await dump(hass, hass_client, entry)))
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.SETUP_RETRY
        texts.append(json.dumps(await dump(hass, hass_client, entry)))
        await hass.config_entries.async_unload(entry.entry_id)
    for secret in secrets:
        for text in texts:
            assert not grep(text, secret), secret
    ours = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
    )
    for secret in secrets - {sim.address, sim.address.partition("://")[2]}:
        assert not grep(ours, secret), secret


async def test_what_a_maintainer_needs(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        sim.control.fault("wrong_crc", 1)
        sim.control.fault("other_meter", 1)
        await sim.sent(4)
        statistics = entry.runtime_data.backend._listener.statistics
        await until(lambda: statistics.telegrams > 4)
        found = await dump(hass, hass_client, entry)
        assert found["data"]["backend"] == "dsmr"
        assert found["data"]["entry"]["data_fields"] == [
            "backend",
            "baudrate",
            "equipment_id",
            "port",
        ]
        meter = found["data"]["dsmr"]
        assert meter["link"] == "fresh"
        assert meter["error"] is None
        assert meter["connected"] is True
        assert meter["baudrate"] == 115200
        assert (meter["carrier"], meter["dialect"]) == ("clear", "dsmr_5")
        assert meter["standard_offset_hours"] == 1
        assert meter["foreign_telegrams"] == 1
        counters = meter["statistics"]
        assert counters["telegrams"] >= 4
        assert counters["bytes_received"] > 4 * 800
        assert counters["crc_errors"] == 1
        assert counters["rejected"] == {"crc": 1}
        assert counters["interval"] == 1
        assert counters["last_error"] == "crc"
        assert counters["last_telegram"] is not None
        telegram = meter["telegram"]
        assert telegram["crc"] is True
        assert telegram["unknown"] == telegram["malformed"] == []
        assert "1-0:1.8.1(000000.000*kWh)" in telegram["lines"]
        assert found["data"]["coordinator"]["points"]["sensor"] > 30

        await sim.control.refuse()
        await until(lambda: connected(hass, entry) == "off")
        meter = (await dump(hass, hass_client, entry))["data"]["dsmr"]
        assert (meter["link"], meter["connected"]) == ("lost", False)
        assert meter["error"] in {"connection_lost", "host_refused"}
        assert meter["statistics"]["last_error"] == meter["error"]
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("name", VALID)
def test_shape_of_every_line_is_kept(name: str) -> None:
    """Enough to make a test of it; no digit of any value."""
    line = stream()
    line.feed(wire(name) * 2)
    assert line.last is not None
    lines = masked(line.last)["lines"]
    printed = [
        text
        for text in wire(name).decode("latin-1").splitlines()
        if "(" in text and not text.startswith("/")
    ]
    assert len(lines) == len(printed)
    for shape, text in zip(lines, printed, strict=True):
        head, _, values = shape.partition("(")
        assert text.startswith(head)
        units = re.findall(r"\*[A-Za-z0-9]+", text.partition("(")[2])
        assert re.findall(r"\*[A-Za-z0-9]+", values) == units
        values = re.sub(r"\*[A-Za-z0-9]+", "", values)
        assert len(shape) == len(text)
        assert set(values) <= set("0()*.-+:, /!_\\"), shape
    equipment = expected(name)["equipment_id"]
    assert equipment is None or not any(equipment in shape for shape in lines)
