"""Every captured telegram gives exactly the values in its description."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.junction.backends.dsmr.client.dialect import (
    Dialect,
    dialect_of,
    usual_offset,
)
from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.identity import number_of
from custom_components.junction.backends.dsmr.client.models import (
    MBusDevice,
    MonthlyPeak,
    Peak,
    PowerFailure,
    Rejection,
    Stamp,
    Telegram,
)
from custom_components.junction.backends.dsmr.client.telegram import (
    TelegramError,
    TelegramParser,
    parse_telegram,
)
from custom_components.junction.backends.dsmr.client.units import (
    scaled,
    unit as normal_unit,
)

from ..helpers import CLEAR, ENCRYPTED, FIXTURES, NOW, VALID, expected, stream, wire

DIALECTS = {
    "2.2": Dialect.DSMR_2,
    "3": Dialect.DSMR_2,
    "4": Dialect.DSMR_4,
    "5": Dialect.DSMR_5,
    "5B": Dialect.E_MUCS,
    "5L": Dialect.SMARTY,
    "5S": Dialect.H1,
    "5EONHU": Dialect.EON,
    "Q3D": Dialect.EASYMETER,
    "SAGEMCOM_T210_D_R": Dialect.EST,
    "LT": Dialect.ESO,
}
# Lines that the descriptions list apart from ``values``
APART = ("0-0:1.0.0", "1-0:99.97.0", "1-0:1.6.0", "0-0:98.1.0", "0-0:96.1.2")


def _read(name: str) -> Telegram:
    telegram = parse_telegram(wire(name), now=lambda: NOW)
    offset = usual_offset(dialect_of(telegram))
    return parse_telegram(wire(name), standard_offset=offset, now=lambda: NOW)


def _utc(telegram: Telegram, stamp: Stamp) -> str | None:
    at = stamp.utc(telegram.standard_offset)
    return at.isoformat().replace("+00:00", "Z") if at else None


def test_there_are_fixtures() -> None:
    assert len(CLEAR) == 21
    assert len(ENCRYPTED) == 6


@pytest.mark.parametrize("name", VALID)
def test_frame(name: str) -> None:
    telegram, want = _read(name), expected(name)
    assert len(wire(name)) == want["bytes"]
    assert telegram.header == want["header"]
    assert telegram.crc == want["crc"]
    assert dialect_of(telegram) is DIALECTS[want["version"]]
    assert telegram.layout.unknown == ()
    assert telegram.malformed == frozenset()
    assert wire(name).startswith(telegram.raw)


def test_wrong_check_sum_is_refused() -> None:
    assert expected("v5_nl_bad_crc")["crc_valid"] is False
    with pytest.raises(TelegramError) as error:
        parse_telegram(wire("v5_nl_bad_crc"))
    assert error.value.reason is Rejection.CRC


@pytest.mark.parametrize("name", VALID)
def test_time_and_id(name: str) -> None:
    telegram, want = _read(name), expected(name)
    if want["timestamp"] is None:
        assert telegram.stamp is None
        assert telegram.timestamp is None
    else:
        assert telegram.stamp is not None
        assert telegram.stamp.text == want["timestamp"]
        assert _utc(telegram, telegram.stamp) == want["timestamp_utc"]
        assert telegram.timestamp == datetime.fromisoformat(want["timestamp_utc"])
    equipment = number_of(telegram)
    assert (equipment.raw if equipment else None) == want["equipment_id"]
    assert (equipment.value if equipment else None) == want["equipment_id_text"]


@pytest.mark.parametrize("name", VALID)
def test_values(name: str) -> None:
    telegram, want = _read(name), expected(name)["values"]
    found = {
        key
        for key in telegram.readings
        if not key.startswith(("0-1:", "0-2:", "0-3:", "0-4:")) or "96.3.10" in key
    }
    assert found - set(APART) == set(want) - set(APART)
    for key, value in want.items():
        _check_value(telegram, key, value)


def _check_value(telegram: Telegram, key: str, want: dict[str, Any]) -> None:
    reading = telegram.readings[key]
    if "raw" in want:
        assert list(reading.groups) == want["raw"], key
        return
    assert reading.raw == want["value"], key
    if want["unit"] is None:
        assert reading.unit is None, key
    else:
        unit, factor = normal_unit(want["unit"])
        assert reading.unit == unit, key
        assert f"{want['value']}*{want['unit']}" in reading.groups, key
        if reading.value is not None:  # a limit that is none
            assert telegram.number(key) == scaled(float(want["value"]), factor), key
    if reading.unit is None and isinstance(reading.value, float | int):
        assert reading.value == float(want["value"]), key
    assert (reading.value is None) == (want["value"] is None) or reading.unit, key


@pytest.mark.parametrize("name", VALID)
def test_mbus(name: str) -> None:
    telegram, want = _read(name), expected(name)["mbus"]
    assert {str(n) for n, device in telegram.mbus.items()} == set(want)
    for channel, device in telegram.mbus.items():
        _check_device(telegram, device, want[str(channel)])


def _check_device(telegram: Telegram, device: MBusDevice, want: dict[str, Any]) -> None:
    assert device.type == want["type"]
    assert device.id == want["id"]
    assert device.id_text == want["id_text"]
    assert device.valve == want["valve"]
    assert device.ean == want.get("ean")
    if want["reading"] is None:
        assert device.reading is None
        return
    reading, printed = device.reading, want["reading"]
    assert reading is not None
    assert reading.obis == printed["obis"]
    assert reading.stamp.text == printed["timestamp"]
    assert _utc(telegram, reading.stamp) == printed["timestamp_utc"]
    assert reading.value == float(printed["value"])
    unit = printed["unit"]
    assert reading.unit == (normal_unit(unit)[0] if unit else None)
    assert reading.status == printed.get("status")
    assert reading.period == printed.get("period_min")
    line = telegram.readings[f"0-{device.channel}:{reading.obis}"]
    assert any(group.split("*")[0] == printed["value"] for group in line.groups)


@pytest.mark.parametrize("name", VALID)
def test_power_failures(name: str) -> None:
    telegram, want = _read(name), expected(name)["power_failure_log"]
    reading = telegram.readings.get("1-0:99.97.0")
    if want is None:
        assert reading is None
        assert telegram.power_failures is None
        return
    assert reading is not None
    log = reading.value
    assert isinstance(log, tuple)
    assert [
        (entry.end.text, _utc(telegram, entry.end), entry.seconds)
        for entry in log
        if isinstance(entry, PowerFailure)
    ] == [(entry["end"], entry["end_utc"], entry["seconds"]) for entry in want]


@pytest.mark.parametrize("name", VALID)
def test_peaks(name: str) -> None:
    telegram, want = _read(name), expected(name)
    if (month := want["peak_month"]) is None:
        assert telegram.peak is None
    else:
        peak = telegram.peak
        assert isinstance(peak, Peak)
        assert peak.occurred.text == month["timestamp"]
        assert _utc(telegram, peak.occurred) == month["timestamp_utc"]
        assert peak.kilowatt == float(month["value"])
        assert month["unit"] == "kW"
    history = telegram.peak_history
    if want["peak_history"] is None:
        assert history is None
        return
    assert history is not None
    assert [_as_description(telegram, entry) for entry in history] == [
        {**entry, "value": float(entry["value"])} for entry in want["peak_history"]
    ]


def _as_description(telegram: Telegram, peak: MonthlyPeak) -> dict[str, Any]:
    return {
        "month": peak.month.text,
        "month_utc": _utc(telegram, peak.month),
        "occurred": peak.occurred.text,
        "occurred_utc": _utc(telegram, peak.occurred),
        "value": peak.kilowatt,
        "unit": "kW",
    }


@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("base", VALID)
def test_what_was_parsed_before_changes_nothing(name: str, base: str) -> None:
    parser = TelegramParser(now=lambda: NOW)
    before = parser.parse(parse_telegram(wire(base)).raw)
    raw = parse_telegram(wire(name)).raw
    alone = TelegramParser(now=lambda: NOW).parse(raw)
    after = parser.parse(raw, before)
    assert after.readings == alone.readings
    assert after.mbus == alone.mbus
    assert after.layout.keys == alone.layout.keys
    assert after.header == alone.header
    assert after.changed == {
        key
        for key in after.readings.keys() | before.readings.keys()
        if after.readings.get(key) != before.readings.get(key)
    }


def _keys(want: dict[str, Any], *, public: bool) -> Keys:
    key = bytes.fromhex(want["encryption_key"])
    return Keys(key) if public else Keys(key, bytes.fromhex(want["authentication_key"]))


@pytest.mark.parametrize(
    ("name", "public", "telegrams", "unauthenticated"),
    [
        ("at_sagemcom_encrypted", False, 1, 0),
        ("at_sagemcom_encrypted", True, 1, 1),
        ("msn_luxembourg_encrypted", True, 1, 0),
        ("msn_two_frames", True, 2, 0),
        ("msn_garbage_before", True, 1, 0),
        ("msn_other_auth_key", True, 1, 1),
        ("msn_other_auth_key", False, 1, 0),
        ("msn_tag_broken", True, 0, 0),
    ],
)
def test_encrypted(
    name: str, public: bool, telegrams: int, unauthenticated: int
) -> None:
    want = expected(name)
    line = stream(keys=_keys(want, public=public), standard_offset=timedelta(hours=1))
    found = line.feed(wire(name))
    assert len(found) == telegrams
    plain = (FIXTURES / want["plain_text_file"]).read_bytes()
    assert [telegram.raw for telegram in found] == [plain] * telegrams
    assert line.statistics.unauthenticated == unauthenticated
    assert not line.wrong_key
    if telegrams:
        assert line.system_title == want["system_title"].encode()
    else:
        assert line.statistics.crc_errors == 1
