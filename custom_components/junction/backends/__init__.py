"""Registry of backends: their names, and how their code is loaded.

Loading is lazy: a person with a smart meter never imports the code of five other
systems, and the steps of a config flow only for the dialog. Import in an executor
(``hass.async_add_import_executor_job(load, name)``); importing in the event loop
blocks it.
"""

from dataclasses import dataclass
from importlib import import_module
import sys
from typing import TYPE_CHECKING, Final, cast

from .base import BackendInfo

if TYPE_CHECKING:
    from .flow import BackendFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Where a backend is, and what Home Assistant asks before anything of it is loaded.

    ``adapter`` is a module with ``INFO``, ``flow`` one with ``FLOW``. ``options`` tells
    whether there are any, ``subentries`` which kinds may be added to an entry, and
    ``plugged`` whether what is plugged into a USB port may be one.
    """

    adapter: str
    flow: str
    options: bool = True
    subentries: tuple[str, ...] = ()
    plugged: bool = False


def _at(
    folder: str, *, subentries: tuple[str, ...] = (), plugged: bool = False
) -> Registered:
    return Registered(
        adapter=f"{__name__}.{folder}.adapter",
        flow=f"{__name__}.{folder}.flow",
        subentries=subentries,
        plugged=plugged,
    )


BACKENDS: Final[dict[str, Registered]] = {
    "cozify": _at("cozify"),
    "dsmr": _at("dsmr", subentries=("dsmr_reader_target",), plugged=True),
    "dsmr_reader": _at("dsmr_reader"),
    "iotile": _at("iotile"),
    "mycodo": _at("mycodo"),
    "openmotics": _at("openmotics"),
}


def load(name: str) -> BackendInfo:
    """Return what a backend declares in the ``INFO`` of its adapter.

    Raises KeyError for a name that is not in the registry (an entry made by a newer
    version).
    """
    return cast("BackendInfo", import_module(BACKENDS[name].adapter).INFO)


def load_flow(name: str) -> type[BackendFlow]:
    """Return the steps of a backend, the ``FLOW`` of its flow module.

    Raises KeyError for a name that is not in the registry.
    """
    return cast("type[BackendFlow]", import_module(BACKENDS[name].flow).FLOW)


def loaded_flow(name: str) -> type[BackendFlow] | None:
    """Return the steps of a backend if they are there already, None if they are not.

    Raises KeyError for a name that is not in the registry.
    """
    # One that is being imported in a thread has none yet.
    return getattr(sys.modules.get(BACKENDS[name].flow), "FLOW", None)
