"""M-Bus devices: the time of their readings, and exchanges."""

import pytest

from simulators.p1.mbus import NoReading
from simulators.p1_meter import MBusType, Slot

from .p1_meters import at, make, run_to


def test_gas_comes_every_five_minutes_with_a_delay() -> None:
    """Stamped at the full step with the counter of that moment, delivered 10 to 90 s later."""
    meter = make(start="2025-01-10T05:59:59")
    changes: list[tuple[int, str, int]] = []
    gas_at: dict[int, int] = {}
    for record in meter.telegrams(3700):
        device = meter.expected(record.telegram)["mbus"]["1"]["reading"]
        if not changes or changes[-1][1] != device["timestamp"]:
            changes.append(
                (
                    record.time,
                    device["timestamp"],
                    int(device["value"].replace(".", "")),
                )
            )
        gas_at[record.time] = 1_987_341 + meter.house.counters.gas_ml // 1000
    # Six to seven o'clock, after the reading that the meter arrives with.
    assert len(changes) == 1 + 13
    for arrived, stamp, reading in changes[1:]:
        step = arrived - arrived % 300
        assert stamp == meter.civil.stamp(step)
        assert 10 <= arrived - step <= 90
        assert reading == gas_at[step]
    assert changes[-1][2] > changes[0][2]


def test_gas_comes_every_hour_in_older_dialects() -> None:
    for dialect in ("2.2", "4"):
        meter = make(dialect, start="2025-01-10T06:30")
        stamps = {
            meter.expected(r.telegram)["mbus"]["1"]["reading"]["timestamp"]
            for r in meter.telegrams(720)
        }
        assert {stamp[:12] for stamp in stamps} == {
            "250110070000",
            "250110080000",
            "250110090000",
        }


def test_a_new_device_has_no_reading_for_an_hour() -> None:
    meter = make(start="2025-01-10T06:00")
    meter.mbus.attach(Slot(MBusType.WATER, "W0012003400056", 0), 2)
    meter.mbus.attach(
        Slot(MBusType.ELECTRICITY, "E0012003400057", 0), 3, no_reading=NoReading.ZERO
    )
    devices = meter.expected(next(meter.telegrams(1)).telegram)["mbus"]
    assert devices["2"] == {
        "type": 7,
        "id": b"W0012003400056".hex().upper(),
        "id_text": "W0012003400056",
        "valve": None,
        "reading": None,
    }
    assert devices["3"]["reading"] == {
        "obis": "24.2.1",
        "timestamp": "632525252525W",
        "timestamp_utc": None,
        "value": "000000.000",
        "unit": "kWh",
    }
    before = meter.expected(run_to(meter, at("2025-01-10T07:00")).telegram)["mbus"]["2"]
    assert before["reading"] is None
    after = meter.expected(run_to(meter, at("2025-01-10T07:02")).telegram)["mbus"]["2"]
    assert after["reading"]["timestamp"] == "250110080000W"


def test_an_exchanged_device_leaves_its_channel_dead() -> None:
    meter = make(start="2025-01-10T06:00")
    meter.mbus.exchange(1, 2, "G0099000000000001", first_after=0)
    devices = meter.expected(run_to(meter, at("2025-01-10T06:07")).telegram)["mbus"]
    assert devices["1"]["id"] is None
    assert devices["1"]["reading"]["timestamp"] == "700101010000W"
    assert (devices["1"]["reading"]["value"], devices["1"]["reading"]["unit"]) == (
        "00000000",
        None,
    )
    assert devices["2"]["id_text"] == "G0099000000000001"
    assert devices["2"]["reading"]["timestamp"] == "250110070500W"
    assert float(devices["2"]["reading"]["value"]) < 1
    meter.mbus.exchange(2, 2, "G0099000000000002")
    devices = meter.expected(next(meter.telegrams(1)).telegram)["mbus"]
    assert devices["2"]["id_text"] == "G0099000000000002"
    assert devices["2"]["reading"] is None


def test_every_kind_of_device_counts() -> None:
    kinds = (MBusType.GAS, MBusType.WATER, MBusType.HEAT, MBusType.ELECTRICITY)
    slots = tuple(Slot(kind, f"{kind.name}01", 0) for kind in kinds)
    meter = make(start="2025-01-10T00:00", slots=slots)
    devices = meter.expected(run_to(meter, at("2025-01-12T00:05")).telegram)["mbus"]
    counters = meter.house.counters
    assert [float(devices[str(n)]["reading"]["value"]) > 0.05 for n in (1, 2, 3)] == [
        True
    ] * 3
    assert float(devices["4"]["reading"]["value"]) == pytest.approx(
        counters.charger_ws / 3_600_000, abs=1
    )
    assert [devices[str(n)]["reading"]["unit"] for n in (1, 2, 3, 4)] == [
        "m3",
        "m3",
        "GJ",
        "kWh",
    ]


def test_channels_and_valves_are_checked() -> None:
    meter = make("5B")
    slot = Slot(MBusType.GAS, "G1", 0)
    for channel in (0, 1, 5):
        with pytest.raises(ValueError, match=f"channel {channel} is not free"):
            meter.mbus.attach(slot, channel)
    meter.mbus.set_valve(1, 0)
    assert meter.expected(next(meter.telegrams(1)).telegram)["mbus"]["1"]["valve"] == 0
    with pytest.raises(ValueError, match="valve state 3"):
        meter.mbus.set_valve(1, 3)
    meter.mbus.detach(1)
    assert "1" not in meter.expected(next(meter.telegrams(1)).telegram)["mbus"]
    with pytest.raises(KeyError):
        meter.mbus.detach(1)
