"""Distribute an amount over the hours of a gap; the sum stays exact."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Known:
    """Amounts that the server counted from ``begin`` to before ``end`` (Unix time)."""

    begin: int
    end: int
    amounts: tuple[float, ...]


def shares(
    amounts: Sequence[int], begin: int, hours: int, known: Sequence[Known] = ()
) -> Iterator[tuple[int, ...]]:
    """Yield the parts of all amounts for each hour, starting at ``begin``.

    ``known`` are ranges in chronological order. The remainder of an amount is spread
    evenly over the hours that no range covers; if all hours are covered, the ranges are
    used as proportions. Uses constant memory, because a gap may have years of hours.
    """
    if hours == 1:
        return iter((tuple(amounts),))
    parts = [
        _share(amount, _weights(amount, n, begin, hours, known))
        for n, amount in enumerate(amounts)
    ]
    return zip(*parts, strict=True)


def _share(amount: int, weights: Iterator[tuple[float, int]]) -> Iterator[int]:
    """Yield the share of each hour of the ranges, given as (amount, hours)."""
    done = 0.0
    given = 0
    for weight, hours in weights:
        for n in range(1, hours + 1):
            upto = min(amount, round(done + weight * n / hours))
            yield upto - given
            given = upto
        done += weight


def _weights(
    amount: int, n: int, begin: int, hours: int, known: Sequence[Known]
) -> Iterator[tuple[float, int]]:
    """Yield ranges that cover all hours, with their part of the amount."""
    end = begin + hours * HOUR
    found = [one for one in known if begin <= one.begin < one.end <= end]
    total = sum(one.amounts[n] for one in found) * 1000
    covered = sum((one.end - one.begin) // HOUR for one in found)
    open_hours = hours - covered
    if total <= 0 and not open_hours:
        yield float(amount), hours
        return
    rest = max(0.0, amount - total) if open_hours else 0.0
    scale = (amount - rest) / total if total > 0 else 0.0
    at = begin
    for one in found:
        if one.begin > at:
            gap = (one.begin - at) // HOUR
            yield rest * gap / open_hours, gap
        yield one.amounts[n] * 1000 * scale, (one.end - one.begin) // HOUR
        at = one.end
    if at < end:
        gap = (end - at) // HOUR
        yield rest * gap / open_hours, gap


def spread(amount: int, hours: int, parts: Sequence[tuple[int, float]]) -> list[int]:
    """Distribute the amount of a day over its hours; all to the last one if nothing is known.

    ``parts`` are (index of the hour, amount), in chronological order.
    """
    found = [0] * hours
    total = sum(part for _, part in parts)
    if total <= 0:
        found[-1] = amount
        return found
    done = 0.0
    given = 0
    for index, part in parts:
        done += part
        upto = round(amount * done / total)
        found[index] = upto - given
        given = upto
    return found
