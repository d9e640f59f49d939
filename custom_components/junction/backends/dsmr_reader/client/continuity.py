"""Keep the positions of one meter, and exclude those that do not belong to it.

Databases contain invalid rows: a register with the value of another one, all registers
0, a time from before the clock was set, telegrams of a second meter. Unlike with a
replaced meter, the counters return afterwards; see
``docs/protocols/dsmr_reader.md#rows-that-real-databases-hold``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

HOUR: Final = 3600

KEPT: Final = 3
"""Number of boundaries that may still turn out to be invalid."""
CONFIRMED: Final = 24
"""Number of boundaries in a row that confirm a replaced meter."""
PARTLY: Final = 7 * 24
"""The same if some registers continue: rather a faulty column, which returns."""
STILL: Final = 31 * 24
"""The same if nothing is counted: rather a faulty row that repeats."""

# Maximum decrease of a register through rounding (Wh, dm³).
_WOBBLE: Final = 100
# The first reading of an hour may be late (Wh, dm³).
_SLACK: Final = 1000
# So few boundaries, so long (s) before all others, are not part of the history.
_FEW: Final = 3
_ALONE: Final = 31 * 24 * HOUR
# Registers begin again at 0 behind 99999.999 or 999999.999 (Wh, dm³).
_ROLLOVERS: Final = (10**8, 10**9)
# Maximum number of meters that are followed until it is known which one is right.
_MOST_OTHERS: Final = 16

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
        self.count = 0
        """Number of boundaries of the meter so far."""
        self.others: list[list[Boundary]] = []
        """Boundaries that do not fit, by meter, until it is known which one is right."""
        self._pairs = pairs
        self._steps: list[Step] = []
        self._restored = 0

    def restore(
        self, kept: list[Boundary], others: list[list[Boundary]], count: int
    ) -> None:
        """Continue from stored boundaries, of which there are ``kept`` at least."""
        self.kept = kept
        self.others = others
        self.count = count
        self._restored = max(self.hours())

    def hours(self) -> list[int]:
        """Return the hours of all boundaries that may still change, in order."""
        everything = [*self.kept, *(one for others in self.others for one in others)]
        return sorted({one.hour for one in everything})

    def take(self, found: Boundary) -> bool:
        """Add a boundary; return whether it belongs to the meter."""
        if found.hour <= self._restored:
            return True
        if not self.kept:
            self.kept.append(found)
            self.count = 1
            return True
        index = self._continued_by(found)
        if index is None:
            self._hold_boundary(found)
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
                for others in self.others
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
        alone = self._alone()
        self._report_all(ALONE, self.kept[:alone])
        for one, other in pairwise(self.kept[alone:]):
            yield self._step(one, other)
        if self.others and self.kept:
            others = max(self.others, key=len)
            reason, step = self._change(self.kept[-1], others[0])
            if reason is not None and len(others) >= CONFIRMED:
                self._report(reason, others[0].hour)
            yield step
            for one, other in pairwise(others):
                yield self._step(one, other)

    def _fits(self, old: Boundary, new: Boundary) -> bool:
        """Return whether the meter can count this amount in this time."""
        seconds = new.hour - old.hour
        return seconds > 0 and all(
            self._counts(one, two, seconds)
            for one, two in zip(old.positions, new.positions, strict=True)
        )

    def _counts(self, old: int, new: int, seconds: int) -> bool:
        """Return whether one register can count this amount in this time."""
        return -_WOBBLE <= new - old <= self._most_in(seconds)

    def _most_in(self, seconds: int) -> int:
        return self._most * (seconds // HOUR) + _SLACK

    def _accept(self, index: int, found: Boundary) -> None:
        """Continue from one of the kept boundaries; later ones were invalid."""
        for wrong in self.kept[index + 1 :]:
            self._report(JUMP, wrong.hour)
            self.count -= 1
        del self.kept[index + 1 :]
        for others in self.others:
            self._report_all(JUMP, others)
        self.others.clear()
        self._append(_no_lower(self.kept[-1], found))

    def _append(self, found: Boundary) -> None:
        self.kept.append(found)
        self.count += 1
        if len(self.kept) > KEPT + 1 and (alone := self._alone()):
            self._report_all(ALONE, self.kept[:alone])
            del self.kept[:alone]
            self.count -= alone
        while len(self.kept) > KEPT + 1:
            self._steps.append(self._step(self.kept[0], self.kept[1]))
            del self.kept[0]

    def _alone(self) -> int:
        """Return how many of the very first boundaries are not part of the history.

        A server that was on for an hour a year has only such gaps, and all of it counts.
        """
        if self.count > KEPT + 2:
            return 0
        gaps = [
            n
            for n, (one, other) in enumerate(pairwise(self.kept), 1)
            if other.hour - one.hour > _ALONE
        ]
        if not gaps or gaps[-1] > _FEW:
            return 0
        return gaps[-1] if len(gaps) == 1 or len(self.kept) - gaps[-1] > 1 else 0

    def _hold_boundary(self, found: Boundary) -> None:
        """Keep a boundary that does not fit, until its meter is known."""
        if found.hour <= self.kept[-1].hour:
            return
        for others in self.others:
            last = others[-1]
            if last.hour < found.hour and self._fits(last, found):
                others.append(found)
                break
            if last.hour == found.hour and _distance(last, found) <= _SLACK:
                # Another reading of the same hour and meter.
                return
        else:
            others = [found]
            self.others.append(others)
            if len(self.others) > _MOST_OTHERS:
                oldest = min(self.others, key=lambda one: one[-1].hour)
                self.others.remove(oldest)
                self._report_all(JUMP, oldest)
        if self._is_meter(others):
            self._follow(others)

    def _is_meter(self, others: list[Boundary]) -> bool:
        """Return whether so many boundaries cannot be faulty rows of the present meter."""
        if self.count <= _FEW:
            return len(others) >= CONFIRMED
        if others[0].positions == others[-1].positions:
            return len(others) >= STILL
        old, new = self.kept[-1], others[0]
        continues = any(
            one and self._counts(one, two, new.hour - old.hour)
            for one, two in zip(old.positions, new.positions, strict=True)
        )
        begins_again = self._change(old, new)[0] is None
        return len(others) >= (PARTLY if continues and not begins_again else CONFIRMED)

    def _follow(self, others: list[Boundary]) -> None:
        """Continue with another meter."""
        for wrong in self.others:
            if wrong is not others:
                self._report_all(JUMP, wrong)
        self.others.clear()
        if self.count <= _FEW:
            self._report_all(JUMP, self.kept)
            self.count = 0
        else:
            self._steps += [self._step(*pair) for pair in pairwise(self.kept)]
            reason, step = self._change(self.kept[-1], others[0])
            if reason is not None:
                self._report(reason, others[0].hour)
            self._steps.append(step)
        self.kept.clear()
        for boundary in others:
            self._append(_no_lower(self.kept[-1], boundary) if self.kept else boundary)

    def _report_all(self, reason: str, wrong: Iterable[Boundary]) -> None:
        for one in wrong:
            self._report(reason, one.hour)

    @staticmethod
    def _step(old: Boundary, new: Boundary) -> Step:
        amounts = tuple(
            max(0, two - one)
            for one, two in zip(old.positions, new.positions, strict=True)
        )
        return Step(old.hour, new, amounts)

    def _change(self, old: Boundary, new: Boundary) -> tuple[str | None, Step]:
        """Return the reason, and the step to a meter with other positions.

        The reason is None if the registers only began again at 0.
        """
        for pairs in (self._pairs, *((pair,) for pair in self._pairs)):
            positions = list(old.positions)
            for one, two in pairs:
                positions[one], positions[two] = positions[two], positions[one]
            if pairs and self._fits(Boundary(old.hour, tuple(positions)), new):
                return SWAP, self._step(Boundary(old.hour, tuple(positions)), new)
        amounts = [
            self._amount(one, two, new.hour - old.hour)
            for one, two in zip(old.positions, new.positions, strict=True)
        ]
        reason = EXCHANGE if None in amounts else None
        return reason, Step(old.hour, new, tuple(one or 0 for one in amounts))

    def _amount(self, old: int, new: int, seconds: int) -> int | None:
        """Return what a register counted in this time, None if that is unknown."""
        for begins_again in (0, *_ROLLOVERS):
            if self._counts(old, new + begins_again, seconds):
                return max(0, new + begins_again - old)
        return None


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
