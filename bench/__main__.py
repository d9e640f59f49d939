"""Run the benchmarks and print one table, each row as soon as it is measured."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
import platform
import sys
from time import perf_counter
import traceback

from . import (
    cozify,
    dashboard,
    forwarding,
    in_home_assistant,
    iotile,
    mycodo,
    mycodo_looks,
    openmotics,
    p1,
    pushes,
    reader,
    refresh,
    weight,
)
from .measure import HEAD, ChildFailedError, Row, line

PARTS: dict[str, Callable[[], Iterable[Row]]] = {
    "p1": p1.rows,
    "pushes": pushes.rows,
    "refresh": refresh.rows,
    "home-assistant": in_home_assistant.rows,
    "cozify": cozify.rows,
    "iotile": iotile.rows,
    "mycodo": mycodo.rows,
    "mycodo-looks": mycodo_looks.rows,
    "openmotics": openmotics.rows,
    "reader": reader.rows,
    "forwarding": forwarding.rows,
    "dashboard": dashboard.rows,
    "weight": weight.rows,
}


def main() -> int:
    """Run the requested parts, and return how many failed."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("part", nargs="*", choices=PARTS, help="all by default")
    chosen = parser.parse_args().part or list(PARTS)
    return run({name: PARTS[name] for name in chosen})


def run(parts: Mapping[str, Callable[[], Iterable[Row]]]) -> int:
    """Print each row as soon as it is measured; continue when a part fails."""
    print(
        f"Python {platform.python_version()}, {platform.machine()}, "
        f"Home Assistant {version('homeassistant')}\n\n{HEAD}",
        flush=True,
    )
    failed = []
    for number, (name, rows) in enumerate(parts.items(), 1):
        begin = perf_counter()
        _tell(f"{number} of {len(parts)}: {name}")
        try:
            for row in rows():
                print(line(row), flush=True)
        except Exception as err:  # noqa: BLE001 - the other parts are worth their time
            failed.append(name)
            if not isinstance(err, ChildFailedError):
                traceback.print_exc()
            _tell(f"{name} FAILED: {err}")
        _tell(f"{name} took {perf_counter() - begin:.0f} s")
    if failed:
        _tell(f"failed: {', '.join(failed)}")
    return len(failed)


def _tell(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
