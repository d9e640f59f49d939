"""Interface between a backend and the rest of Junction."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType
import probatio as vol

from ..errors import BackendError
from ..model import Delta, PointKey, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Repair issue: a problem that only the user can fix.

    ``id`` is unique within the entry. The text is ``issues.<key>``. With ``choices`` it
    becomes a fix flow (step ``choose``) with the texts in ``selector.<key>.options``;
    the selected choice goes to ``BackendInfo.resolve`` together with ``data``.
    """

    id: str
    key: str
    placeholders: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)


class Sink(Protocol):
    """Receiver of a backend's reports between two fetches.

    All methods are called in the event loop and never raise.
    """

    def push(self, delta: Delta) -> None:
        """Report changed states."""

    def event(
        self, key: PointKey, event_type: str, attributes: Mapping[str, Any]
    ) -> None:
        """Report an event of an event or scene point."""

    def lost(self, error: BackendError) -> None:
        """Report that the connection is lost; the next push or fetch ends this.

        An ``AuthFailedError`` starts reauthentication.
        """

    def refresh(self) -> None:
        """Request a fetch soon, when pushed states may be incomplete."""

    def report(self, issue: Issue) -> None:
        """Create or update a repair issue."""

    def withdraw(self, issue_id: str) -> None:
        """Delete a repair issue; unknown ids are ignored."""


class Backend(Protocol):
    """One configured installation. All methods raise only ``BackendError``."""

    async def connect(self) -> None:
        """Prepare, once, before the first fetch."""

    async def fetch(self) -> Snapshot:
        """Return all states, with as few requests as possible."""

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Read the states of these points, with as few requests as possible."""

    def subscribe(self, sink: Sink) -> None:
        """Start to push; called after the first fetch was taken over."""

    async def close(self) -> None:
        """Release everything.

        Also called when Home Assistant stops and after a failed connect; may be called
        twice.
        """

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counters and capabilities, free of secrets and personal values."""


class Access(Enum):
    """Permission that a caller needs. Automations and scripts without a user have all of them."""

    ADMIN = "admin"
    """For what affects the whole system: writing to a cloud, importing, raw API calls."""
    CONTROL = "control"
    """Control permission for the entities that the action names; at least one is required."""
    READ = "read"
    """Read permission for the entities that the action names, or for all of the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of one backend, ``junction.<name>``.

    The handler gets the backend of the entry given in the field ``entry``, and the
    other fields as validated by ``schema``. ``one_of`` are groups of fields of which
    exactly one must be given. ``entities`` are the fields that name entities, which
    must belong to the entry; the handler interprets values that are not entity ids.
    ``devices`` are the fields that may name a device of the registry, for which the
    handler gets the ``DeviceSpec.id``; it interprets values that are not device ids.

    Numbers passed to the handler are finite and at most 64 bits, and times are between
    ``moments.EARLIEST`` and ``LATEST``, whatever the schema allows.
    """

    name: str
    schema: Mapping[vol.Marker, Any]
    handler: Callable[[Any, Mapping[str, Any]], Awaitable[JsonObjectType | None]]
    response: bool = True
    access: Access = Access.ADMIN
    one_of: tuple[tuple[str, ...], ...] = ()
    entities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


class WrongValueError(vol.Invalid):
    """Raised by validators of actions.

    The message needs no translation: signs, limits, or what is not allowed.
    """


def no_answer(backend: Any) -> bool:  # noqa: ANN401 - each backend is its own type
    """Return False: nothing was received before the first fetch ended."""
    return False


def no_issue(error: BackendError) -> Issue | None:
    """Return None: no error of the backend has a repair issue."""
    return None


async def no_resolve(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    data: Mapping[str, str],
    choice: str,
) -> None:
    """Do nothing: the backend has no issues with choices."""


async def no_remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Do nothing: the backend stores nothing of its own."""


def never_pushed(backend: Any, key: PointKey) -> bool:  # noqa: ANN401 - each backend is its own type
    """Return False: changes of points are not pushed."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendInfo:
    """Declaration of a backend.

    ``create`` creates the backend of an entry without any I/O. ``poll_interval``
    returns the seconds between two fetches of the entry, None = push only. ``answers``
    returns whether the system responds although the first fetch takes longer than a
    setup may; the fetch then continues in the background.

    ``confirm_after`` are the pauses in seconds after which a command that no push
    confirmed is checked by reading. After the last one the command is sent again up to
    ``resends`` times before it counts as lost. ``settle_after`` is how many seconds a
    device has to stay at another value than the commanded one until the command counts
    as obeyed. ``live`` returns whether all changes of a point are pushed at present, so
    that its known state is up to date; a command that changes nothing is then not
    confirmed.

    ``issue`` returns the repair issue for an error, even for the first error after a
    start. ``resolve`` carries out the user's choice in a repair issue, also while the
    entry is not loaded. ``remove`` deletes what the backend stored for an entry.
    """

    name: str
    title: str
    platforms: tuple[Platform, ...]
    create: Callable[[HomeAssistant, ConfigEntry[Any]], Backend]
    poll_interval: Callable[[ConfigEntry[Any]], float | None]
    confirm_after: tuple[float, ...] = (0.3, 1.0, 3.0)
    resends: int = 0
    settle_after: float = 1.0
    live: Callable[[Any, PointKey], bool] = never_pushed
    actions: tuple[Action, ...] = ()
    answers: Callable[[Any], bool] = no_answer
    issue: Callable[[BackendError], Issue | None] = no_issue
    resolve: Callable[
        [HomeAssistant, ConfigEntry[Any], Mapping[str, str], str], Awaitable[None]
    ] = no_resolve
    remove: Callable[[HomeAssistant, ConfigEntry[Any]], Awaitable[None]] = no_remove
