"""Interface of the backend for actions, and readers of common fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..client.api import IOTileClient
from ..client.errors import ProjectError, UnknownTargetError
from ..client.models import Stream
from ..client.poller import Poller
from ..client.slugs import any_slug, device_slug
from .history import IOTileHistory
from .inventory import Inventory
from .lookup import stream_of

_TARGETS: Final = ("target", "stream")


class Target(Protocol):
    """The part of the backend that the actions use."""

    hass: HomeAssistant
    client: IOTileClient
    poller: Poller
    inventory: Inventory
    history: IOTileHistory

    def save(self) -> None:
        """Save the stored data."""

    async def read_soon(self, owner: str) -> None:
        """Read a device or virtual stream soon after writing to it."""


def moment_of(fields: Mapping[str, Any], name: str) -> datetime | None:
    """Return the time in a field, in UTC; None if it is missing."""
    moment: datetime | None = fields.get(name)
    return dt_util.as_utc(moment) if moment else None


def when(fields: Mapping[str, Any], name: str, default: datetime) -> datetime:
    """Return the time in a field, or a default if it is missing."""
    return moment_of(fields, name) or default


def stream_named(backend: Target, named: str) -> Stream:
    """Return a stream by its slug or by an entity. Raises CallerError for others."""
    return stream_of(backend.hass, backend.inventory, named)


def target_named(backend: Target, fields: Mapping[str, Any]) -> str:
    """Return the slug of the listed device, stream, or project that the fields name.

    Raises BadSlugError, NoStreamError, and UnknownTargetError.
    """
    named: str = next(fields[name] for name in _TARGETS if name in fields)
    if "." in named:
        return stream_named(backend, named).slug
    target = any_slug(named)
    listing = backend.poller.state.listing
    if target in listing.projects or target in listing.devices:
        return target
    if target.startswith("s--") and listing.find(target) is not None:
        return target
    # The server crashes on unknown targets, and shows the notes of other accounts.
    raise UnknownTargetError(target=named)


def known_device(backend: Target, given: str) -> str:
    """Return the slug of a listed device.

    Raises BadSlugError, ProjectError, and UnknownTargetError.
    """
    listing = backend.poller.state.listing
    if (project := listing.projects.get(given)) is not None:
        raise ProjectError(project=project.name or given)
    slug = device_slug(given)
    if slug not in listing.devices:
        raise UnknownTargetError(target=given)
    return slug
