"""Record of the bytes sent, for tests to compare a client with."""

from dataclasses import dataclass
from enum import StrEnum

from .telegram import Telegram


class Fate(StrEnum):
    """Expected outcome of a telegram in a correct client."""

    MUST = "must"
    """It arrives whole where a telegram may begin: it is to be used, once."""
    MAY = "may"
    """Using it is right and so is dropping it; what it says is true."""
    MUST_NOT = "must not"
    """It is damaged, and the dialect lets the client notice."""
    UNKNOWN = "unknown"
    """It is damaged, and the dialect has nothing by which to notice for certain."""


class Action(StrEnum):
    """Action on the connection."""

    FIN = "fin"
    """Closed in good order."""
    RESET = "rst"
    REFUSE = "refuse"
    """Closed, and refused for some seconds."""
    UNPLUG = "unplug"
    """The cable is pulled and put back after some seconds."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent for ``seconds`` of virtual time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Break:
    """The connection ends; it is available again ``seconds`` (virtual) later."""

    action: Action
    seconds: float = 0.0


type Step = bytes | Pause | Break


@dataclass(slots=True)
class Sent:
    """One telegram, as intended and as sent."""

    sequence: int
    time: int
    """Virtual moment of the telegram, in seconds since the epoch."""
    telegram: Telegram
    """What the meter says, in clear text and without damage."""
    steps: tuple[Step, ...]
    """What was put on the line, in order."""
    fate: Fate
    fault: str | None = None
    """Name of the fault that hit it, or ``after NAME`` when the one before it was hit."""
    copies: int = 1
    """How often it is on the line."""
    foreign: Telegram | None = None
    """Another meter's telegram that went before it."""
    frame_counter: int | None = None
    """Of the encrypted frame."""
    sent: float | None = None
    """Virtual moment at which the last byte went out; None while it has not."""
    receivers: int | None = None
    """How many were connected all the while; None in a run without a transport."""

    @property
    def data(self) -> bytes:
        """The exact bytes on the line."""
        return b"".join(step for step in self.steps if isinstance(step, bytes))

    @property
    def breaks(self) -> bool:
        """Whether the connection ended with this telegram."""
        return any(isinstance(step, Break) for step in self.steps)
