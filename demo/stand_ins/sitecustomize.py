"""Replace servers on the internet by simulated ones.

Python imports this module at startup. ``JUNCTION_DEMO_ADDRESSES`` is a JSON object that maps
constants of modules (``package.module:NAME``) to other addresses. The integration itself has no
option for that.
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
    """Loads a module, and then replaces its constants."""

    @override
    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and set the other addresses."""
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
        """Return the spec of such a module, and None for all others."""
        if all(place.partition(":")[0] != fullname for place in _ADDRESSES):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin)
        return spec


if _ADDRESSES:
    sys.meta_path.insert(0, _Finder())
