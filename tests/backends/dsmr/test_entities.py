"""The entities and devices that each captured telegram gives."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.junction.backends.dsmr.entities.connection import (
    CONNECTION_POINTS,
)

from .helpers import VALID, expected, wire
from .running import entity_id, heard, shown, state

pytestmark = pytest.mark.usefixtures("socket_enabled")

ENCRYPTED = ["msn_luxembourg_encrypted", "at_sagemcom_encrypted"]
_USUAL = {
    "device_class",
    "friendly_name",
    "icon",
    "options",
    "state_class",
    "unit_of_measurement",
}


# Which line is shown by which sensor, written down here once more.
LINES = {
    "1-0:1.8.0": "energy_import",
    "1-0:1.8.1": "energy_import_tariff_1",
    "1-0:1.8.2": "energy_import_tariff_2",
    "1-0:1.8.3": "energy_import_tariff_3",
    "1-0:1.8.4": "energy_import_tariff_4",
    "1-0:2.8.0": "energy_export",
    "1-0:2.8.1": "energy_export_tariff_1",
    "1-0:2.8.2": "energy_export_tariff_2",
    "1-0:2.8.3": "energy_export_tariff_3",
    "1-0:2.8.4": "energy_export_tariff_4",
    "1-0:15.8.0": "energy_combined",
    "1-0:3.8.0": "reactive_energy_import",
    "1-0:4.8.0": "reactive_energy_export",
    "1-0:5.8.0": "reactive_energy_q1",
    "1-0:8.8.0": "reactive_energy_q4",
    "1-0:1.7.0": "power_import",
    "1-0:2.7.0": "power_export",
    "1-0:21.7.0": "power_import_l1",
    "1-0:41.7.0": "power_import_l2",
    "1-0:61.7.0": "power_import_l3",
    "1-0:22.7.0": "power_export_l1",
    "1-0:42.7.0": "power_export_l2",
    "1-0:62.7.0": "power_export_l3",
    "1-0:32.7.0": "voltage_l1",
    "1-0:52.7.0": "voltage_l2",
    "1-0:72.7.0": "voltage_l3",
    "1-0:31.7.0": "current_l1",
    "1-0:51.7.0": "current_l2",
    "1-0:71.7.0": "current_l3",
    "1-0:3.7.0": "reactive_power_import",
    "1-0:4.7.0": "reactive_power_export",
    "1-0:23.7.0": "reactive_power_import_l1",
    "1-0:64.7.0": "reactive_power_export_l3",
    "1-0:9.7.0": "apparent_power_import",
    "1-0:10.7.0": "apparent_power_export",
    "1-0:13.7.0": "power_factor",
    "1-0:53.7.0": "power_factor_l2",
    "1-0:14.7.0": "frequency",
    "1-0:1.4.0": "demand_import",
    "0-0:96.7.21": "power_failures_short",
    "0-0:96.7.9": "power_failures_long",
    "1-0:32.32.0": "voltage_sags_l1",
    "1-0:72.36.0": "voltage_swells_l3",
}


def keys(name: str) -> dict[str, Any]:
    """Return the keys that a captured frame takes."""
    if name not in ENCRYPTED:
        return {}
    facts = expected(name)
    return {
        key: facts[key]
        for key in ("encryption_key", "authentication_key")
        if facts.get(key)
    }


def devices(hass: HomeAssistant, entry: MockConfigEntry) -> Iterator[str]:
    """Yield a line for each device."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    ids = {one.id: next(iter(one.identifiers))[1] for one in found}
    for one in found:
        yield " | ".join(
            str(fact or "-")
            for fact in (
                ids[one.id],
                one.name,
                one.manufacturer,
                one.model,
                one.serial_number,
                one.sw_version,
                ids.get(one.via_device_id or ""),
            )
        )


def entities(hass: HomeAssistant, entry: MockConfigEntry) -> Iterator[str]:
    """Yield a line for each entity, and one for its other attributes.

    Leaves out the entities of the connection, which are the same for all.
    """
    defaults = {
        f"dsmr:test/{point.key[0]}/{point.key[1]}": point.description
        for point in entry.runtime_data.topology.points
    }
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert {one.unique_id for one in found} == set(defaults)
    line = {f"dsmr:test/{point.key[0]}/{point.key[1]}" for point in CONNECTION_POINTS}
    for one in sorted(found, key=lambda one: one.unique_id):
        if one.unique_id in line:
            continue
        state = hass.states.get(one.entity_id)
        assert state is not None, one.entity_id
        attributes: dict[str, Any] = dict(state.attributes)
        yield " | ".join(
            str(fact or "-")
            for fact in (
                one.entity_id,
                one.unique_id.removeprefix("dsmr:test/"),
                attributes.get("device_class"),
                attributes.get("state_class"),
                attributes.get("unit_of_measurement"),
                one.entity_category,
                "on"
                if defaults[one.unique_id].entity_registry_enabled_default
                else "off",
                state.state,
            )
        )
        for key in sorted(attributes.keys() - _USUAL):
            yield f"    {key}: {attributes[key]}"


def check_numbers(hass: HomeAssistant, entry: MockConfigEntry, name: str) -> None:
    """Compare states with the known content of the telegram."""
    facts = expected(name)
    lines = {obis.partition("*")[0]: line for obis, line in facts["values"].items()}
    for obis, point in LINES.items():
        line = lines.get(obis)
        if line is None or "raw" in line:
            # A total may be made of the tariffs.
            if point not in {"energy_import", "energy_export"}:
                assert entity_id(hass, entry, point) is None, point
            continue
        found = state(hass, entry, point)
        kilo = line["unit"] in {"Wh", "W", "varh", "var"}
        value = float(line["value"]) / (1000 if kilo else 1)
        assert float(found.state) == pytest.approx(value, abs=1e-9), point
        unit = found.attributes.get("unit_of_measurement") or ""
        assert unit.lower() == "k" * kilo + (line["unit"] or "").lower()
    for channel in facts["mbus"].values():
        if channel["id"] and channel["reading"]:
            text = shown(hass, entry, "reading", f"mbus-{channel['id']}")
            assert float(text) == float(channel["reading"]["value"])


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("name", [*VALID, *ENCRYPTED])
async def test_telegram(
    hass: HomeAssistant, snapshot: SnapshotAssertion, name: str
) -> None:
    # Twice, because without a check sum the second has to agree with the first
    raw = [wire(name)] * (1 if name in ENCRYPTED else 2)
    async with heard(hass, *raw, **keys(name)) as (entry, _):
        if name not in ENCRYPTED:
            check_numbers(hass, entry, name)
        assert "\n".join(devices(hass, entry)) == snapshot(name="devices")
        assert "\n".join(entities(hass, entry)) == snapshot(name="entities")


def test_no_fixture_is_forgotten() -> None:
    assert len(VALID) == 20
