"""What each system weighs: rows in the recorder, and what importing its code costs.

The rows are those of a real Home Assistant with the simulated house, with the entities that
are enabled as installed; against Home Assistant core's ``dsmr`` at its defaults, which the
same run measures. What a module imports that Home Assistant has loaded anyway is not counted.
"""

from collections.abc import Iterator

from demo.backends import SYSTEMS

from . import in_home_assistant
from .measure import Row, child

MINUTES = 10.0
_CORE = "homeassistant.components.dsmr.sensor"


def rows() -> Iterator[Row]:
    """Yield rows an hour of each system, then what importing it adds."""
    theirs = in_home_assistant.states_per_telegram("dsmr") * 3600
    found = child("bench.weighed", "rows", str(MINUTES), timeout=MINUTES * 60 + 600)
    for name in sorted(SYSTEMS):
        yield Row(
            f"recorder rows an hour, {name}",
            found[name],
            theirs,
            "core's dsmr",
            unit="",
        )
    core = child("bench.weighed", "import", _CORE)
    for name in sorted(SYSTEMS):
        module = f"custom_components.junction.backends.{name}.adapter"
        ours = child("bench.weighed", "import", module)
        for what, unit in (("ms", "ms"), ("modules", "")):
            yield Row(
                f"importing {name}, {what}", ours[what], core[what], "core's dsmr", unit
            )
