"""Allowed differences in the presentation of a quantity, with reasons."""

from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
from typing import Final

import homeassistant
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory

from .texts import icons

WITHOUT_DIGITS: Final[frozenset[str]] = frozenset(
    {
        SensorDeviceClass.DATE,
        SensorDeviceClass.ENUM,
        SensorDeviceClass.TIMESTAMP,
        # Home Assistant knows how many the currency has.
        SensorDeviceClass.MONETARY,
    }
)
OWN_DIGITS: Final = {
    # A battery goes from 3.0 V to 2.7 V.
    "cozify_battery_voltage": 2,
    "iotile_battery": 2,
    # Meters send each second, or each ten.
    "link_interval": 2,
    # Of probes, cells, and 0-10 V outputs, not of the mains.
    "mycodo_electrical_potential": 2,
    "mycodo_battery": 2,
    "mycodo_oxidation_reduction_potential": 2,
    # PID controllers turn outputs on for fractions of a second.
    "mycodo_duration_time": 2,
}
"""By translation key."""
OWN_CATEGORIES: Final = {
    "cozify_battery_voltage": EntityCategory.DIAGNOSTIC,
    "iotile_battery": EntityCategory.DIAGNOSTIC,
    # Settings rather than measurements.
    "fuse_limit_phase": EntityCategory.DIAGNOSTIC,
    "power_limit": EntityCategory.DIAGNOSTIC,
    "current_limit": EntityCategory.DIAGNOSTIC,
    "current_limit_imported": EntityCategory.DIAGNOSTIC,
    "current_limit_exported": EntityCategory.DIAGNOSTIC,
    # Of a sag or swell that is over.
    "voltage_sag_magnitude_phase": EntityCategory.DIAGNOSTIC,
    "voltage_swell_magnitude_phase": EntityCategory.DIAGNOSTIC,
}
"""By translation key."""
OWN_ICONS: Final = {
    # Not the power now, but how high it went.
    "peak_average",
    "peak_last_month",
    "peak_month",
    # Settings, not measurements.
    "mycodo_setpoint",
    "mycodo_setpoint_band_max",
    "mycodo_setpoint_band_min",
    "mycodo_set_to",
    # Of many temperatures, distances, times, and voltages a kind with an icon of its own.
    "mycodo_altitude",
    "mycodo_dewpoint",
    "mycodo_oxidation_reduction_potential",
    "mycodo_pulse_width",
    # Water that flowed through a meter, not the volume of a tank.
    "iotile_interval",
    # The time of an event, not of a reading.
    "dsmr_reader_history_until",
    "forward_last_success",
    "iotile_connected",
    "iotile_disconnected",
    "iotile_reboot",
    "last_power_failure",
}
"""By translation key."""
# Home Assistant has one icon for all of them.
_PLAIN: Final = {SensorDeviceClass.ENUM}
# Their classes are no quantities: a pump may look like one.
_NO_QUANTITIES: Final = {"cover", "switch", "valve"}


@cache
def icon_of_class(domain: str, kind: str) -> str | None:
    """Return the icon that Home Assistant has for a device class."""
    file = Path(homeassistant.__file__).parent / "components" / domain / "icons.json"
    found = json.loads(file.read_text(encoding="utf-8"))["entity_component"]
    icon: str | None = found.get(kind, {}).get("default")
    return icon


def wrong_icon(domain: str, key: str | None, kind: str | None) -> Iterator[str]:
    """Yield the faults of an icon for an entity with a device class."""
    own = icons().get(f"entity.{domain}.{key}.default")
    if own is None or kind is None or kind in _PLAIN or key in OWN_ICONS:
        return
    if domain in _NO_QUANTITIES:
        return
    if kind == SensorDeviceClass.BATTERY:
        yield f"{own} hides how full the battery is"
    elif own != (expected := icon_of_class(domain, kind)):
        yield f"icon {own}, of {kind} elsewhere {expected}"
