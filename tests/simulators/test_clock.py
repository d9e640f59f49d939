"""The virtual clock and civil time."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from simulators.clock import CivilTime, VirtualClock

WINTER_BEGINS = int(datetime(2025, 10, 26, 1, tzinfo=UTC).timestamp())
SUMMER_BEGINS = int(datetime(2025, 3, 30, 1, tzinfo=UTC).timestamp())


class Real:
    """A source of real seconds under the test's control."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_runs_as_fast_as_told() -> None:
    real = Real()
    clock = VirtualClock(1000, 60, monotonic=real)
    real.seconds += 2
    assert clock.now() == 1120
    clock.set_speed(1)
    real.seconds += 5
    assert clock.now() == 1125


def test_stands_still_until_it_is_moved() -> None:
    real = Real()
    clock = VirtualClock(1000, 0, monotonic=real)
    real.seconds += 50
    assert clock.now() == 1000
    clock.jump(10)
    assert (clock.now(), clock.jumps) == (1010, 1)


def test_never_runs_backwards() -> None:
    clock = VirtualClock(1000, 0)
    with pytest.raises(ValueError, match="cannot go back by 1 s"):
        clock.set(999)
    with pytest.raises(ValueError, match="negative"):
        clock.set_speed(-1)


async def test_who_waits_is_woken_by_time_and_by_jumps() -> None:
    fast = VirtualClock(0, 1000)
    async with asyncio.timeout(5):
        await fast.sleep(20)
    assert fast.now() >= 20

    still = VirtualClock(0, 0)
    waiting = asyncio.create_task(still.wait_until(3600))
    await asyncio.sleep(0)
    still.jump(3599)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    still.jump(1)
    async with asyncio.timeout(5):
        await waiting


async def test_a_new_speed_counts_for_those_who_wait_already() -> None:
    clock = VirtualClock(0, 0.001)
    waiting = asyncio.create_task(clock.wait_until(100))
    await asyncio.sleep(0)
    clock.set_speed(100_000)
    async with asyncio.timeout(5):
        await waiting


@pytest.mark.parametrize(
    ("hours", "zone"),
    [(1, "Europe/Amsterdam"), (2, "Europe/Vilnius"), (0, "Europe/Dublin")],
)
def test_civil_time_is_that_of_the_tz_database(hours: int, zone: str) -> None:
    civil = CivilTime(hours)
    changes = (SUMMER_BEGINS, WINTER_BEGINS)
    moments = [
        change + offset
        for change in changes
        for offset in (-3601, -1, 0, 1, 3599, 3600)
    ]
    moments += range(1_700_000_000, 1_800_000_000, 1_234_567)
    for moment in moments:
        local = datetime.fromtimestamp(moment, ZoneInfo(zone))
        summer = (
            local.utcoffset() != datetime(2025, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset()
        )
        assert civil.stamp(moment) == f"{local:%y%m%d%H%M%S}{'S' if summer else 'W'}"


def test_both_clock_changes_are_one_second_apart() -> None:
    civil = CivilTime()
    assert [civil.stamp(SUMMER_BEGINS + n) for n in (-1, 0)] == [
        "250330015959W",
        "250330030000S",
    ]
    assert [civil.stamp(WINTER_BEGINS + n) for n in (-1, 0)] == [
        "251026025959S",
        "251026020000W",
    ]


def test_sweden_keeps_winter_time() -> None:
    july = int(datetime(2025, 7, 4, 14, 0, 20, tzinfo=UTC).timestamp())
    assert CivilTime(1, summer=False).stamp(july) == "250704150020W"


def test_months_begin_at_local_midnight() -> None:
    civil = CivilTime()
    moment = int(datetime(2025, 1, 15, 12, tzinfo=UTC).timestamp())
    starts = [civil.stamp(civil.month_start(moment, n)) for n in (-4, -3, 0, 1, 3)]
    assert starts == [
        "240901000000S",
        "241001000000S",
        "250101000000W",
        "250201000000W",
        "250401000000S",
    ]
