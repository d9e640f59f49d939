"""Measure the memory use of the current process.

``memory.py`` loads this module inside Home Assistant, which has no other module of the demo.
"""

from collections import Counter
import ctypes
import gc
import json
from pathlib import Path
import sys
import tracemalloc
from typing import Any

_FRAMES = 12
_MOST = 25
_FIELDS = (
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost",
)
_C = ctypes.CDLL(None)


class _Info(ctypes.Structure):
    """The ``struct mallinfo2`` of glibc."""

    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS]


def _sqlite() -> int:
    """Return the bytes that SQLite has allocated, including its page caches."""
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_memory_used.restype = ctypes.c_int64
    return int(library.sqlite3_memory_used())


def _look() -> dict[str, Any]:
    _C.mallinfo2.restype = _Info
    info = _C.mallinfo2()
    return {
        "sqlite": _sqlite(),
        "malloc": info.uordblks + info.hblkhd,
        "free": info.fordblks,
        "blocks": sys.getallocatedblocks(),
    }


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


def _types() -> dict[str, int]:
    gc.collect()
    kinds = Counter(type(one) for one in gc.get_objects())
    return {f"{one.__module__}.{one.__qualname__}": n for one, n in kinds.items()}


def _begin() -> dict[str, Any]:
    types = _types()
    tracemalloc.start(_FRAMES)
    return {"types": types}


def _end() -> dict[str, Any]:
    types = _types()
    # Tracing ran from the beginning, so everything listed is new since then.
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    snapshot = snapshot.filter_traces(
        [tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__)]
    )
    held = [
        {
            "bytes": one.size,
            "count": one.count,
            "where": [f"{frame.filename}:{frame.lineno}" for frame in one.traceback],
        }
        for one in snapshot.statistics("traceback")[:_MOST]
    ]
    by_file = [
        {"bytes": one.size, "count": one.count, "where": one.traceback[0].filename}
        for one in snapshot.statistics("filename")[:_MOST]
    ]
    del snapshot
    gc.collect()
    before = _resident()
    _C.malloc_trim(0)
    return {
        "types": types,
        "held": held,
        "files": by_file,
        "trimmed": before - _resident(),
    }


def tell(to: str, do: str) -> None:
    """Write the result to a file, as JSON.

    ``do`` is "look", "begin", or "end"; growth is traced between the last two.
    """
    found = {**_look(), **{"look": dict, "begin": _begin, "end": _end}[do]()}
    # Write to a temporary file first, so that the reader never sees half of it.
    part = Path(f"{to}.part")
    part.write_text(json.dumps(found), encoding="utf-8")
    part.rename(to)
