"""Measure in a process of its own what ``weight`` shows."""

import asyncio
import importlib
import json
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

# What every Home Assistant has loaded before it loads an integration.
_LOADED = (
    "homeassistant.bootstrap",
    "homeassistant.config_entries",
    "homeassistant.helpers.aiohttp_client",
    "homeassistant.helpers.selector",
    "homeassistant.helpers.update_coordinator",
    "homeassistant.components.http",
    "homeassistant.components.recorder",
    "homeassistant.components.repairs",
    "homeassistant.components.sensor",
    "homeassistant.components.light",
    "homeassistant.components.usb",
)


def _written(minutes: float) -> dict[str, dict[str, Any]]:
    # Not above: what they import is not to be there when imports are measured.
    from demo.backends import SYSTEMS  # noqa: PLC0415
    from demo.soak import soak  # noqa: PLC0415

    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = asyncio.run(
            soak(
                Path(folder),
                [SYSTEMS[name] for name in sorted(SYSTEMS)],
                minutes,
                0.0,
                lambda line: print(line, file=sys.stderr),
                with_core=True,
            )
        )
    return {"rows": found.rows, "most": found.most}


def _imported(module: str) -> dict[str, float]:
    for loaded in _LOADED:
        importlib.import_module(loaded)
    if not module.startswith("homeassistant."):
        # What every entry of ours needs, whatever its backend is.
        importlib.import_module("custom_components.junction")
    before, begin = set(sys.modules), perf_counter()
    importlib.import_module(module)
    taken = perf_counter() - begin
    return {"ms": taken * 1000, "modules": float(len(set(sys.modules) - before))}


if __name__ == "__main__":
    _, what_, name_ = sys.argv
    print(json.dumps(_written(float(name_)) if what_ == "rows" else _imported(name_)))
