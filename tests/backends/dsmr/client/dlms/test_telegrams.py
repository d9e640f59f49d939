"""A meter that pushes lists has the same readings and keys as any other."""

from datetime import UTC, datetime, timedelta
import re

import pytest

from custom_components.junction.backends.dsmr.client.carrier import Carrier
from custom_components.junction.backends.dsmr.client.dialect import (
    Dialect,
    dialect_of,
    manufacturer_flag,
)
from custom_components.junction.backends.dsmr.client.dlms.telegrams import ENERGY_TIME
from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.identity import number_of
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.client.telegram import parse_telegram

from ...helpers import framed
from .captures import NAMES, expected, keys_of, wire

_PER = {"W": "kW", "Wh": "kWh", "var": "kvar", "varh": "kvarh"}
_BY_PHASE = re.compile(r"1-0:\d\d\.8\.0")
_CARRIERS = {"HDLC": "hdlc", "M-Bus long frames": "mbus", "bare DLMS APDU": "bare"}


def heard(
    name: str,
    size: int = 0,
    *,
    keys: Keys | None = None,
    now: datetime = datetime(2025, 6, 1, tzinfo=UTC),
) -> tuple[P1Stream, list[Telegram]]:
    """Return a stream after a capture, and its telegrams."""
    line = P1Stream(
        keys or keys_of(name), now=lambda: now, monotonic=iter(range(9999)).__next__
    )
    data = wire(name)
    found: list[Telegram] = []
    for at in range(0, len(data), size or len(data)):
        found += line.feed(data[at : at + (size or len(data))])
    return line, found


@pytest.mark.parametrize("size", [0, 50])
@pytest.mark.parametrize("name", NAMES)
def test_readings_are_those_of_the_list(name: str, size: int) -> None:
    answer = expected(name)
    line, telegrams = heard(name, size)
    assert len(telegrams) == len(answer["pushes"])
    for telegram, push in zip(telegrams, answer["pushes"], strict=True):
        for one in push["readings"]:
            if one["obis"] is None or one["unit"] not in {*_PER, "V", "A"}:
                continue
            key = f"1-0:{one['obis'].partition(':')[2]}"
            if _BY_PHASE.fullmatch(key):
                # P1 has no register of one phase; it is named in the diagnostics
                continue
            unit = _PER.get(one["unit"], one["unit"])
            if one["unit"] == "V" and one["value"] == 0:
                assert key not in telegram.readings
                continue
            value = one["value"] / 1000 if unit.startswith("k") else one["value"]
            assert telegram.quantity(key, unit) == pytest.approx(value, abs=1e-9)
    assert dialect_of(telegrams[-1]) is Dialect.DLMS
    encrypted = "_encrypted" if "encryption_key" in answer else ""
    assert line.carrier == _CARRIERS[answer["wire"]] + encrypted
    number = number_of(telegrams[-1])
    assert (number and number.value) == answer["meter_id"]
    assert line.system_title is None or bool(encrypted)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_printed_as_a_telegram(name: str) -> None:
    """Forwarding and diagnostics read a push like any telegram."""
    _, telegrams = heard(name)
    telegram = telegrams[-1]
    again = parse_telegram(telegram.raw)
    assert again.crc is not None
    for key, reading in telegram.readings.items():
        if isinstance(reading.value, float | int) and reading.unit is not None:
            assert again.quantity(key, reading.unit) == pytest.approx(
                reading.value, abs=1e-3
            )


def test_lists_of_one_meter_are_one_telegram() -> None:
    _, (power, energy) = heard("si_iskra_18_12")
    assert power.layout is not energy.layout
    assert energy.changed >= {"1-0:1.8.1", "1-0:1.8.2"}
    assert energy.quantity("1-0:1.7.0", "kW") == 0.246
    assert energy.number("0-0:96.14.0") == 2
    assert "1-0:1.7.0" not in energy.changed
    assert number_of(energy) == number_of(power)


def test_equal_lists_change_nothing() -> None:
    line, (first,) = heard("se_kaifa_list3")
    (second,) = line.feed(wire("se_kaifa_list3"))
    assert second.changed == frozenset()
    assert second.layout is first.layout
    assert second.header is first.header


@pytest.mark.parametrize(
    ("name", "manufacturer"),
    [
        ("no_aidon_list3", "ADN"),
        ("se_aidon_27", "ADN"),
        ("no_kaifa_list1_list2", "KFM"),
        ("at_kaifa_encrypted", "KFM"),
        ("at_sagemcom_encrypted", "SAG"),
        ("dk_kamstrup_ct_65", "KAM"),
        ("ch_lg_e450_bare", "LGZ"),
        ("ch_iskra_am550_segmented", "ISK"),
        ("hr_iskra_33_segmented", "ISK"),
    ],
)
def test_makers(name: str, manufacturer: str) -> None:
    _, telegrams = heard(name)
    assert manufacturer_flag(telegrams[-1]) == manufacturer


@pytest.mark.parametrize("name", NAMES)
def test_the_time_is_right_when_the_meter_knows_its_zone(name: str) -> None:
    answer = expected(name)["pushes"][0]
    told = answer["header_time"] or answer["list_time"]
    if told is None or told["utc"] is None:
        return
    now = datetime.fromisoformat(told["utc"])
    _, telegrams = heard(name, now=now)
    assert telegrams[0].timestamp == now


@pytest.mark.parametrize(
    ("name", "hours"), [("se_kaifa_list3", 2), ("dk_kamstrup_37_encrypted", 2)]
)
def test_times_without_a_zone_are_held_against_ours(name: str, hours: int) -> None:
    told = expected(name)["pushes"][0]["header_time"]["local"]
    now = datetime.fromisoformat(told).replace(tzinfo=UTC) - timedelta(hours=hours)
    _, telegrams = heard(name, now=now)
    assert telegrams[0].timestamp == now


def test_hourly_counters_keep_their_time() -> None:
    """Aidon sends them ten seconds after the hour, without a time in other lists."""
    line, (telegram,) = heard("no_aidon_list3")
    assert telegram.stamp is None
    assert ENERGY_TIME not in telegram.readings
    _, telegrams = heard("no_kamstrup_list2_list1")
    assert telegrams[-1].quantity("1-0:1.8.0", "kWh") == 85823.28
    assert line.carrier is Carrier.HDLC
    # After another list, the next one with counters has their time
    line, _ = heard("no_kaifa_list1_list2")
    (hourly,) = line.feed(kaifa_hourly())
    stamp = hourly.readings[ENERGY_TIME].value
    assert hourly.utc(stamp) == datetime(2022, 1, 2, 14, tzinfo=UTC)  # type: ignore[arg-type]
    (second,) = line.feed(wire("no_kaifa_list1_list2")[:41])
    assert second.readings[ENERGY_TIME].value == stamp


def test_what_is_not_sent_any_more_is_not_true_after_a_break() -> None:
    line, _ = heard("no_kamstrup_list2_list1")
    line.reset()
    (telegram,) = line.feed(wire("no_kamstrup_list2_list1")[-wire_25() :])
    assert telegram.quantity("1-0:1.8.0", "kWh") == 85823.28
    line.reset()
    assert line.carrier is Carrier.UNKNOWN


def wire_25() -> int:
    """Return the size of the second frame of Kamstrup's capture."""
    data = wire("no_kamstrup_list2_list1")
    return len(data) - (int.from_bytes(data[1:3]) & 0x7FF) - 2


def kaifa_hourly() -> bytes:
    """Return an hourly list of the meter in the capture from Norway."""
    number = b"6970631400000022"
    clock = bytes.fromhex("07E60102070F0000FF800000")
    told = b"\x09\x0c" + bytes.fromhex("07E60102070F000AFF800000")
    words = [4097, 0, 195, 0, 12056, 5754, 13412, 2392, 0, 2397]
    body = (
        b"\x02\x12\x09\x07KFM_001\x09\x10"
        + number
        + b"\x09\x08MA304H3E"
        + b"".join(b"\x06" + word.to_bytes(4) for word in words)
        + b"\x09\x0c"
        + clock
        + b"".join(b"\x06" + word.to_bytes(4) for word in (1000, 0, 5, 7))
    )
    return framed(b"\xe6\xe7\x00\x0f\x40\0\0\0" + told + body)
