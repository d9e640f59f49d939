"""The electricity meter as a device, and its clock."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass

from ....model import DeviceSpec
from ..client.dialect import manufacturer_flag, p1_version
from ..client.models import EQUIPMENT_KEYS, Telegram
from ..client.obis import P1_VERSION
from .description import METER, Pace, PointDescription, at_once

# The lines that the device is made of, besides the header.
ABOUT_METER: Final = frozenset({*EQUIPMENT_KEYS, "0-0:96.1.4", P1_VERSION})

# By the FLAG id at the beginning of the header.
MANUFACTURERS: Final = {
    "ADN": "Aidon",
    "ESY": "EasyMeter",
    "ISK": "Iskraemeco",
    "KAM": "Kamstrup",
    "KFM": "Kaifa",
    "KMP": "Kamstrup",
    "LGF": "Landis+Gyr",
    "LGZ": "Landis+Gyr",
    "SAG": "Sagemcom",
    "XMX": "Xemex",
}


def meter_spec(telegram: Telegram) -> DeviceSpec:
    """Return the device as the registry shows it, as far as the meter tells."""
    equipment = telegram.equipment
    version = p1_version(telegram)
    return DeviceSpec(
        id=METER,
        translation_key="electricity_meter",
        manufacturer=MANUFACTURERS.get(manufacturer_flag(telegram) or ""),
        model=_model(telegram.header),
        serial_number=str(equipment.value or equipment.raw) if equipment else None,
        sw_version=f"P1 {version}" if version else None,
    )


def _model(header: str) -> str | None:
    """Return what follows the manufacturer and the speed, without its escapes."""
    model = header[4:].removeprefix("\\2").removeprefix("\\").strip()
    return model or header or None


def clock() -> Iterator[PointDescription]:
    """Yield the time that the meter prints."""
    yield replace(
        at_once(
            "telegram_time",
            "0-0:1.0.0",
            lambda telegram: telegram.timestamp,
            lasting=False,
            device_class=SensorDeviceClass.TIMESTAMP,
        ),
        pace=Pace.SLOW,
    )
