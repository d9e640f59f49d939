"""Databases with wrong rows, and what an import gives of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.dsmr_reader.client.ledger import MOST_HOURS
from simulators.dsmr_reader import DsmrReaderServer, State

from .helpers import HOUR, NOW, ZONE, reading_from, series_state

REGISTERS = ("delivered_1", "delivered_2", "returned_1", "returned_2")
FIELDS = tuple(f"electricity_{name}" for name in REGISTERS)
type Row = dict[str, Any]


class Imported:
    """Imported sums of a database, and those of its good rows."""

    def __init__(self, state: State, good: list[Row]) -> None:
        self.state = state
        self.good = good
        self.rows: dict[str, dict[datetime, tuple[Any, ...]]] = {}
        self.left_out: dict[str, int] = {}
        self.most = 0

    async def run(self) -> Imported:
        # Its own statistics do not matter here and take time.
        self.state.backend_dead_since = self.state.now()
        async with (
            DsmrReaderServer(self.state) as server,
            reading_from(server) as client,
        ):
            history = History(client, ZONE, now=self.state.now)
            async for stretch in history.readings(None):
                self.most = max(self.most, *map(len, stretch.rows.values()), 0)
                for name, rows in stretch.rows.items():
                    found = self.rows.setdefault(name, {})
                    assert not found or rows[0][0] > max(found), name
                    found.update({row[0]: row[1:] for row in rows})
                for one in stretch.left_out:
                    self.left_out[one.reason] = (
                        self.left_out.get(one.reason, 0) + one.count
                    )
        return self

    def check_sums(self, names: tuple[str, ...] = REGISTERS) -> None:
        """Compare the whole, and every hour that has a good row at both of its ends."""
        by_hour = {
            row["timestamp"].replace(minute=0, second=0): row for row in self.good
        }
        for name in names:
            field = f"electricity_{name}"
            first, last = min(by_hour), max(by_hour)
            total = sum(row[0] for row in self.rows.get(name, {}).values())
            meant = by_hour[last][field] - by_hour[first][field]
            assert total == pytest.approx(float(meant), abs=1e-6), name
            for hour, row in by_hour.items():
                if hour + HOUR in by_hour and hour in self.rows.get(name, {}):
                    amount = by_hour[hour + HOUR][field] - row[field]
                    assert self.rows[name][hour][0] == pytest.approx(float(amount))
        assert min(self.rows["delivered"]) == min(by_hour)
        assert self.most <= MOST_HOURS * 2

    def check_gas(self) -> None:
        first, last = self.good[0], self.good[-1]
        total = sum(row[0] for row in self.rows["gas"].values())
        meant = last["extra_device_delivered"] - first["extra_device_delivered"]
        assert total == pytest.approx(float(meant), abs=1e-6)
        assert max(self.rows["gas"]) < NOW


async def imported(spoil: Callable[[State], list[Row]]) -> Imported:
    """Import the four weeks of a real server, spoiled."""
    state = series_state()
    good = [dict(row) for row in state.new]
    bad = spoil(state)
    times = {row["timestamp"] for row in bad}
    return await Imported(
        state, [row for row in good if row["timestamp"] not in times]
    ).run()


def added(state: State, moment: datetime, **more: Any) -> list[Row]:
    """Add a row like the one in the middle, at a time of its own."""
    row = {k: v for k, v in state.new[len(state.new) // 2].items() if k != "id"}
    state.new.add({**row, "timestamp": moment, **more})
    return []
