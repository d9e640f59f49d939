"""DSMR-reader of the demo: its generated history leads to the meter's readings."""

from datetime import UTC, datetime
from pathlib import Path

from demo.backends.dsmr_reader import SimulatedReader
from demo.house import DemoHouse


async def test_past_ends_where_the_meter_stands(
    socket_enabled: object, tmp_path: Path
) -> None:
    async with DemoHouse(tmp_path, [SimulatedReader]) as house:
        [reader] = house.systems
        assert isinstance(reader, SimulatedReader)
        state = reader._state
        rows = state.readings.rows(None, None, descending=True, offset=0, limit=400)
        live, *before = rows
        hour_ago = before[-1]
        assert live["timestamp"] > before[0]["timestamp"]
        for name in ("delivered_1", "delivered_2", "returned_1", "returned_2"):
            used = live[f"electricity_{name}"] - hour_ago[f"electricity_{name}"]
            assert 0 <= used < 15, name
        assert live["extra_device_delivered"] - hour_ago["extra_device_delivered"] >= 0

    # The same at the next start, as if it had run on.
    async with DemoHouse(tmp_path, [SimulatedReader]) as house:
        [again] = house.systems
        assert isinstance(again, SimulatedReader)
        start = again._past.plan.start
        assert start == reader._past.plan.start
        for moment in (start, datetime.fromtimestamp(again._built, UTC)):
            second = int(moment.timestamp())
            assert again._past.positions(second) == reader._past.positions(second)
