"""Registry of backends: their names, and how their code is loaded.

Loading is lazy: a user with a smart meter never imports the code of five other systems,
and the steps of a config flow are loaded only for the dialog. Importing blocks, so run
it in an executor (``hass.async_add_import_executor_job(load, name)``).
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
    """Modules of a backend, and what Home Assistant needs to know before they are loaded.

    ``adapter`` is the module with ``INFO``, ``flow`` the one with ``FLOW``. ``options``
    says whether the backend has an options flow, ``subentries`` which subentry types it
    has, and ``plugged`` whether a discovered USB adapter may belong to it.
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
    """Return the ``INFO`` of a backend's adapter.

    Raises KeyError for a name that is not in the registry (an entry of a newer
    version).
    """
    return cast("BackendInfo", import_module(BACKENDS[name].adapter).INFO)


def load_flow(name: str) -> type[BackendFlow]:
    """Return the ``FLOW`` of a backend's flow module.

    Raises KeyError for a name that is not in the registry.
    """
    return cast("type[BackendFlow]", import_module(BACKENDS[name].flow).FLOW)


def loaded_flow(name: str) -> type[BackendFlow] | None:
    """Return the flow class of a backend if it is loaded already, else None.

    Raises KeyError for a name that is not in the registry.
    """
    # A module that a thread is still importing has no ``FLOW`` yet.
    return getattr(sys.modules.get(BACKENDS[name].flow), "FLOW", None)
