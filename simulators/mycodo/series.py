"""Measurements database: InfluxDB in Mycodo, and the code that writes to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .state import Input, Pid, Row, State
from .tables import CONVERSIONS

type Point = tuple[float, float]

# Number of missed values that are written after a jump of the clock.
_MOST_MISSED = 500


@dataclass(slots=True)
class Database:
    """Series of (time, value) by unit, device, channel and measure tag."""

    state: State
    series: dict[tuple[str, str, int, str | None], list[Point]] = field(
        default_factory=dict
    )

    def write(
        self,
        moment: float,
        device: str,
        unit: str,
        channel: int,
        measure: str | None,
        value: float,
    ) -> None:
        """Store a value; it is lost while InfluxDB is down."""
        if self.state.influx_up:
            self.series.setdefault((unit, device, channel, measure), []).append(
                (moment, float(value))
            )

    def _matching(self, device: str, unit: str, channel: int) -> Iterator[list[Point]]:
        found = [
            (measure or "", points)
            for (u, d, c, measure), points in self.series.items()
            if (u, d, c) == (unit, device, channel)
        ]
        # Series are sorted by their tags, those without tags first.
        for _, points in sorted(found, key=lambda pair: pair[0]):
            yield points

    def past(
        self, device: str, unit: str, channel: int, start: float, end: float
    ) -> list[Point]:
        """Return the points of all series of a channel, one series after the other."""
        return [
            point
            for points in self._matching(device, unit, channel)
            for point in points
            if start <= point[0] <= end
        ]

    def last(
        self,
        device: str,
        unit: str,
        channel: int,
        seconds: float,
        measure: str | None = None,
    ) -> Point | None:
        """Return the last point of the *first* series that has one, not the newest."""
        now = self.state.now()
        start = now - seconds if seconds else 0.0
        if measure is not None:
            candidates = [self.series.get((unit, device, channel, measure), [])]
        else:
            candidates = list(self._matching(device, unit, channel))
        for points in candidates:
            inside = [p for p in points[-2000:] if start <= p[0] <= now + 1]
            if inside:
                return inside[-1]
        return None

    def store(self, row: Row, moment: float, value: float) -> None:
        """Store a measured value, rescaled and converted as its row specifies."""
        unit, measure = row.stored
        if row.rescaled:
            a, b, c, d = row.scale
            value = c + (value - a) * (d - c) / (b - a)
        if row.conversion:
            value = CONVERSIONS[row.unit, row.conversion](value)
        self.write(moment, row.device, unit, row.channel, measure, value)

    def measure(self) -> None:
        """Add the missed measurements of everything that is active."""
        state = self.state
        if not state.daemon_running or state.daemon_frozen:
            return
        for found in (*state.inputs, *state.functions):
            if found.active:
                for moment in _due(found, state.now()):
                    self.measure_now(found, moment)
        for pid in state.pids:
            if pid.active:
                for moment in _due(pid, state.now()):
                    self._control(pid, moment)

    def measure_now(self, found: Input, moment: float) -> None:
        """Measure once."""
        values = found.measure(moment - self.state.offset)
        for row in self.state.rows_of(found.unique_id):
            if row.channel in values and row.unit:
                self.store(row, moment, values[row.channel])

    def _control(self, pid: Pid, moment: float) -> None:
        device, _, measurement = pid.measurement.partition(",")
        row = next((r for r in self.state.rows if r.unique_id == measurement), None)
        if row is None:
            return
        unit = row.stored[0]
        setpoint = pid.setpoint if pid.follows is None else pid.follows
        self.write(moment, pid.unique_id, unit, 0, "setpoint", setpoint)
        last = self.last(device, unit, row.channel, 120)
        if last is None:
            return
        if not pid.held:
            pid.value = pid.p * (setpoint - last[1])
        for channel, name, value in (
            (3, "pid_p_value", pid.value),
            (4, "pid_i_value", pid.i),
            (5, "pid_d_value", pid.d),
        ):
            self.write(moment, pid.unique_id, "pid_value", channel, name, value)
        if not pid.paused:
            self.write(
                moment, pid.unique_id, "s", 6, "duration_time", max(pid.value, 0)
            )

    def backfill(self, found: Input, seconds: float, step: float) -> None:
        """Write a history up to now."""
        now = self.state.now()
        count = int(seconds // step)
        for index in range(count, 0, -1):
            self.measure_now(found, now - index * step)


def _due(found: Input | Pid, now: float) -> Iterator[float]:
    if not found.due:
        found.due = now
    found.due = max(found.due, now - _MOST_MISSED * found.period)
    while found.due <= now:
        yield found.due
        found.due += found.period
