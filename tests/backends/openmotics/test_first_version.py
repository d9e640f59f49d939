"""Entries of version 0.1.0, of a gateway and of the cloud: all entities go on."""

from homeassistant.core import HomeAssistant

from simulators.openmotics.cloud import CloudServer
from simulators.openmotics.server import GatewayServer

from ..first_version import FirstVersion
from .conftest import entry_data, set_up


async def test_a_gateway(hass: HomeAssistant, gateway: GatewayServer) -> None:
    kept = FirstVersion(hass, "openmotics", **entry_data(gateway))
    await set_up(hass, kept.entry)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())


async def test_the_cloud(hass: HomeAssistant, server: CloudServer) -> None:
    kept = FirstVersion(hass, "openmotics_cloud", client_secret="new-s3cret")
    await set_up(hass, kept.entry)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())
