"""Device registry entries of a gateway."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from simulators.openmotics.server import GatewayServer


async def test_devices(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer
) -> None:
    registry = dr.async_get(hass)
    devices = {
        next(iter(device.identifiers))[1].rpartition("/")[2]: device
        for device in dr.async_entries_for_config_entry(registry, om.entry_id)
    }
    hub = devices["hub"]
    assert (hub.manufacturer, hub.model) == ("OpenMotics", "Gateway Core+")
    assert (hub.sw_version, hub.hw_version) == ("2.29.0", "3.143.113")
    assert hub.serial_number == gateway.state.serial
    # "Visit" leads to the gateway's own page.
    assert hub.configuration_url is not None
    assert URL(hub.configuration_url).origin() == URL(gateway.url).origin()
    # Every device has its manufacturer and model.
    nameless = {
        key
        for key, device in devices.items()
        if not (device.manufacturer and device.model)
    }
    assert nameless == set()
    assert hub.connections == {("mac", "00:11:22:aa:bb:cc")}
    assert devices["output_0"].via_device_id == hub.id
    assert devices["output_8"].model == "Dimmer output"
    attic = devices["ventilation_1"]
    assert (attic.manufacturer, attic.model) == ("Renson", "Endura Delta")
    assert "output_16" not in devices, "relays of shutters are none"
    assert "shutter_0" not in devices, "nor are places for shutters"
    assert devices["output_21"].name == "Output 21"
