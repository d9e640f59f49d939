"""Memory use of a running Home Assistant: SQLite, malloc, or Python objects."""

from dataclasses import dataclass
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Final, Literal

_INSIDE: Final = Path(__file__).with_name("memory_inside.py")
_PATIENCE: Final = 120.0
_MIB: Final = 2**20
_FRAMES_SHOWN: Final = 5

# Imported once, so that measuring does not change memory use.
_SCRIPT: Final = """
import importlib.util
import sys

if (inside := sys.modules.get("memory_inside")) is None:
    spec = importlib.util.spec_from_file_location("memory_inside", {path!r})
    sys.modules["memory_inside"] = inside = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(inside)
inside.tell({to!r}, {do!r})
"""

type Do = Literal["look", "begin", "end"]


@dataclass(frozen=True, slots=True)
class Held:
    """Memory by owner, in MiB; ``blocks`` are thousands of small Python objects.

    ``more`` is available only at the beginning and the end of tracing.
    """

    sqlite: float
    malloc: float
    free: float
    blocks: float
    more: dict[str, Any]


def look_inside(pid: int, do: Do = "look") -> Held:
    """Measure inside the process itself. Raises TimeoutError when it does not respond."""
    with TemporaryDirectory() as folder:
        to = Path(folder, "found.json")
        script = Path(folder, "look.py")
        script.write_text(
            _SCRIPT.format(path=str(_INSIDE), to=str(to), do=do), encoding="utf-8"
        )
        sys.remote_exec(pid, script)
        end = time.monotonic() + _PATIENCE
        while not to.exists():
            if time.monotonic() > end:
                msg = f"Process {pid} did not tell what it holds"
                raise TimeoutError(msg)
            time.sleep(0.1)
        found = json.loads(to.read_text(encoding="utf-8"))
    return Held(
        found.pop("sqlite") / _MIB,
        found.pop("malloc") / _MIB,
        found.pop("free") / _MIB,
        found.pop("blocks") / 1000,
        found,
    )


def growth(begin: Held, end: Held) -> list[str]:
    """Return lines about allocations between the beginning and the end of tracing."""
    before, after = begin.more["types"], end.more["types"]
    more = {kind: n - before.get(kind, 0) for kind, n in after.items()}
    most = sorted(more.items(), key=lambda item: -item[1])[:20]
    lines = [f"malloc_trim gave back {end.more['trimmed'] / _MIB:.1f} MiB"]
    lines.append("Objects more than at the beginning:")
    lines += [f"  {n:+} {kind}" for kind, n in most if n > 0]
    lines.append("Bytes that came and stayed, by file:")
    lines += [
        f"  {one['bytes'] / 1024:.0f} KiB in {one['count']}: {_short(one['where'])}"
        for one in end.more["files"]
    ]
    lines.append("Bytes that came and stayed, by call:")
    lines += [
        f"  {one['bytes'] / 1024:.0f} KiB in {one['count']}: "
        + " < ".join(
            _short(frame) for frame in one["where"][-1 : -1 - _FRAMES_SHOWN : -1]
        )
        for one in end.more["held"]
    ]
    return lines


def _short(where: str) -> str:
    return where.rpartition("site-packages/")[2].rpartition("custom_components/")[2]
