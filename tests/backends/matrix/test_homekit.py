"""HomeKit makes programmable switches of remotes and wall buttons.

The bridge is Home Assistant's own; only nobody is told of it on the network.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Any
from unittest.mock import MagicMock

from homeassistant.components.homekit import HomeKit
from homeassistant.components.homekit.aidmanager import AccessoryAidStorage
from homeassistant.components.homekit.const import (
    CHAR_NAME,
    CHAR_PROGRAMMABLE_SWITCH_EVENT,
    CHAR_SERVICE_LABEL_INDEX,
    HOMEKIT_MODE_BRIDGE,
    SERV_STATELESS_PROGRAMMABLE_SWITCH,
)
from homeassistant.components.homekit.iidmanager import AccessoryIIDStorage
from homeassistant.components.homekit.type_triggers import DeviceTriggerAccessory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entityfilter import FILTER_SCHEMA
from homeassistant.setup import async_setup_component
import pytest

from simulators.cozify import seed

from .cozify import CozifyHub
from .house import House
from .openmotics import OpenMoticsLocal

ENTRY = "homekit-bridge"

type Remote = tuple[House, str, Callable[[House], None], str]


def _push(house: House) -> None:
    assert isinstance(house, CozifyHub)
    house.world.hub.press(seed.REMOTE, 1)


def _press(house: House) -> None:
    assert isinstance(house, OpenMoticsLocal)
    house.gateway.engine.press(0)


@pytest.fixture(
    params=[
        pytest.param(
            (CozifyHub, f"{seed.REMOTE}/", _push, "Kaukosäädin Press"), id="remote"
        ),
        pytest.param(
            (OpenMoticsLocal, "/input_0", _press, "Hall button Press Press Start"),
            id="wall button",
        ),
    ]
)
async def remote(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    entity_registry: er.EntityRegistry,
) -> AsyncGenerator[Remote]:
    """Return a house, a device to press, how to press it, and the switch that tells."""
    kind, part, press, name = request.param
    house: House = kind(hass, monkeypatch)
    assert await async_setup_component(hass, "homeassistant", {})
    async with house.running():
        device = next(
            entity.device_id
            for entity in er.async_entries_for_config_entry(
                entity_registry, house.entry.entry_id
            )
            if entity.domain == Platform.EVENT and part in entity.unique_id
        )
        assert device is not None
        yield house, device, press, name


async def test_programmable_switches(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    remote: Remote,
) -> None:
    house, device, press, name = remote
    kit = HomeKit(
        hass, "Bridge", 0, "127.0.0.1", FILTER_SCHEMA({}), False, {},
        HOMEKIT_MODE_BRIDGE, [], ENTRY, "Bridge", devices=[device],
    )  # fmt: skip
    kit.aid_storage = AccessoryAidStorage(hass, ENTRY)
    await kit.aid_storage.async_initialize()
    kit.iid_storage = AccessoryIIDStorage(hass, ENTRY)
    await kit.iid_storage.async_initialize()
    kit.setup(MagicMock(), "0123456789abcdef0123456789abcdef")
    told: list[tuple[int, int]] = []

    def publish(data: dict[str, Any], *_rest: object) -> None:
        told.append((data["aid"], data["iid"]))

    assert kit.driver is not None
    kit.driver.publish = publish
    bridge = await kit._async_create_bridge_accessory([])
    (accessory,) = bridge.accessories.values()
    assert isinstance(accessory, DeviceTriggerAccessory)
    registered = device_registry.async_get(device)
    assert registered is not None
    assert accessory.display_name == registered.name

    switches = [
        service
        for service in accessory.services
        if service.display_name == SERV_STATELESS_PROGRAMMABLE_SWITCH
    ]
    assert len(switches) > 1
    assert [
        switch.get_characteristic(CHAR_SERVICE_LABEL_INDEX).value for switch in switches
    ] == [*range(1, len(switches) + 1)]
    # Nothing was pressed yet.
    assert told == []
    press(house)
    await house.until(lambda: told)
    await hass.async_block_till_done()
    events = {
        (accessory.aid, accessory.iid_manager.get_iid(char)): number
        for number, switch in enumerate(switches)
        if (char := switch.get_characteristic(CHAR_PROGRAMMABLE_SWITCH_EVENT))
    }
    names = [switch.get_characteristic(CHAR_NAME).value for switch in switches]
    assert name in [names[events[one]] for one in told]
    accessory.async_stop()
