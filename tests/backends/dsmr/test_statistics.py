"""Glitches of meters leave no spike in the statistics of a real recorder."""

from collections.abc import Iterable
from datetime import timedelta

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from .helpers import replace_line, reseal, wire
from .running import entity_id, heard, tell

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")
GAS = "mbus-4730303631303032313938373635343231"
NEW_GAS = b"G0061002198765499".hex()
IDENT = "4530303839303031323033343536373235"
EVERY = {"power_interval": 0, "slow_interval": 0}


def telegram(minute: int, **wrong: str | None) -> bytes:
    """Return the telegram of a minute: a little more used, and a new gas reading.

    ``wrong`` replaces the values of lines; None leaves a line out.
    """
    values: dict[str, str | None] = {
        "1-0:1.8.1": f"003456.{789 + minute:03}*kWh",
        "1-0:1.8.2": "002345.678*kWh",
        "1-0:2.8.1": "001234.567*kWh",
        "1-0:2.8.2": "002987.654*kWh",
        "0-1:24.2.1": f"2503121845{minute:02}W)(01987.{341 + minute}*m3",
        "0-0:1.0.0": f"2503121846{minute:02}W",
        **wrong,
    }
    raw = RAW
    for key, value in values.items():
        line = None if value is None else f"{key}({value})"
        raw = replace_line(raw, key, line)
    return raw


# Kept in step with the table in docs/protocols/dsmr.md.
GLITCHES: dict[str, list[dict[str, str | None]]] = {
    "nothing": [{}],
    "gas 0 once": [{"0-1:24.2.1": "250312184530W)(00000.000*m3"}],
    "gas ten times too high once": [{"0-1:24.2.1": "250312184530W)(19873.410*m3"}],
    "all electricity registers 0 once": [
        {f"1-0:{c}.8.{e}": "000000.000*kWh" for c in (1, 2) for e in (1, 2)}
    ],
    "one register ten times too high once": [{"1-0:1.8.1": "034567.890*kWh"}],
    "one tariff line missing once": [{"1-0:1.8.2": None}],
    "a long power cut": [
        {
            "0-0:1.0.0": "000101000011W",
            "0-1:24.2.1": f"2503121845{30 + n}W)(00000.000*m3",
            **{f"1-0:{c}.8.{e}": "000000.000*kWh" for c in (1, 2) for e in (1, 2)},
        }
        for n in range(8)
    ],
    "a register 0 for three telegrams": [{"1-0:1.8.1": "000000.000*kWh"}] * 3,
    "all registers 0 for three telegrams": [
        {f"1-0:{c}.8.{e}": "000000.000*kWh" for c in (1, 2) for e in (1, 2)}
    ]
    * 3,
    "one register of what is fed in 0 once": [{"1-0:2.8.1": "000000.000*kWh"}],
    "what is fed in ten times too high once": [{"1-0:2.8.2": "029876.540*kWh"}],
    "a falling digit": [{"1-0:1.8.1": "000456.790*kWh"}],
    "a rising digit": [{"1-0:1.8.1": "003956.790*kWh"}],
    "a digit lost at the end": [{"1-0:1.8.1": "003456.7*kWh"}],
    "a value that is empty once": [{"1-0:1.8.1": "*kWh"}],
    "a register with the value of another": [{"1-0:1.8.1": "002345.678*kWh"}],
    "the lines of one telegram missing": [
        {f"1-0:{c}.8.{e}": None for c in (1, 2) for e in (1, 2)}
    ],
    "gas 0 for three telegrams of one reading": [
        {"0-1:24.2.1": "250312184530W)(00000.000*m3"}
    ]
    * 3,
    "gas 0 in two readings": [
        {"0-1:24.2.1": f"2503121845{s}W)(00000.000*m3"} for s in (30, 35)
    ],
    "gas with a falling digit": [{"0-1:24.2.1": "250312184530W)(01087.341*m3"}],
    "gas in liters once": [{"0-1:24.2.1": "250312184530W)(1987341*l"}],
    "gas missing once": [{"0-1:24.2.1": None}],
    "kWh said in Wh once": [{"1-0:1.8.1": "3456790.000*Wh"}],
    "no unit that anybody knows once": [{"1-0:1.8.1": "003456.790*kXy"}],
}


async def sums(
    hass: HomeAssistant, entities: Iterable[str | None]
) -> dict[str, float | None]:
    """Compile the current statistics, and return the recorded sums by entity."""
    await async_wait_recording_done(hass)
    now = dt_util.utcnow()
    start = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    for period in (start - timedelta(minutes=5), start):
        do_adhoc_statistics(hass, start=period)
        await async_wait_recording_done(hass)
    ids = {entity for entity in entities if entity}
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        start - timedelta(hours=1),
        None,
        ids,
        "5minute",
        None,
        {"sum"},
    )
    return {
        entity: max(row["sum"] or 0.0 for row in found[entity])
        if entity in found
        else None
        for entity in ids
    }


def counters(hass: HomeAssistant, entry: MockConfigEntry) -> list[str | None]:
    return [
        *(
            entity_id(hass, entry, f"energy_{name}")
            for name in ("import", "export", "import_tariff_1", "import_tariff_2")
        ),
        entity_id(hass, entry, "reading", GAS),
    ]


@pytest.mark.parametrize("glitch", GLITCHES.values(), ids=GLITCHES)
async def test_a_glitch_books_nothing(
    recorder_mock: Recorder, hass: HomeAssistant, glitch: list[dict[str, str | None]]
) -> None:
    async with heard(hass, telegram(0), options=EVERY) as (entry, gateway):
        for minute in range(1, 4):
            await tell(hass, entry, gateway, telegram(minute))
        for wrong in glitch:
            await tell(hass, entry, gateway, telegram(4, **wrong))
        for minute in range(41, 44):
            await tell(hass, entry, gateway, telegram(minute))
        booked = await sums(hass, counters(hass, entry))
        assert len(booked) == 5
        for entity, value in booked.items():
            assert value is not None and 0 <= value < 0.1, entity


async def test_an_exchanged_gas_meter_books_nothing(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    """It is a device of its own, whose statistics begin with its first reading."""
    async with heard(hass, telegram(0), options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, telegram(1))
        for minute in range(2, 5):
            raw = replace_line(telegram(minute), "0-1:96.1.0", f"0-1:96.1.0({NEW_GAS})")
            raw = raw.replace(b"(01987.", b"(00003.")
            await tell(hass, entry, gateway, reseal(raw))
        new = entity_id(hass, entry, "reading", f"mbus-{NEW_GAS}")
        assert new is not None
        booked = await sums(hass, [new, *counters(hass, entry)])
        assert booked[new] is not None
        assert all(value is not None and value < 0.1 for value in booked.values())


async def test_an_exchanged_electricity_meter_books_nothing(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    """Values of another meter are not recorded before the user has decided about it."""
    other = b"E0047000000000001".hex()
    async with heard(hass, telegram(0), options=EVERY, equipment_id=IDENT) as (
        entry,
        gateway,
    ):
        await tell(hass, entry, gateway, telegram(1))
        for minute in range(2, 20):
            raw = replace_line(telegram(minute), "0-0:96.1.1", f"0-0:96.1.1({other})")
            raw = replace_line(raw, "1-0:1.8.1", "1-0:1.8.1(008888.888*kWh)")
            await tell(hass, entry, gateway, raw)
        booked = await sums(hass, counters(hass, entry))
        assert all(value is not None and value < 0.1 for value in booked.values())
