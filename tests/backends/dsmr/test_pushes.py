"""Meters that push DLMS lists, set up through their dialog in Home Assistant."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.junction.backends.dsmr.client.dlms.energy import FoundFactor
from custom_components.junction.backends.dsmr.client.dlms.telegrams import UNKNOWN_MODEL
from custom_components.junction.backends.dsmr.entities.meter import MANUFACTURERS
from simulators.clock import VirtualClock
from simulators.dlms.meter import PushingMeter
from simulators.p1.plan import MeterPlan
from simulators.p1.server import MeterServer
from simulators.p1.tcp_line import TcpTransport

from .client.dlms.captures import expected, wire
from .client.dlms.test_telegrams import wire_25
from .client.test_line_kinds import LLC, NOTIFICATION
from .flows import FORM, begin, confirm, enter_key, listen, read
from .helpers import framed
from .lines import TcpMeter, meter
from .running import until

pytestmark = pytest.mark.usefixtures("socket_enabled")


@asynccontextmanager
async def pushing(name: str, seconds: float = 0.1) -> AsyncIterator[TcpMeter]:
    """Run a gateway to a meter that repeats its capture."""
    async with meter() as gateway:

        async def forever() -> None:
            while True:
                gateway.send(wire(name))
                await asyncio.sleep(seconds)

        task = asyncio.create_task(forever())
        try:
            yield gateway
        finally:
            task.cancel()


def states_of(hass: HomeAssistant, entry_id: str) -> dict[str, State]:
    """Return the states of the entities of an entry by the end of their unique id."""
    return {
        entity.unique_id.rpartition("/")[2]: state
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry_id)
        if (state := hass.states.get(entity.entity_id)) is not None
    }


@pytest.mark.parametrize(
    ("name", "title", "values"),
    [
        (
            "no_aidon_list3",
            "Aidon",
            {
                "energy_import": ("109552.25", "kWh"),
                "power_import": ("4.027", "kW"),
                "voltage_l2": ("233.4", "V"),
                "current_l3": ("16.8", "A"),
            },
        ),
        (
            "ch_iskra_am550_segmented",
            "Iskraemeco",
            {
                "energy_import": ("15.207", "kWh"),
                "energy_export": ("8.987", "kWh"),
                "power_import": ("0.027", "kW"),
                "voltage_l1": ("234.7", "V"),
            },
        ),
        (
            "si_iskra_18_12",
            "Iskraemeco",
            {
                "energy_import": ("471.547", "kWh"),
                "energy_import_tariff_1": ("210.163", "kWh"),
                "power_import": ("0.246", "kW"),
            },
        ),
    ],
)
async def test_a_meter_in_clear(
    hass: HomeAssistant,
    name: str,
    title: str,
    values: dict[str, tuple[str, str]],
) -> None:
    async with pushing(name) as gateway:
        result = await listen(hass, await begin(hass), gateway.url)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_found"), result
        told = result["description_placeholders"]
        assert told is not None and told["carrier"] == "DLMS in HDLC frames"
        assert told["dialect"].startswith("DLMS, ")
        # The model, without a placeholder for the header
        assert told["header"][:3] not in MANUFACTURERS
        assert told["header"] != UNKNOWN_MODEL
        result = await confirm(hass, result)
        assert result["title"] == title
        entry = result["result"]
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == f"dsmr:{expected(name)['meter_id']}"
        states = states_of(hass, entry.entry_id)
        assert {
            key: (states[key].state, states[key].attributes["unit_of_measurement"])
            for key in values
        } == values
        energy = states["energy_import"]
        assert energy.attributes[ATTR_STATE_CLASS] == "total_increasing"
        assert energy.attributes["device_class"] == "energy"
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        assert device.serial_number == expected(name)["meter_id"]
        assert device.manufacturer == title
        await hass.config_entries.async_unload(entry.entry_id)


@asynccontextmanager
async def simulated(name: str) -> AsyncIterator[MeterServer]:
    """Run a simulated port, quickly; its meter counts its frames as a real one does."""
    clock = VirtualClock(datetime.now(UTC).timestamp(), 100)
    pushes = PushingMeter(MeterPlan(name), clock=clock)
    async with MeterServer(pushes, TcpTransport()) as server:
        yield server


@pytest.mark.parametrize("name", ["at-kaifa-enc", "dk-kamstrup-enc"])
async def test_an_encrypted_meter_asks_for_its_key(
    hass: HomeAssistant, name: str
) -> None:
    """One encryption key is enough; another is refused in its own words."""
    async with simulated(name) as server:
        dialect = server.meter.dialect
        assert dialect.encrypted is not None
        result = await listen(hass, await begin(hass), server.transport.address)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_key")
        result = await enter_key(hass, result, encryption_key="00" * 16)
        assert result["step_id"] == "dsmr_key"
        assert result["errors"] == {"base": "wrong_key"}
        key = dialect.encrypted.key.hex()
        result = await enter_key(hass, result, encryption_key=key)
        told = result["description_placeholders"]
        assert told is not None and told["serial"] == dialect.ident
        result = await confirm(hass, result)
        entry = result["result"]
        assert entry.unique_id == f"dsmr:{dialect.ident}"
        states = states_of(hass, entry.entry_id)
        units = {
            "energy_import": "kWh",
            "energy_export": "kWh",
            "power_import": "kW",
            "voltage_l1": "V",
            "current_l3": "A",
        }
        for point, unit in units.items():
            float(states[point].state)
            assert states[point].attributes["unit_of_measurement"] == unit
        assert states["energy_import"].attributes[ATTR_STATE_CLASS] == (
            "total_increasing"
        )
        await hass.config_entries.async_unload(entry.entry_id)


async def test_an_unknown_list_is_named(hass: HomeAssistant) -> None:
    data = framed(LLC + NOTIFICATION)
    async with meter() as gateway:

        async def send() -> None:
            await gateway.connected.wait()
            gateway.send(data * 2)

        task = asyncio.create_task(send())
        result = await listen(hass, await begin(hass), gateway.url)
        await task
        assert "16:0606" in await read(hass, result)


async def test_counters_of_an_hourly_list_outlast_a_restart(
    hass: HomeAssistant,
) -> None:
    """They show their old value until the next hour, not nothing."""
    name = "no_kamstrup_list2_list1"
    hourly = len(wire(name)) - wire_25()
    async with pushing(name) as gateway:
        result = await confirm(hass, await listen(hass, await begin(hass), gateway.url))
        entry = result["result"]
        assert states_of(hass, entry.entry_id)["energy_import"].state == "85823.28"
        await hass.config_entries.async_unload(entry.entry_id)
    async with meter() as other:

        async def send() -> None:
            while True:
                await other.connected.wait()
                other.send(wire(name)[hourly:])
                await asyncio.sleep(0.1)

        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "port": other.url}
        )
        task = asyncio.create_task(send())
        try:
            await hass.config_entries.async_setup(entry.entry_id)
            await until(
                lambda: states_of(hass, entry.entry_id)["power_import"].state == "1.225"
            )
            await hass.async_block_till_done()
            energy = states_of(hass, entry.entry_id)["energy_import"]
            assert energy.state == "85823.28"
            await hass.config_entries.async_unload(entry.entry_id)
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_what_energy_counts_in_outlasts_a_restart(hass: HomeAssistant) -> None:
    """The unit of energy, which takes an hour to detect, is stored with the entry."""
    name = "no_kamstrup_list2_list1"
    async with pushing(name) as gateway:
        result = await confirm(hass, await listen(hass, await begin(hass), gateway.url))
        entry = result["result"]
        builder = entry.runtime_data.backend._listener.stream.builder
        model = builder.factor._model
        assert model is not None and builder.factor.found is None
        builder.factor.found = FoundFactor(model, 0.1)
        assert await hass.config_entries.async_reload(entry.entry_id)
        again = entry.runtime_data.backend._listener.stream.builder
        assert again is not builder
        assert again.factor.factor == 0.1
        assert again.factor.found == FoundFactor(model, 0.1)
        # Of another meter nothing is known
        changed = {**entry.data, "exchanges": 1}
        hass.config_entries.async_update_entry(entry, data=changed)
        await hass.config_entries.async_reload(entry.entry_id)
        assert entry.runtime_data.backend._listener.stream.builder.factor.found is None
        await hass.config_entries.async_unload(entry.entry_id)
