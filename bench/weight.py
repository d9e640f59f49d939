"""Weight of each system: rows in the recorder, and the cost of importing its code.

The rows come from a real Home Assistant with the simulated house and the default set of enabled
entities, and from core's ``dsmr`` with its defaults in the same Home Assistant, with a meter of
the same house. Notes beside the table name the entities with the most rows.

Imports are all those of a start of an entry: the integration, the platforms that Home Assistant
loads with every integration (config flow, diagnostics, ...), and the modules of the system.
Modules that Home Assistant loads anyway are not counted. Time is CPU time at a second start, with
compiled bytecode; memory is the growth of the process.
"""

from collections.abc import Iterator
import os
from statistics import median
import sys
from tempfile import TemporaryDirectory

from demo.backends import SYSTEMS
from demo.core_meter import NAME

from .measure import Row, child

# Longer than the slowest polling interval.
MINUTES = 13.0
_TURNS = 3
_UNITS = {"ms": "ms", "modules": "", "MiB": "MiB"}
_CORE = "homeassistant.components.dsmr"
_OURS = "custom_components.junction"


def rows() -> Iterator[Row]:
    """Yield the cost of importing each system, then its rows per hour."""
    with TemporaryDirectory() as folder:
        # Overrides any other setting for bytecode, including the one that turns it off.
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
    """Import in processes of their own; the first one compiles."""
    words = ("bench.weighed", "import", integration, more)
    child(*words, environment=environment)
    found = [child(*words, environment=environment) for _ in range(_TURNS)]
    return {name: median(one[name] for one in found) for name in found[0]}
