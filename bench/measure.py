"""Measure side by side, in this process or in a child, and format rows."""

from collections.abc import Callable
from dataclasses import dataclass
import gc
from statistics import median
from time import perf_counter

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: ``ours`` and ``peer`` in ``unit``, and the ratio asked for."""

    what: str
    ours: float
    peer: float
    peer_name: str
    unit: str = "µs"
    wanted: str = ""

    @property
    def ratio(self) -> float:
        """How many times less ours takes."""
        return self.peer / self.ours if self.ours else float("inf")


def side_by_side(
    ours: Callable[[], object], peer: Callable[[], object], times: int
) -> tuple[float, float]:
    """Return the medians of both in µs; ``times`` is how often one call works.

    The two take turns, so that whatever else the machine does hits both alike.
    """
    results: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for call, taken in zip((ours, peer), results, strict=True):
                begin = perf_counter()
                call()
                taken.append((perf_counter() - begin) / times * 1e6)
    finally:
        gc.enable()
    return median(results[0]), median(results[1])


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| what | Junction | peer | peer's | times less | wanted |",
        "|---|---:|---|---:|---:|---|",
    ]
    lines += [
        f"| {row.what} | {row.ours:.2f} {row.unit} | {row.peer_name} "
        f"| {row.peer:.2f} {row.unit} | {row.ratio:.1f} | {row.wanted} |"
        for row in rows
    ]
    return "\n".join(lines)
