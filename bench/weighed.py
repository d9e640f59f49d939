"""Measure the weight of imports, in a process of its own, for ``weight``."""

import asyncio
import gc
import importlib
import json
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from homeassistant.loader import BASE_PRELOAD_PLATFORMS

# Modules that every Home Assistant loads before any integration.
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
    # Not at the top of the file: the imports below must not be loaded before they are measured.
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


def _imported(integration: str, more: str) -> dict[str, float]:
    """Import the modules that an entry needs at each start, in the order of Home Assistant.

    This is the integration with the platforms that Home Assistant loads along with it, even if no
    dialog is opened; then ``more``.
    """
    for loaded in _LOADED:
        importlib.import_module(loaded)
    gc.collect()
    resident, before, begin = _resident(), set(sys.modules), process_time()
    package = importlib.import_module(integration)
    for name in BASE_PRELOAD_PLATFORMS:
        if Path(package.__file__ or "").with_name(f"{name}.py").exists():
            importlib.import_module(f"{integration}.{name}")
    shared_end, shared = process_time(), set(sys.modules)
    shared_resident = _resident()
    second_begin = process_time()
    importlib.import_module(more)
    end = process_time()
    return {
        "ms": (end - second_begin + shared_end - begin) * 1000,
        "modules": float(len(set(sys.modules) - before)),
        "MiB": (_resident() - resident) / 2**20,
        "shared ms": (shared_end - begin) * 1000,
        "shared modules": float(len(shared - before)),
        "shared MiB": (shared_resident - resident) / 2**20,
    }


def _resident() -> int:
    """Return the resident memory of this process in bytes, on Linux."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    _, what_, *words_ = sys.argv
    print(
        json.dumps(
            _written(float(words_[0])) if what_ == "rows" else _imported(*words_)
        )
    )
