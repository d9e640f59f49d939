"""Put simulated servers in the place of those on the internet.

Python imports this module at its start. ``JUNCTION_DEMO_ADDRESSES`` names, as JSON, the
constants of modules that hold an address (``package.module:NAME``), and other addresses for
them; the integration itself has no switch for that.
"""

from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
import json
import os
import sys
from types import ModuleType
from typing import Final, override

_ADDRESSES: Final[dict[str, str]] = json.loads(
    os.environ.get("JUNCTION_DEMO_ADDRESSES", "{}")
)


class _Loader(SourceFileLoader):
    """Loads a module, and changes its constants at once."""

    @override
    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and put the other addresses into it."""
        super().exec_module(module)
        for place, address in _ADDRESSES.items():
            name, _, constant = place.partition(":")
            if name == module.__name__:
                kind = type(getattr(module, constant))
                setattr(module, constant, kind(address))


class _Finder(MetaPathFinder):
    """Finds the modules that hold the addresses."""

    @override
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return how to load one of them, and None for all others."""
        if all(place.partition(":")[0] != fullname for place in _ADDRESSES):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin)
        return spec


if _ADDRESSES:
    sys.meta_path.insert(0, _Finder())
