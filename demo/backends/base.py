"""Base class of a simulated system in the demo."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from ..api import Json
from ..client import Client, Entity
from ..kept import Kept

NOBODY: Final = "http://127.0.0.1:9"
"""An address that refuses connections: no service runs on its port."""

type Answers = Mapping[str, Mapping[str, Json]]
"""The fields of each step of a flow, by step id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An action or a cause, and the entity that must reflect it.

    Either ``action`` (with ``data``) runs on the entity, and ``done`` checks the system, or
    ``cause`` changes the system. ``undo`` restores the state.
    """

    point: str
    device: str = ""
    """The id of the device, where several have such a point."""
    shows: Callable[[str], bool]
    """Tell whether a state is the one that must come."""
    action: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
    cause: Callable[[], None] = lambda: None
    done: Callable[[], bool] = lambda: True
    undo: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Visit:
    """A user of a Home Assistant that has a system set up."""

    client: Client
    entry_id: str

    async def entity(self, point: str) -> Entity:
        """Return the only entity of a point."""
        entities = await self.client.entities(self.entry_id)
        [found] = [entity for entity in entities if entity.point == point]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A check for one system only.

    ``run`` performs it and returns the result as text, or raises StepFailed.
    """

    name: str
    run: Callable[[Visit], Awaitable[str]]
    before_restart: bool = False
    """Whether Home Assistant is restarted before the errands that follow."""


@dataclass(frozen=True, slots=True)
class Slip:
    """An invalid entry in a step, and the key of the expected error."""

    step: str
    answers: Mapping[str, Json]
    error: str


async def nothing(visit: Visit) -> None:
    """Change nothing, because everything to show is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A flow besides those that every system has, for its pictures.

    ``kind`` is ``config``, ``options``, or ``config_subentries.`` and a type; ``changes``
    reconfigures an existing one. ``before`` prepares the system, and the dialog is closed at
    the step ``until``; the name of a step with an error ends with ``_error``.
    """

    name: str
    kind: str
    answers: Answers
    slips: Sequence[Slip] = ()
    until: str = ""
    changes: bool = False
    before: Callable[[Visit], Awaitable[None]] = nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that Home Assistant reports under Repairs, by the key of its texts.

    ``cause`` makes it happen in the system; ``undo`` ends it.
    """

    key: str
    cause: Callable[[], Awaitable[None]]
    undo: Callable[[], None] = lambda: None


class SimulatedSystem(ABC):
    """A system in the simulated house, and the expected result in Junction."""

    name: ClassVar[str]
    """The backend, as the menu of the configuration flow names it."""
    wheels: ClassVar[Sequence[str]] = ()
    """The ids of devices whose light has a colour wheel that is worth a picture."""
    area: ClassVar[str] = "House"
    """Where its devices are that suggest no area themselves."""
    outlives_loss: ClassVar[Mapping[str, str]] = {}
    """Points that are shown while the system is away, each with the reason."""
    time_limit: float = 300
    """What its check may take (s)."""

    def use_public_address(self) -> None:  # noqa: B027 - most have no other
        """Use a public-looking address instead of a local one; call this before the start."""

    def shown_as(self) -> Mapping[str, str]:
        """Return the replacements in pictures for paths and addresses of this machine."""
        return {}

    @abstractmethod
    def keep(self, kept: Kept) -> None:
        """Reuse the ports, certificates, and tokens of the previous start.

        Call this before the start; otherwise they are new at each start.
        """

    def addresses(self) -> Mapping[str, str]:
        """Return the addresses of the simulated internet servers, once started.

        The keys are the constants that normally hold the addresses: see ``demo/stand_ins``.
        """
        return {}

    @abstractmethod
    async def start(self) -> None:
        """Start the system. Raises OSError when it cannot start."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop the system and release everything."""

    @abstractmethod
    def about(self) -> Sequence[str]:
        """Return lines that describe the simulated system and its address."""

    @abstractmethod
    def answers(self) -> Answers:
        """Return the answers for its config flow."""

    @abstractmethod
    def slips(self) -> Sequence[Slip]:
        """Return the invalid entries along the flow, in order."""

    async def move(self) -> Answers:
        """Change the address, and return the answers for it; empty if the address cannot change."""
        return {}

    def lock_out(self) -> Answers:
        """Reject the current credentials, and return the answers with new ones.

        Empty if the system has no credentials.
        """
        return {}

    async def tours(self, visit: Visit) -> Sequence[Tour]:
        """Return the dialogs besides those that every system has."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        """Return the repair issues to cause, in order."""
        return ()

    @abstractmethod
    def options(self) -> Answers:
        """Return changed options; losses must show quickly with them."""

    @abstractmethod
    def may_be_silent(self) -> Mapping[str, str]:
        """Return the points that may be unknown, each with the reason."""

    @abstractmethod
    def expected_points(self) -> Mapping[str, str]:
        """Return the platform of every expected entity, by point id."""

    @abstractmethod
    def trials(self) -> Sequence[Trial]:
        """Return one trial for each platform of the system."""

    def errands(self) -> Sequence[Errand]:
        """Return the additional checks of this system, in order."""
        return ()

    def imported_sources(self, statistics: Collection[str]) -> Sequence[Json] | None:
        """Return the Energy dashboard sources from its imported history.

        ``statistics`` are the existing statistic ids; the result is None until all required ids
        are among them.
        """
        return ()

    def automated(self) -> Sequence[Trial]:
        """Return the expected result of a blueprint's automation."""
        return ()

    @abstractmethod
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        """Compare shown values with those of the system, and return the differences."""

    @abstractmethod
    def secrets(self) -> Iterable[str]:
        """Return all secrets, which must not appear in diagnostics or logs."""

    def hush(self) -> Collection[str]:
        """Send nothing for a minute, but stay connected.

        Returns the points that must keep their value over a restart all the same; empty for a
        system that is polled.
        """
        return ()

    @abstractmethod
    async def unplug(self) -> None:
        """Disconnect the system, like a pulled cable."""

    @abstractmethod
    async def replug(self) -> None:
        """Reconnect the system."""
