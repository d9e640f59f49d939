"""What each system weighs: rows in the recorder, and what importing its code costs.

The rows are those of a real Home Assistant with the simulated house, with the entities that
are enabled as installed; and of Home Assistant core's ``dsmr`` at its defaults in the same
Home Assistant, with a meter of the same house. Which entities wrote most of them is told
beside the table. Importing is all that an entry of a system takes at each start: the
integration, what Home Assistant loads along with every integration (its config flow,
diagnostics, ...), and the system's own. What Home Assistant has loaded anyway is not
counted; the time is the processor's at a second start, when Python has compiled everything; the
memory is what the process has more of.
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
_UNITS = {"ms": "ms", "modules": "", "MiB": "MiB"}
_CORE = "homeassistant.components.dsmr"
_OURS = "custom_components.junction"


def rows() -> Iterator[Row]:
    """Yield what importing each system adds, then its rows an hour."""
    with TemporaryDirectory() as folder:
        # Wherever compiled code goes otherwise, and be it nowhere.
        kept = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        core = _imported(_CORE, f"{_CORE}.sensor", kept)
        found = {
            name: _imported(_OURS, f"{_OURS}.backends.{name}.adapter", kept)
            for name in sorted(SYSTEMS)
        }
        for name, ours in found.items():
            for what, unit in _UNITS.items():
                yield Row(
                    f"importing {name}, {what}", ours[what], core[what], NAME, unit
                )
        [any_of_them, *_] = found.values()
        for what, unit in _UNITS.items():
            told = f"shared {what}"
            yield Row(
                f"of that for all, {what}", any_of_them[told], core[told], NAME, unit
            )
    written = child("bench.weighed", "rows", str(MINUTES), timeout=MINUTES * 60 + 600)
    hourly = written["rows"]
    for name in sorted(SYSTEMS):
        yield Row(
            f"recorder rows an hour, {name}", hourly[name], hourly[NAME], NAME, unit=""
        )
    for name, most in written["most"].items():
        told = ", ".join(f"{entity} {rows:.0f}" for entity, rows in most.items())
        print(f"bench: most rows of {name}: {told}", file=sys.stderr)


def _imported(
    integration: str, more: str, environment: dict[str, str]
) -> dict[str, float]:
    """Import in processes of their own, the first of which compiles."""
    words = ("bench.weighed", "import", integration, more)
    child(*words, environment=environment)
    found = [child(*words, environment=environment) for _ in range(_TURNS)]
    return {name: median(one[name] for one in found) for name in found[0]}
