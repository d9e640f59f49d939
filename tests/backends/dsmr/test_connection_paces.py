"""Update intervals of values, and values that are never delayed."""

from functools import partial

from homeassistant.core import HomeAssistant
import pytest

from ...common import writes, written_since
from .conftest import Stopwatch
from .helpers import replace_line, wire
from .running import entity_id, heard, shown, tell

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")


@pytest.mark.parametrize(
    ("options", "power", "slow"),
    [
        ({}, 10, 30),
        ({"power_interval": 5, "slow_interval": 30}, 5, 30),
        ({"power_interval": 0, "slow_interval": 0}, 1, 1),
        ({"power_interval": 30, "slow_interval": 5}, 30, 5),
    ],
)
async def test_paces(
    hass: HomeAssistant,
    stopwatch: Stopwatch,
    options: dict[str, int],
    power: int,
    slow: int,
) -> None:
    """Each value at the pace of its kind; over a minute of telegrams."""

    def telegram(second: int) -> bytes:
        raw = replace_line(RAW, "1-0:1.7.0", f"1-0:1.7.0({second:02}.000*kW)")
        raw = replace_line(raw, "1-0:32.7.0", f"1-0:32.7.0(2{second:02}.0*V)")
        return replace_line(raw, "1-0:1.8.1", f"1-0:1.8.1(003456.{second:03}*kWh)")

    async with heard(hass, telegram(0), options=options) as (entry, gateway):
        times: dict[str, list[int]] = {
            "power_import": [],
            "voltage_l1": [],
            "energy_import": [],
        }
        ids = {entity_id(hass, entry, point): point for point in times}
        for second in range(1, 61):
            stopwatch.seconds += 1
            before = writes(hass)
            await tell(hass, entry, gateway, telegram(second))
            for found in written_since(hass, before) & ids.keys():
                times[ids[found]].append(second)
    assert times["power_import"] == list(range(power, 61, power))
    assert times["voltage_l1"] == list(range(slow, 61, slow))
    assert times["energy_import"] == times["voltage_l1"]


@pytest.mark.usefixtures("all_enabled")
async def test_news_are_never_delayed(hass: HomeAssistant) -> None:
    options = {"power_interval": 300, "slow_interval": 3600}
    belgian = wire("v5b_gas_water_peak")
    change = partial(replace_line, belgian)
    peak = "1-0:1.6.0(250115171500W)(05.001*kW)"
    async with heard(hass, belgian, options=options) as (entry, gateway):
        for raw, point, value in (
            (change("0-0:96.14.0", "0-0:96.14.0(0002)"), "tariff", "low"),
            (change("1-0:1.6.0", peak), "peak_month", "5.001"),
            (change("0-0:96.3.10", "0-0:96.3.10(0)"), "breaker", "off"),
            (change("0-0:17.0.0", "0-0:17.0.0(005.0*kW)"), "power_limit", "5.0"),
            (change("1-0:31.4.0", "1-0:31.4.0(040*A)"), "fuse_limit_l1", "40.0"),
            (change("0-0:96.13.0", "0-0:96.13.0(486F69)"), "message", "Hoi"),
        ):
            await tell(hass, entry, gateway, raw)
            assert shown(hass, entry, point) == value
    async with heard(hass, RAW, options=options) as (entry, gateway):
        for obis, point in (
            ("0-0:96.7.21", "power_failures_short"),
            ("0-0:96.7.9", "power_failures_long"),
            ("1-0:52.32.0", "voltage_sags_l2"),
            ("1-0:72.36.0", "voltage_swells_l3"),
        ):
            raw = replace_line(RAW, obis, f"{obis}(00077)")
            await tell(hass, entry, gateway, raw)
            assert shown(hass, entry, point) == "77"
        log = "1-0:99.97.0(1)(0-0:96.7.19)(250301120000W)(0000000301*s)"
        await tell(hass, entry, gateway, replace_line(RAW, "1-0:99.97.0", log))
        assert shown(hass, entry, "last_power_failure") == "2025-03-01T11:00:00+00:00"
        assert shown(hass, entry, "last_power_failure_duration") == "301"
