"""What each system weighs: rows in the recorder, and what importing its code costs.

The rows are those of a real Home Assistant with the simulated house, with the entities that
are enabled as installed; and of Home Assistant core's ``dsmr`` at its defaults in the same
Home Assistant, with a meter of the same house. Which entities wrote most of them is told
beside the table. What a module imports that Home Assistant has loaded anyway is not counted;
the time is that of a second start, when Python has compiled everything.
"""

from collections.abc import Iterator
import os
from statistics import median
import sys
from tempfile import TemporaryDirectory

from demo.backends import SYSTEMS
from demo.core_meter import NAME

from .measure import Row, child

# Longer than the slowest of them waits between two looks.
MINUTES = 13.0
_TURNS = 3
_CORE = "homeassistant.components.dsmr.sensor"


def rows() -> Iterator[Row]:
    """Yield what importing each system adds, then its rows an hour."""
    with TemporaryDirectory() as folder:
        # Wherever compiled code goes otherwise, and be it nowhere.
        kept = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        core = _imported(_CORE, kept)
        for name in sorted(SYSTEMS):
            module = f"custom_components.junction.backends.{name}.adapter"
            ours = _imported(module, kept)
            for what, unit in (("ms", "ms"), ("modules", "")):
                yield Row(
                    f"importing {name}, {what}", ours[what], core[what], NAME, unit
                )
    written = child("bench.weighed", "rows", str(MINUTES), timeout=MINUTES * 60 + 600)
    found = written["rows"]
    for name in sorted(SYSTEMS):
        yield Row(
            f"recorder rows an hour, {name}", found[name], found[NAME], NAME, unit=""
        )
    for name, most in written["most"].items():
        told = ", ".join(f"{entity} {rows:.0f}" for entity, rows in most.items())
        print(f"bench: most rows of {name}: {told}", file=sys.stderr)


def _imported(module: str, environment: dict[str, str]) -> dict[str, float]:
    """Import a module in processes of its own; the first one compiles it."""
    words = ("bench.weighed", "import", module)
    child(*words, environment=environment)
    found = [child(*words, environment=environment) for _ in range(_TURNS)]
    return {**found[0], "ms": median(one["ms"] for one in found)}
