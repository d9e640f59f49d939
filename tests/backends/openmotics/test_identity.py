"""Gateways that have no id of their own, and entries of 0.1.0 that were named by address."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import junction
from custom_components.junction.backends.openmotics.client.house import (
    lasting_mac,
    lasting_serial,
    same_house,
)
from custom_components.junction.const import DOMAIN
from simulators.openmotics.server import GatewayServer
from simulators.openmotics.state import State

from .conftest import certificate, entry_data, set_up
from .test_flow import answer, begin, local


def no_mac(state: State) -> None:
    state.mac, state.serial = "00:00:00:00:00:00", None


def container(state: State) -> None:
    state.mac, state.serial = "02:42:ac:11:00:02", "None"


def broadcast(state: State) -> None:
    state.mac, state.serial = "FF:FF:FF:FF:FF:FF", "00000000"


def old(state: State) -> None:
    """Make it a gateway that does not report platform details."""
    state.quirks.old = True


NAMELESS = pytest.mark.parametrize("nameless", [no_mac, container, broadcast, old])


@pytest.mark.parametrize(
    ("mac", "lasting"),
    [
        ("00:11:22:AA:BB:CC", "00:11:22:aa:bb:cc"),
        ("00-11-22-aa-bb-cc", "00:11:22:aa:bb:cc"),
        ("00:00:00:00:00:00", None),
        ("ff:ff:ff:ff:ff:ff", None),
        ("01:00:5e:00:00:01", None),
        ("02:42:ac:11:00:02", None),
        ("192.168.1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_macs(mac: str | None, lasting: str | None) -> None:
    assert lasting_mac(mac) == lasting


@pytest.mark.parametrize("text", [None, "", " ", "None", "0000", "N/A", "unknown"])
def test_serials_that_are_none(text: str | None) -> None:
    assert lasting_serial(text) is None
    assert lasting_serial(" OM-77-1234 ") == "OM-77-1234"


def test_one_house_or_two() -> None:
    marks = [str(number) for number in range(10)]
    assert same_house(marks, marks[:6])
    assert not same_house(marks, marks[:4])
    assert not same_house([], [])


@pytest.fixture
def never_loaded() -> Iterator[None]:
    """Skip unloading of entries that were not set up."""
    with patch.object(junction, "async_unload_entry", return_value=True):
        yield


async def add(hass: HomeAssistant, gateway: GatewayServer, trust: str = "pin") -> Any:
    flow = await begin(hass, "local")
    await answer(hass, flow, **local(gateway))
    return await answer(hass, flow, trust=trust)


async def reconfigure(hass: HomeAssistant, entry: Any) -> Any:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )


@NAMELESS
@pytest.mark.usefixtures("quick", "never_loaded")
async def test_its_id_lasts(
    hass: HomeAssistant, gateway: GatewayServer, nameless: Callable[[State], None]
) -> None:
    """It is no address; added again elsewhere it is known; another house is another."""
    nameless(gateway.state)
    result = await add(hass, gateway)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.unique_id.startswith("openmotics:made-")
    assert "127.0.0.1" not in entry.unique_id
    await gateway.server.move()
    # With any certificate accepted, the gateway is recognized by its content.
    result = await add(hass, gateway, "any")
    assert result["reason"] == "already_configured"
    assert entry.data["url"] == gateway.url
    # Half of the names may be others by now.
    for row in gateway.state.outputs[:6]:
        row["name"] = f"Renamed {row['id']}"
    await gateway.server.move()
    started = await reconfigure(hass, entry)
    await answer(hass, started["flow_id"], **local(gateway))
    result = await answer(hass, started["flow_id"], trust="any")
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["url"] == gateway.url


@NAMELESS
@pytest.mark.usefixtures("quick", "never_loaded")
async def test_another_house(
    hass: HomeAssistant, gateway: GatewayServer, nameless: Callable[[State], None]
) -> None:
    nameless(gateway.state)
    entry = (await add(hass, gateway, "any"))["result"]
    await gateway.server.move()
    for rows in (
        gateway.state.outputs,
        gateway.state.inputs,
        gateway.state.shutters,
        gateway.state.sensors,
        gateway.state.thermostats,
        gateway.state.actions,
    ):
        for row in rows:
            row["name"] = row["name"] and f"Another {row['name']}"
    started = await reconfigure(hass, entry)
    await answer(hass, started["flow_id"], **local(gateway))
    result = await answer(hass, started["flow_id"], trust="any")
    assert result["reason"] == "unique_id_mismatch"
    result = await add(hass, gateway, "any")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id != entry.unique_id


@pytest.mark.usefixtures("quick", "never_loaded")
async def test_it_learns_its_mac(hass: HomeAssistant, gateway: GatewayServer) -> None:
    """After an update it may report its board, and is still the same gateway."""
    no_mac(gateway.state)
    entry = (await add(hass, gateway))["result"]
    gateway.state.mac = "00:11:22:aa:bb:cc"
    known = entry.unique_id
    result = await add(hass, gateway)
    assert result["reason"] == "already_configured"
    started = await reconfigure(hass, entry)
    result = await answer(hass, started["flow_id"], **local(gateway))
    assert result["reason"] == "reconfigure_successful"
    assert entry.unique_id == known


@pytest.mark.parametrize("named", ["127.0.0.1", "192.0.2.7"])
async def test_an_entry_of_0_1_0(
    hass: HomeAssistant, gateway: GatewayServer, named: str
) -> None:
    """An entry identified by its address gets an id; entities, names, and devices stay."""
    no_mac(gateway.state)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="OpenMotics",
        unique_id=f"openmotics:{named}",
        data=entry_data(gateway),
    )
    entry.add_to_hass(hass)
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, f"openmotics:{named}/output_0")},
        name="Ceiling lamp",
    )
    # Shared with another integration, some of which have identifiers of three parts.
    shared: Any = ("other", "1", "of three")
    devices.async_update_device(
        device.id,
        name_by_user="My lamp",
        new_identifiers={*device.identifiers, shared},
    )
    lamp = entities.async_get_or_create(
        "light",
        DOMAIN,
        f"openmotics:{named}/output_0/output_0",
        config_entry=entry,
        device_id=device.id,
        suggested_object_id="my_own_name",
    )
    await set_up(hass, entry)
    assert entry.unique_id is not None
    assert entry.unique_id.startswith("openmotics:made-")
    assert hass.states.is_state(lamp.entity_id, "off")
    found = entities.async_get(lamp.entity_id)
    assert found is not None
    assert found.unique_id == f"{entry.unique_id}/output_0/output_0"
    kept = devices.async_get(device.id)
    assert kept is not None
    assert kept.name_by_user == "My lamp"
    assert kept.identifiers == {(DOMAIN, f"{entry.unique_id}/output_0"), shared}
    for one in er.async_entries_for_config_entry(entities, entry.entry_id):
        assert named not in one.unique_id
    # Its identifying features are stored for a change of its address.
    assert entry.data["house"]
    assert entry.data["pin"] == certificate().sha256
    # Once is enough.
    before = entry.unique_id
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.unique_id == before
