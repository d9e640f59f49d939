"""Base class of a simulated system in the demo."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from ..api import Json
from ..client import Client, Entity
from ..kept import Kept

NOBODY: Final = "http://127.0.0.1:9"
"""An address at which nothing answers: the port is that of a service which no one runs."""

type Answers = Mapping[str, Mapping[str, Json]]
"""The fields of each step of a flow, by step id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Something that is done, and the entity that must show it.

    Either ``action`` (with ``data``) is performed on the entity, and ``done`` looks at the
    system, or ``cause`` makes it happen in the system. ``undo`` leaves it as it was.
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
    """A person at a Home Assistant that has a system."""

    client: Client
    entry_id: str

    async def entity(self, point: str) -> Entity:
        """Return the only entity of a point."""
        entities = await self.client.entities(self.entry_id)
        [found] = [entity for entity in entities if entity.point == point]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Something that is tried with one system only.

    ``run`` does it and returns what was found, or raises StepFailed.
    """

    name: str
    run: Callable[[Visit], Awaitable[str]]
    before_restart: bool = False
    """Whether Home Assistant is restarted before the errands that follow."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What a person enters wrongly in a step, and the key of the error that tells so."""

    step: str
    answers: Mapping[str, Json]
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A way through a dialog besides those that every system has, to have it in a picture.

    ``kind`` says which: ``config``, ``options``, or ``config_subentries.`` and a type.
    ``before`` makes it possible in the system, and the dialog is closed at the step
    ``until``; that of an error ends with ``_error``.
    """

    name: str
    kind: str
    answers: Answers
    slips: Sequence[Slip] = ()
    until: str = ""
    before: Callable[[], None] = lambda: None


class SimulatedSystem(ABC):
    """A system in the simulated house, and what Junction should make of it."""

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
        """Be found at an address without names of this machine, before the start."""

    @abstractmethod
    def keep(self, kept: Kept) -> None:
        """Return with the ports, certificates and tokens of the start before.

        Called before the start; without it they are new at each start.
        """

    def addresses(self) -> Mapping[str, str]:
        """Return where its servers on the internet are simulated, once it is started.

        By the constant that holds the address otherwise: see ``demo/stand_ins``.
        """
        return {}

    @abstractmethod
    async def start(self) -> None:
        """Start to work. Raises OSError when it cannot."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop, and let go of everything."""

    @abstractmethod
    def about(self) -> Sequence[str]:
        """Return lines that tell what is simulated, and where."""

    @abstractmethod
    def answers(self) -> Answers:
        """Return what a person enters to add it."""

    @abstractmethod
    def slips(self) -> Sequence[Slip]:
        """Return what a person enters wrongly on the way, in order."""

    async def move(self) -> Answers:
        """Get another address, and return what a person enters then: nothing, without one."""
        return {}

    def lock_out(self) -> Answers:
        """Refuse the credentials of before, and return what a person enters instead.

        Nothing, where there are none.
        """
        return {}

    def tours(self) -> Sequence[Tour]:
        """Return which dialogs there are besides those that every system has."""
        return ()

    async def provoke_repair(self) -> str:
        """Do something that a repair asks about, and return its key: empty without one."""
        return ""

    @abstractmethod
    def options(self) -> Answers:
        """Return what a person changes in its options; it must make losses show quickly."""

    @abstractmethod
    def may_be_silent(self) -> Mapping[str, str]:
        """Return the points that may be unknown, each with the reason."""

    @abstractmethod
    def expected_points(self) -> Mapping[str, str]:
        """Return the platform of every entity that must be there, by point id."""

    @abstractmethod
    def trials(self) -> Sequence[Trial]:
        """Return one for each platform that the system has, to see it move."""

    def errands(self) -> Sequence[Errand]:
        """Return what is tried with this system besides, in order."""
        return ()

    def imported_sources(self, statistics: Collection[str]) -> Sequence[Json] | None:
        """Return the sources of the Energy dashboard that its imported history makes.

        ``statistics`` are the ids of all that there are; None as long as some of those
        that it takes are not among them.
        """
        return ()

    def automated(self) -> Sequence[Trial]:
        """Return what an automation of a blueprint does when something happens."""
        return ()

    @abstractmethod
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        """Compare what is shown with what the system said, and return what differs."""

    @abstractmethod
    def secrets(self) -> Iterable[str]:
        """Return everything that must not appear in diagnostics or logs."""

    def hush(self) -> Collection[str]:
        """Say nothing for a minute, without going away.

        Returns the points that must show their value over a restart nevertheless;
        nothing, where the system only answers.
        """
        return ()

    @abstractmethod
    async def unplug(self) -> None:
        """Make it disappear, as a pulled cable does."""

    @abstractmethod
    async def replug(self) -> None:
        """Bring it back."""
