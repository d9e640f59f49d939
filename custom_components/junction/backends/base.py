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
    """Something that only the person can put right.

    ``id`` is unique within the entry. The text is ``issues.<key>``; with ``choices``
    it is a fix flow (step ``choose``) with the texts of the choices in
    ``selector.<key>.options``, and the chosen one goes to
    ``BackendInfo.resolve`` together with ``data``.
    """

    id: str
    key: str
    placeholders: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)


class Sink(Protocol):
    """Where a backend tells what happens between two fetches.

    All methods are called in the event loop and never raise.
    """

    def push(self, delta: Delta) -> None:
        """Tell what changed."""

    def event(
        self, key: PointKey, event_type: str, attributes: Mapping[str, Any]
    ) -> None:
        """Tell that something happened on an event or scene point."""

    def lost(self, error: BackendError) -> None:
        """Tell that nothing is known any more; the next push or fetch ends it.

        An ``AuthFailedError`` starts re-authentication.
        """

    def refresh(self) -> None:
        """Ask for a fetch soon; what was pushed may not be the whole truth."""

    def report(self, issue: Issue) -> None:
        """Show a repair issue, or update it."""

    def withdraw(self, issue_id: str) -> None:
        """Take a repair issue back; unknown ones are fine."""


class Backend(Protocol):
    """One configured installation. All methods raise only ``BackendError``."""

    async def connect(self) -> None:
        """Get ready, once, before the first fetch."""

    async def fetch(self) -> Snapshot:
        """Return the full truth with as few requests as the system allows."""

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Read again what these points show now, as cheaply as the system allows."""

    def subscribe(self, sink: Sink) -> None:
        """Start to push, after the first fetch was taken over."""

    async def close(self) -> None:
        """Let go of everything. Also when Home Assistant stops, after a failed connect, twice."""

    def diagnostics(self) -> Mapping[str, Any]:
        """Return counters and capabilities, free of secrets and personal values."""


class Access(Enum):
    """What a caller must be allowed to do; automations and the like always are."""

    ADMIN = "admin"
    """Whatever concerns the whole system: writing into a cloud, importing, raw calls."""
    CONTROL = "control"
    """Control the entities that the action names; there must be some."""
    READ = "read"
    """Read the entities that the action names, or all of the entry if it names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action (service) of one backend, ``junction.<name>``.

    The handler gets the backend of the entry that the caller named in ``entry`` and
    the other fields as validated by ``schema``. ``one_of`` are groups of fields of which
    exactly one must be given. ``entities`` are the fields that name entities, which must
    be of the entry; what is no entity id in them is for the handler to understand.

    Numbers that reach the handler are finite and have at most 64 bits, and times are
    within ``moments.EARLIEST`` and ``LATEST``, whatever the schema says.
    """

    name: str
    schema: Mapping[vol.Marker, Any]
    handler: Callable[[Any, Mapping[str, Any]], Awaitable[JsonObjectType | None]]
    response: bool = True
    access: Access = Access.ADMIN
    one_of: tuple[tuple[str, ...], ...] = ()
    entities: tuple[str, ...] = ()


class WrongValueError(vol.Invalid):
    """What a validator of an action refuses.

    The message reads the same in every language: signs, limits, what must not be there.
    """


def no_answer(backend: Any) -> bool:  # noqa: ANN401 - each backend is its own type
    """Return that nothing came yet: the first fetch is all that there is."""
    return False


def no_issue(error: BackendError) -> Issue | None:
    """Return no issue: no error of the backend is one that a person can put right."""
    return None


async def no_resolve(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    data: Mapping[str, str],
    choice: str,
) -> None:
    """Resolve nothing: the backend has no issues with choices."""


async def no_remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Remove nothing: the backend stores nothing of its own."""


def never_live(backend: Any, key: PointKey) -> bool:  # noqa: ANN401 - as actions have it
    """Return that changes of points are not pushed."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendInfo:
    """What a backend declares.

    ``create`` makes the backend of an entry without any I/O. ``poll_interval`` (s)
    returns the entry's time between two fetches, None = pure push. ``answers`` tells whether the
    system answers while the first fetch takes longer than an entry may wait: then that
    goes on in the background.

    ``confirm_after`` are the seconds after which a command that nothing pushed has
    confirmed yet is looked after; after the last one ``resends`` more sends are tried
    before the command counts as lost. ``settle_after`` (s) is how long a device that went
    elsewhere than it was told has to stay there until that counts as obeyed. ``live``
    tells whether every change of a point is pushed at present, so that what is known of
    it is true: nobody then waits for the confirmation of a command that changes nothing.

    ``issue`` returns the repair issue that an error calls for, also when it is
    the first thing that happens. ``resolve`` carries out what a person chose in a repair
    issue; it also works while the entry is not loaded. ``remove`` deletes what the
    backend stored for an entry.
    """

    name: str
    title: str
    platforms: tuple[Platform, ...]
    create: Callable[[HomeAssistant, ConfigEntry[Any]], Backend]
    poll_interval: Callable[[ConfigEntry[Any]], float | None]
    confirm_after: tuple[float, ...] = (0.3, 1.0, 3.0)
    resends: int = 0
    settle_after: float = 1.0
    live: Callable[[Any, PointKey], bool] = never_live
    actions: tuple[Action, ...] = ()
    answers: Callable[[Any], bool] = no_answer
    issue: Callable[[BackendError], Issue | None] = no_issue
    resolve: Callable[
        [HomeAssistant, ConfigEntry[Any], Mapping[str, str], str], Awaitable[None]
    ] = no_resolve
    remove: Callable[[HomeAssistant, ConfigEntry[Any]], Awaitable[None]] = no_remove
