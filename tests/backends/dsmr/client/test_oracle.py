"""Thousands of telegrams of every dialect read as dsmr-parser reads them.

Telegrams are made from the captured ones by writing other digits into their values,
including stamps of all kinds. Where the two readings differ, ``ORACLE_ERRORS`` says
why; every entry there must really occur.
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
import random
from typing import Any, Final

from dsmr_parser import telegram_specifications
from dsmr_parser.objects import (
    CosemObject,
    MBusObject,
    MBusObjectPeak,
    ProfileGenericObject,
)
from dsmr_parser.parsers import TelegramParser as Oracle
import pytest

from custom_components.junction.backends.dsmr.client.models import (
    CurrentLimits,
    MonthlyPeak,
    Peak,
    PowerFailure,
    Reading,
    Stamp,
    Telegram,
)
from custom_components.junction.backends.dsmr.client.obis import meaning
from custom_components.junction.backends.dsmr.client.telegram import (
    TelegramParser,
    parse_telegram,
)
from custom_components.junction.backends.dsmr.client.units import (
    scaled,
    unit as normal_unit,
)

from ..helpers import NOW, reseal, vary, wire

TELEGRAMS = 100
SPECIFICATIONS: Final = {
    "v2_2_gas": "V2_2",
    "v3_gas": "V3",
    "v4_single_phase_gas": "V4",
    "v5_heat_only_unpadded_crc": "V5",
    "v5_nl_3phase_gas": "V5",
    "v5_nl_gas_replaced": "V5",
    "v5_nl_no_mbus_value": "V5",
    "v5_nl_water_heat_slave": "V5",
    "v5b_emucs_2_1": "BELGIUM_FLUVIUS",
    "v5b_gas_water_peak": "BELGIUM_FLUVIUS",
    "v5b_new_meter_odd_peaks": "BELGIUM_FLUVIUS",
    "v5eonhu": "EON_HUNGARY",
    "v5l_luxembourg_clear": "LUXEMBOURG_SMARTY",
    "v5s_kamstrup_units": "SWEDEN",
    "v5s_sweden": "SWEDEN",
    "q3d_easymeter": "Q3D",
    "at_sagemcom_clear": "SAGEMCOM_T210_D_R",
}

type Difference = tuple[Reading, Any, Any]

# Errors and omissions of the oracle, and the differences that they cause.
ORACLE_ERRORS: Final[dict[str, Callable[[Difference], bool]]] = {
    "winter time in summer is an hour off: it asks the time zone, not the flag": (
        lambda difference: _hours_apart(*difference[1:]) == 1
    ),
    "a limit that is not set reads as the number 999": (
        lambda difference: (
            difference[1] is None
            and str(difference[2]).strip("0.").replace(".", "")
            in ("999", "9999", "99999")
        )
    ),
    "a reading of the future has a time, though the clock that gave it was wrong": (
        lambda difference: (
            difference[1] is None
            and isinstance(difference[2], datetime)
            and ":24." in difference[0].key
        )
    ),
    "a message code in hex reads as one number": (
        lambda difference: (
            difference[0].key == "0-0:96.13.1"
            and difference[1] == bytes.fromhex(str(int(difference[2]))).decode()
        )
    ),
}


def _hours_apart(ours: Any, theirs: Any) -> float | None:
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        return abs((ours - theirs) / timedelta(hours=1))
    return None


class _Recorder:
    """Records the oracle's result for each line."""

    def __init__(self, parser: Any, notes: list[tuple[str, Any]]) -> None:
        self._parser = parser
        self._notes = notes

    def parse(self, line: str) -> Any:
        found = self._parser.parse(line)
        self._notes.append((line, found))
        return found


def _oracle(specification: str) -> tuple[Oracle, list[tuple[str, Any]]]:
    notes: list[tuple[str, Any]] = []
    objects = deepcopy(getattr(telegram_specifications, specification))
    objects["general_global_cipher"] = False
    for entry in objects["objects"]:
        entry["value_parser"] = _Recorder(entry["value_parser"], notes)
    return Oracle(objects), notes


_STAMPS = ("W", "S")


def _stamp(rnd: random.Random, flag: bool) -> str:
    digits = (
        f"{rnd.randrange(10, 27):02}{rnd.randrange(1, 13):02}{rnd.randrange(1, 29):02}"
    )
    digits += f"{rnd.randrange(24):02}{rnd.randrange(60):02}{rnd.randrange(60):02}"
    if not flag:
        return digits
    summer = "04" <= digits[2:4] <= "09"
    return digits + ("S" if summer else "W")


def _generate(raw: bytes, rnd: random.Random) -> bytes:
    """Return a telegram like this one with other values, stamps, codes and messages."""
    lines = vary(raw, rnd).decode("latin-1").split("\r\n")
    fresh: list[str] = []
    for line in lines:
        groups = line.split("(")
        for i, group in enumerate(groups[1:], 1):
            text = group.removesuffix(")")
            if len(text) == 13 and text[:12].isdigit() and text[12] in "SW":
                if rnd.random() < 0.5:
                    groups[i] = _stamp(rnd, True) + ")"
            elif len(text) == 12 and text.isdigit() and "24.3.0" in line:
                groups[i] = _stamp(rnd, False) + ")"
            elif "96.14.0" in line:
                groups[i] = f"000{rnd.choice('1234')})"
            elif (
                ".32.0" in line
                or ".36.0" in line
                or ("96.7." in line and "97" not in line)
            ):
                groups[i] = f"{rnd.randrange(100000):05})"
            elif "96.13.0" in line:
                groups[i] = rnd.choice(["", "53746F72696E67", "4142"]) + ")"
        fresh.append("(".join(groups))
    return reseal("\r\n".join(fresh).encode("latin-1"))


def _compare(telegram: Telegram, line: str, found: Any) -> list[Difference]:
    """Return the differences between Junction's and the oracle's reading of a line."""
    printed = line.partition("(")[0].strip()
    what = meaning(printed, line.count(")(") + 1)
    assert what is not None, line
    reading = telegram.readings[what.key]
    pairs: list[tuple[Any, Any]] = []
    if isinstance(found, list):
        peaks = reading.value
        assert isinstance(peaks, tuple)
        theirs = sorted(found, key=lambda peak: peak.datetime)
        assert len(peaks) == len(theirs)
        for ours, peak in zip(peaks, theirs, strict=True):
            assert isinstance(ours, MonthlyPeak)
            assert isinstance(peak, MBusObjectPeak)
            pairs += [
                (_utc(telegram, ours.month), peak.datetime),
                (_utc(telegram, ours.occurred), peak.occurred),
                (ours.kilowatt, float(peak.value)),
            ]
    elif isinstance(found, ProfileGenericObject):
        log = reading.value
        assert isinstance(log, tuple)
        assert len(log) == found.buffer_length
        for entry, theirs in zip(log, found.buffer, strict=True):
            assert isinstance(entry, PowerFailure)
            pairs += [
                (_utc(telegram, entry.end), theirs.datetime),
                (entry.seconds, theirs.value),
            ]
    elif isinstance(found, MBusObject):
        pairs += _compare_reading(telegram, reading, found)
    else:
        assert isinstance(found, CosemObject)
        pairs += _compare_value(telegram, reading, found)
    return [(reading, ours, theirs) for ours, theirs in pairs if ours != theirs]


def _compare_reading(
    telegram: Telegram, reading: Reading, found: MBusObject
) -> list[tuple[Any, Any]]:
    value = reading.value
    if isinstance(value, Peak):
        return [
            (_utc(telegram, value.occurred), found.datetime),
            (value.kilowatt, float(found.value)),
        ]
    if isinstance(value, CurrentLimits):
        return [(value.imported, float(found.values[0]["value"]))]
    device = telegram.mbus[int(reading.key[2])]
    assert device.reading is not None
    unit = found.unit and normal_unit(found.unit)[0]
    return [
        (_utc(telegram, device.reading.stamp), found.datetime),
        (device.reading.value, float(found.value)),
        (device.reading.unit, unit),
    ]


def _compare_value(
    telegram: Telegram, reading: Reading, found: CosemObject
) -> list[tuple[Any, Any]]:
    theirs = found.value
    if isinstance(theirs, datetime):
        assert isinstance(reading.value, Stamp)
        return [(_utc(telegram, reading.value), theirs)]
    if theirs is None or isinstance(theirs, str):
        return [(reading.raw, theirs)]
    unit, factor = normal_unit(found.unit) if found.unit else (None, 1)
    assert isinstance(theirs, Decimal | int | float)
    return [(reading.value, scaled(float(theirs), factor)), (reading.unit, unit)]


def _utc(telegram: Telegram, stamp: Stamp) -> datetime | None:
    return stamp.utc(telegram.standard_offset)


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    """Count which of the oracle's errors were met."""
    return Counter()


@pytest.mark.parametrize(("name", "specification"), SPECIFICATIONS.items())
def test_reads_like_the_oracle(
    name: str, specification: str, met: Counter[str]
) -> None:
    rnd = random.Random(name)
    oracle, notes = _oracle(specification)
    parser = TelegramParser(now=lambda: NOW)
    raw = parse_telegram(wire(name), now=lambda: NOW).raw
    last: Telegram | None = None
    for _ in range(TELEGRAMS):
        made = _generate(raw, rnd)
        last = parser.parse(made, last)
        notes.clear()
        oracle.parse(made.decode("latin-1"))
        assert notes
        for line, found in notes:
            for difference in _compare(last, line, found):
                known = [
                    what for what, is_it in ORACLE_ERRORS.items() if is_it(difference)
                ]
                assert known, (line, difference[1:])
                met[known[0]] += 1


def test_every_listed_error_was_met(met: Counter[str]) -> None:
    assert set(met) == set(ORACLE_ERRORS)
