"""Input and result of a fault."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from .sent import Fate, Step
from .telegram import Style

type Params = dict[str, float | str]
"""Parameters of a fault by name."""
type Fill = Literal["ff", "00", "random"]


@dataclass(frozen=True, slots=True)
class Target:
    """A telegram about to be sent."""

    wire: bytes
    """All bytes of it as they should go out."""
    core: slice
    """The bytes within ``wire`` that a checksum protects, if there is one."""
    has_check: bool
    encrypted: bool
    rng: Random
    rebuild: Callable[[Callable[[Style], Style]], bytes]
    """Makes the bytes anew in another style."""
    break_tag: Callable[[], bytes]
    """Makes the encrypted frame anew with a wrong tag."""
    foreign: Callable[[], bytes]
    """Makes the telegram of another meter."""
    pieces: tuple[bytes, ...] = ()
    """The frames that a push is sent in."""

    @property
    def broken(self) -> Fate:
        """Return the fate of a telegram with damage inside."""
        return Fate.MUST_NOT if self.has_check else Fate.UNKNOWN

    @property
    def whole(self) -> bytes:
        """The protected bytes."""
        return self.wire[self.core]


@dataclass(frozen=True, slots=True)
class Damage:
    """Result of a fault."""

    steps: tuple[Step, ...]
    fate: Fate
    copies: int = 1
    hold: int = 0
    """How many telegrams to hold back before all are sent at once, this one included."""
    silent: float = 0.0
    """For how many seconds no further telegram is sent."""
    next_fault: tuple[str, Params] | None = None
    """What the next telegram will suffer."""
    swallows: bool = False
    """A client may take the beginning of the next telegram for the end of this one."""
