"""Entries of version 0.1.0, of a gateway and of the cloud: all entities go on."""

import re

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from simulators.openmotics.cloud import CloudServer
from simulators.openmotics.server import GatewayServer

from ..first_version import FirstVersion
from .conftest import Entities, entry_data, set_up

OPTIONS = {
    "valves": "switch",
    "dimmers": "number",
    "group_actions": "scene",
    "power_interval": 60,
    "pulses": {"0": {"medium": "water", "per_unit": 1000}},
}
"""All options of that version, as it stored them."""
TOTAL, MEASURED = "total_increasing", "measurement"
STATISTICS = (
    (r"_energy(_day|_night)?$", ("kWh", TOTAL)),
    (r"^ct_.*_power$", ("W", MEASURED)),
    (r"^pulse_0$", ("m³", TOTAL)),
    (r"^sensor_[12]$", ("°C", MEASURED)),
    (r"^sensor_3$", ("%", MEASURED)),
    (r"^sensor_5$", ("ppm", MEASURED)),
    (r"^sensor_9$", ("μg/m³", MEASURED)),
    (r"_demand$", ("%", MEASURED)),
)
"""Units and kinds with which that version recorded statistics, by point."""


async def test_a_gateway(hass: HomeAssistant, gateway: GatewayServer) -> None:
    kept = FirstVersion(hass, "openmotics", **entry_data(gateway))
    await set_up(hass, kept.entry)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())


async def test_options_and_statistics_of_a_gateway(
    hass: HomeAssistant, gateway: GatewayServer
) -> None:
    """Options stay in force, and statistics continue under their ids."""
    kept = FirstVersion(hass, "openmotics", **entry_data(gateway))
    hass.config_entries.async_update_entry(kept.entry, options=OPTIONS)
    before = {e.unique_id: e.entity_id for e in _registered(hass, kept)}
    await set_up(hass, kept.entry)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())
    assert kept.entry.options == OPTIONS
    assert kept.entry.runtime_data.backend._poller._power == 60
    entities, compared = Entities(hass, kept.entry), set()
    for entity in _registered(hass, kept):
        if entity.unique_id not in before:
            continue
        # A statistic has the id of its entity.
        assert entity.entity_id == before[entity.unique_id]
        point = entity.unique_id.rpartition("/")[2]
        for pattern, expected in STATISTICS:
            if re.search(pattern, point) and hass.states.get(entity.entity_id):
                told = entities.attributes(point)
                found = told.get("unit_of_measurement"), told.get("state_class")
                assert found == expected, point
                compared.add(pattern)
    assert compared == {pattern for pattern, _ in STATISTICS}


async def test_the_cloud(hass: HomeAssistant, server: CloudServer) -> None:
    kept = FirstVersion(hass, "openmotics_cloud", client_secret="new-s3cret")
    await set_up(hass, kept.entry)
    assert (kept.gone(), kept.changed(), kept.twice()) == (set(), set(), set())


def _registered(hass: HomeAssistant, kept: FirstVersion) -> list[er.RegistryEntry]:
    registry = er.async_get(hass)
    return er.async_entries_for_config_entry(registry, kept.entry.entry_id)
