"""Keep the positions of one meter, and exclude those that do not belong to it.

Databases contain invalid rows: a register with the value of another one, all registers
0, a time from before the clock was set, telegrams of a second meter. Unlike with a
replaced meter, the counters return afterwards; see
``docs/protocols/dsmr_reader.md#rows-that-real-databases-hold``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

HOUR: Final = 3600

KEPT: Final = 3
"""Number of boundaries that may still turn out to be invalid."""
CONFIRMED: Final = 24
"""Number of boundaries in a row that confirm a replaced meter."""

# Maximum decrease of a register through rounding (Wh, dm³).
_WOBBLE: Final = 100
# The first reading of an hour may be late (Wh, dm³).
_SLACK: Final = 1000
# So few boundaries, so long (s) before all others, are not part of the history.
_FEW: Final = 3
_ALONE: Final = 31 * 24 * HOUR

JUMP: Final = "jump"
"""Positions that do not fit between those before and after them."""
ALONE: Final = "alone"
"""Positions long before all others."""
EXCHANGE: Final = "exchange"
"""The first position of another meter; the consumption in between is unknown."""
SWAP: Final = "swap"
"""The first position after tariffs were swapped; nothing is lost."""

type Report = Callable[[str, int], None]
"""Takes a reason, and the hour (Unix time) that it concerns."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Positions at the start of an hour: Unix time, and Wh or dm³."""

    hour: int
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Amounts counted between two boundaries."""

    begin: int
    end: Boundary
    amounts: tuple[int, ...]


class Continuity:
    """Take boundaries in chronological order, and return the steps between valid ones.

    ``most`` is the maximum amount per hour. ``pairs`` are registers that may be
    swapped: the tariffs.
    """

    def __init__(
        self, most: int, report: Report, pairs: Sequence[tuple[int, int]] = ()
    ) -> None:
        """Initialize without boundaries."""
        self.kept: list[Boundary] = []
        """The last boundaries of the meter. Steps up to the first of them were
        returned.
        """
        self._most = most
        self._report = report
        self._pairs = pairs
        self._count = 0
        self._steps: list[Step] = []
        self._others: list[list[Boundary]] = []

    def restore(self, kept: list[Boundary]) -> None:
        """Continue from stored boundaries."""
        self.kept = kept
        self._count = len(kept) + _FEW

    def take(self, found: Boundary) -> bool:
        """Add a boundary; return whether it belongs to the meter."""
        if not self.kept:
            self.kept.append(found)
            self._count = 1
            return True
        index = self._continued_by(found)
        if index is None:
            self._put_aside(found)
            return False
        self._accept(index, found)
        return True

    def _continued_by(self, found: Boundary) -> int | None:
        """Return the index of the kept boundary that this one continues, or None."""
        last = self.kept[-1]
        if self._fits(last, found):
            used = _distance(last, found)
            is_others = any(
                others[-1].hour < found.hour
                and self._fits(others[-1], found)
                and _distance(others[-1], found) < used
                for others in self._others
            )
            return None if is_others else len(self.kept) - 1
        if not any(
            two - one < -_WOBBLE
            for one, two in zip(last.positions, found.positions, strict=True)
        ):
            return None
        # The register decreased; perhaps the last position was too high.
        for index in range(len(self.kept) - 2, -1, -1):
            if self._fits(self.kept[index], found):
                return index
        return None

    def take_steps(self) -> list[Step]:
        """Return the final steps, once."""
        steps, self._steps = self._steps, []
        return steps

    def open_steps(self) -> Iterator[Step]:
        """Yield the steps that the next boundaries may still change."""
        for one, other in pairwise(self.kept):
            yield self._step(one, other)
        if self._others and self.kept:
            others = max(self._others, key=len)
            yield self._change(self.kept[-1], others[0])[1]
            for one, other in pairwise(others):
                yield self._step(one, other)

    def _fits(self, old: Boundary, new: Boundary) -> bool:
        """Return whether the meter can count this amount in this time."""
        hours = (new.hour - old.hour) // HOUR
        if hours <= 0:
            return False
        most = self._most * hours + _SLACK
        return all(
            -_WOBBLE <= two - one <= most
            for one, two in zip(old.positions, new.positions, strict=True)
        )

    def _accept(self, index: int, found: Boundary) -> None:
        """Continue from one of the kept boundaries; later ones were invalid."""
        for wrong in self.kept[index + 1 :]:
            self._report(JUMP, wrong.hour)
            self._count -= 1
        del self.kept[index + 1 :]
        for others in self._others:
            for wrong in others:
                self._report(JUMP, wrong.hour)
        self._others.clear()
        last = self.kept[-1]
        if self._count <= _FEW and found.hour - last.hour > _ALONE:
            self._drop_all(ALONE)
        else:
            found = _no_lower(last, found)
        self._append(found)

    def _append(self, found: Boundary) -> None:
        self.kept.append(found)
        self._count += 1
        while len(self.kept) > KEPT + 1:
            self._steps.append(self._step(self.kept[0], self.kept[1]))
            del self.kept[0]

    def _drop_all(self, reason: str) -> None:
        for wrong in self.kept:
            self._report(reason, wrong.hour)
        self.kept.clear()
        self._count = 0

    def _put_aside(self, found: Boundary) -> None:
        """Keep a boundary that does not fit, until its meter is known."""
        if found.hour <= self.kept[-1].hour:
            return
        for others in self._others:
            if others[-1].hour < found.hour and self._fits(others[-1], found):
                others.append(found)
                break
        else:
            others = [found]
            self._others.append(others)
        if len(others) < CONFIRMED:
            return
        for wrong in (one for one in self._others if one is not others):
            for boundary in wrong:
                self._report(JUMP, boundary.hour)
        self._others.clear()
        if self._count <= _FEW:
            self._drop_all(JUMP)
        else:
            self._steps += [self._step(*pair) for pair in pairwise(self.kept)]
            reason, step = self._change(self.kept[-1], others[0])
            self._report(reason, others[0].hour)
            self._steps.append(step)
            self.kept.clear()
        for boundary in others:
            self._append(_no_lower(self.kept[-1], boundary) if self.kept else boundary)

    @staticmethod
    def _step(old: Boundary, new: Boundary) -> Step:
        amounts = tuple(
            max(0, two - one)
            for one, two in zip(old.positions, new.positions, strict=True)
        )
        return Step(old.hour, new, amounts)

    def _change(self, old: Boundary, new: Boundary) -> tuple[str, Step]:
        """Return the reason, and the step to a meter with other positions."""
        for pairs in (self._pairs, *((pair,) for pair in self._pairs)):
            positions = list(old.positions)
            for one, two in pairs:
                positions[one], positions[two] = positions[two], positions[one]
            if pairs and self._fits(Boundary(old.hour, tuple(positions)), new):
                return SWAP, self._step(Boundary(old.hour, tuple(positions)), new)
        most = self._most * ((new.hour - old.hour) // HOUR) + _SLACK
        amounts = tuple(
            two - one if 0 <= two - one <= most else 0
            for one, two in zip(old.positions, new.positions, strict=True)
        )
        return EXCHANGE, Step(old.hour, new, amounts)


def _no_lower(old: Boundary, new: Boundary) -> Boundary:
    """Return a boundary whose registers do not decrease, not even by rounding."""
    return Boundary(
        new.hour,
        tuple(
            max(one, two) for one, two in zip(old.positions, new.positions, strict=True)
        ),
    )


def _distance(old: Boundary, new: Boundary) -> int:
    """Return the sum of the changes of all registers between two boundaries."""
    return sum(
        abs(two - one) for one, two in zip(old.positions, new.positions, strict=True)
    )
