"""Measure side by side, in this process or in a child, and format rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import gc
import json
from pathlib import Path
from statistics import median
import subprocess
import sys
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[1]
ROUNDS = 9
# Number of lines shown of the output of a failed process.
_LAST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: ``ours`` and ``peer`` in ``unit``, and the required ratio."""

    what: str
    ours: float
    peer: float
    peer_name: str
    unit: str = "µs"
    wanted: str = ""

    @property
    def ratio(self) -> float:
        """Return how many times less Junction needs than the peer."""
        return self.peer / self.ours if self.ours else float("inf")


def side_by_side(
    ours: Callable[[], object], peer: Callable[[], object], times: int
) -> tuple[float, float]:
    """Return the median duration of both in µs; ``times`` is the number of operations per call.

    The two take turns, so that other load on the machine affects both alike.
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


class ChildFailedError(Exception):
    """A measuring process failed; the message is the end of its output."""


def child(
    module: str,
    *words: str,
    timeout: float = 300,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> dict[str, Any]:
    """Measure in a process of its own, and return the JSON of its last line.

    ``environment`` defaults to the variables of this process; ``python`` is the interpreter.
    Raises ChildFailedError with the end of the output.
    """
    command = [python, "-m", module, *words]
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            cwd=ROOT,
            env=environment,
            text=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as late:
        # Bytes, whatever was asked for.
        text = (late.stderr or b"").decode(errors="replace")
        raise ChildFailedError(
            f"{module} took more than {timeout:g} s\n{_last(text)}"
        ) from None
    if done.returncode:
        raise ChildFailedError(
            f"{module} ended with {done.returncode}\n{_last(done.stderr or done.stdout)}"
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _last(text: str) -> str:
    return "\n".join(text.rstrip().splitlines()[-_LAST:]) or "It said nothing."


HEAD = (
    "| what | Junction | peer | peer's | times less | wanted |\n"
    "|---|---:|---|---:|---:|---|"
)


def line(row: Row) -> str:
    """Return a row of the Markdown table."""
    return (
        f"| {row.what} | {row.ours:.2f} {row.unit} | {row.peer_name} "
        f"| {row.peer:.2f} {row.unit} | {row.ratio:.1f} | {row.wanted} |"
    )
