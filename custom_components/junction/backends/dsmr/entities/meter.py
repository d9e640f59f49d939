"""The electricity meter as a device, and its clock."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass

from ....model import DeviceSpec
from ..client.dialect import manufacturer_flag, p1_version
from ..client.dlms.telegrams import ENERGY_TIME
from ..client.identity import EQUIPMENT_KEYS, model_of, number_of
from ..client.models import Stamp, Telegram
from ..client.obis import P1_VERSION
from .description import METER, Pace, PointDescription, Value, at_once

# Lines that the device is made from, in addition to the header.
ABOUT_METER: Final = frozenset({*EQUIPMENT_KEYS, "0-0:96.1.4", P1_VERSION})

# By the FLAG id at the beginning of the header. Some operators use their own letters:
# ELL (Sweden), ENE (Netherlands), EST (Austria), FLU and GRE (Belgium) are Sagemcom.
MANUFACTURERS: Final = {
    "ABB": "ABB",
    "ADN": "Aidon",
    "APA": "Apator",
    "DZG": "DZG Metering",
    "EBZ": "eBZ",
    "ECH": "Networked Energy Services",
    "EFR": "EFR",
    "EGM": "Elgama",
    "EDM": "EDMI",
    "ELL": "Sagemcom",
    "ELS": "Elster",
    "EMH": "EMH metering",
    "ENE": "Sagemcom",
    "EST": "Sagemcom",
    "ESY": "EasyMeter",
    "FLU": "Sagemcom",
    "GRE": "Sagemcom",
    "GAV": "Carlo Gavazzi",
    "HAG": "Hager",
    "HLY": "Holley",
    "HXE": "Hexing",
    "ISK": "Iskraemeco",
    "ITR": "Itron",
    "KAM": "Kamstrup",
    "KFM": "Kaifa",
    "KMP": "Kamstrup",
    "LGB": "Landis+Gyr",
    "LGF": "Landis+Gyr",
    "LGZ": "Landis+Gyr",
    "LOG": "Logarex",
    "MET": "Metcom",
    "NES": "Networked Energy Services",
    "NIK": "NIK",
    "NWA": "Nedap",
    "PAF": "Pafal",
    "SAG": "Sagemcom",
    "SLB": "Itron",
    "XMX": "Xemex",
    "ZIV": "ZIV",
    "ZPA": "ZPA",
}


def meter_spec(telegram: Telegram) -> DeviceSpec:
    """Return the device as in the registry, as far as the meter describes it."""
    number = number_of(telegram)
    version = p1_version(telegram)
    return DeviceSpec(
        id=METER,
        translation_key="electricity_meter",
        manufacturer=MANUFACTURERS.get(manufacturer_flag(telegram) or ""),
        model=model_of(telegram) or _model(telegram.header),
        serial_number=str(number.value or number.raw) if number else None,
        sw_version=f"P1 {version}" if version else None,
    )


def _model(header: str) -> str | None:
    """Return the part of the header after manufacturer and speed, without escapes."""
    model = header[4:].removeprefix("\\2").removeprefix("\\").strip()
    return model or header or None


def clock() -> Iterator[PointDescription]:
    """Yield the meter's time, and the time of its counters."""
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
    yield at_once(
        "energy_time",
        ENERGY_TIME,
        _energy_time,
        device_class=SensorDeviceClass.TIMESTAMP,
    )


def _energy_time(telegram: Telegram) -> Value:
    """Return the time of counters that are sent in a list of their own."""
    reading = telegram.readings.get(ENERGY_TIME)
    stamp = reading.value if reading is not None else None
    return telegram.utc(stamp) if isinstance(stamp, Stamp) else None
