"""The library dsmr-parser as a second reader of the simulated telegrams."""

from collections.abc import Mapping
from decimal import Decimal
import re
from typing import Any

from dsmr_parser import telegram_specifications as specs
from dsmr_parser.exceptions import DecryptionError, InvalidChecksumError
from dsmr_parser.parsers import TelegramParser
import pytest

from simulators.clock import VirtualClock
from simulators.p1_meter import MeterPlan, P1Meter, Sent

SPECIFICATIONS = {
    "2.2": specs.V2_2,
    "3": specs.V3,
    "4": specs.V4,
    "5": specs.V5,
    "heat": specs.V5,
    "5B": specs.BELGIUM_FLUVIUS,
    "5B-2.1": specs.BELGIUM_FLUVIUS,
    "5L": specs.LUXEMBOURG_SMARTY,
    "5S": specs.SWEDEN,
    "5S-Kamstrup": specs.SWEDEN,
    "Q3D": specs.Q3D,
    "5EONHU": specs.EON_HUNGARY,
    "AT": {**specs.SAGEMCOM_T210_D_R, "general_global_cipher": False},
}
# A summer morning: imports, exports, and a stamp with an S.
START = 1_749_535_200
# The library's breaker is the last relay of a Belgian or Luxembourg telegram.
KNOWN_ERRORS = {"96.3.10"}
_REFERENCE = re.compile(r":(\d+)\\?\.(\d+)\\?\.(\d+)")


def make(dialect: str) -> P1Meter:
    meter = P1Meter(MeterPlan(dialect, seed=4), clock=VirtualClock(START, 0))
    meter.metering.registers.message = "Groeten uit de straat"
    return meter


def reference(obis: str) -> str | None:
    """Return the last three numbers of a reference, or of the library's pattern for it."""
    match = _REFERENCE.search(obis)
    return ".".join(match.groups()) if match else None


def numbers_read(telegram: Mapping[str, Any]) -> dict[str | None, Decimal]:
    """Return every plain number that the library found."""
    values = {key: getattr(each, "value", None) for key, each in telegram.items()}
    return {
        reference(pattern): Decimal(value)
        for pattern, value in values.items()
        if isinstance(value, Decimal | int)
    }


def numbers_printed(meter: P1Meter, record: Sent) -> dict[str | None, Decimal]:
    """Return every plain number in the telegram that is not of an M-Bus device."""
    values = meter.expected(record.telegram)["values"]
    return {
        reference(obis): Decimal(each["value"])
        for obis, each in values.items()
        if each.get("unit") and reference(obis) not in KNOWN_ERRORS
    }


@pytest.mark.parametrize("dialect", SPECIFICATIONS)
def test_the_library_reads_every_dialect(dialect: str) -> None:
    """No error, and every plain number is the printed one."""
    meter = make(dialect)
    parser = TelegramParser(SPECIFICATIONS[dialect])
    compared = 0
    for record in meter.telegrams(5):
        text = record.telegram.data.decode("latin-1")
        text = text[: text.rindex("!") + 5]
        printed = numbers_printed(meter, record)
        read = numbers_read(parser.parse(text, throw_ex=True))
        both = printed.keys() & read.keys()
        assert {key: read[key] for key in both} == {key: printed[key] for key in both}
        compared += len(both)
    # The heat adaptor has nothing but its M-Bus device.
    assert compared >= (0 if dialect == "heat" else 5 * 6)


@pytest.mark.parametrize("dialect", ["4", "5", "5B", "5L", "5S", "5EONHU"])
def test_the_library_refuses_a_wrong_checksum(dialect: str) -> None:
    meter = make(dialect)
    meter.faults.once("wrong_crc")
    meter.faults.once("bit_flip")
    parser = TelegramParser(SPECIFICATIONS[dialect])
    for record in meter.telegrams(2):
        with pytest.raises(InvalidChecksumError):
            parser.parse(record.data.decode("latin-1"))


@pytest.mark.parametrize(
    ("dialect", "specification"),
    [("5L-enc", specs.MSN), ("AT-enc", specs.SAGEMCOM_T210_D_R)],
)
def test_the_library_opens_the_frames(
    dialect: str, specification: dict[str, Any]
) -> None:
    meter = make(dialect)
    assert meter.frames is not None
    key, authentication = meter.frames.key.hex(), meter.frames.authentication_key.hex()
    parser = TelegramParser(specification)
    for record in meter.telegrams(3):
        read = numbers_read(
            parser.parse(record.data.hex(), key, authentication, throw_ex=True)
        )
        assert read["1.7.0"] == numbers_printed(meter, record)["1.7.0"]
    meter.faults.once("wrong_tag")
    with pytest.raises(DecryptionError):
        parser.parse(next(meter.telegrams(1)).data.hex(), key, authentication)
