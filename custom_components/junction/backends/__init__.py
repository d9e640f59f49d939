"""Registry of backends: their names, and how their code is loaded.

Loading is lazy: a person with a smart meter never imports the code of five other
systems. Import in an executor (``hass.async_add_import_executor_job(load, name)``);
importing in the event loop blocks it.
"""

from importlib import import_module
from typing import Final, cast

from .base import BackendInfo

BACKENDS: Final[dict[str, str]] = {
    "cozify": f"{__name__}.cozify.adapter",
    "dsmr": f"{__name__}.dsmr.adapter",
    "dsmr_reader": f"{__name__}.dsmr_reader.adapter",
    "iotile": f"{__name__}.iotile.adapter",
    "mycodo": f"{__name__}.mycodo.adapter",
    "openmotics": f"{__name__}.openmotics.adapter",
}


def load(name: str) -> BackendInfo:
    """Return what a backend declares in the ``INFO`` of its adapter.

    Raises KeyError for a name that is not in the registry (an entry made by a newer
    version).
    """
    return cast("BackendInfo", import_module(BACKENDS[name]).INFO)
