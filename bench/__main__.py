"""Run everything and print one table."""

import argparse
from collections.abc import Callable, Iterable
import platform

from . import cozify, in_home_assistant, iotile, mycodo, openmotics, p1, reader, refresh
from .measure import Row, table

PARTS: dict[str, Callable[[], Iterable[Row]]] = {
    "p1": p1.rows,
    "refresh": refresh.rows,
    "home-assistant": in_home_assistant.rows,
    "cozify": cozify.rows,
    "iotile": iotile.rows,
    "mycodo": mycodo.rows,
    "openmotics": openmotics.rows,
    "reader": reader.rows,
}


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="all by default")
    chosen = parser.parse_args().part or list(PARTS)
    rows = [row for name in chosen for row in PARTS[name]()]
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print(table(rows))


if __name__ == "__main__":
    main()
