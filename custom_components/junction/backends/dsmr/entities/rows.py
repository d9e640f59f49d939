"""Rows: points with their state readers, grouped by pace."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
import math
from typing import Any, Final

from ....model import Point
from ..client.models import Telegram
from .breaker import relay_point
from .description import Pace, PointDescription


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A point with its state reader; compared by identity, which is fast in sets."""

    point: Point[Any]
    keys: tuple[str, ...]
    value: Callable[[Telegram], object]
    pace: Pace
    lasting: bool


class Lane:
    """Rows of one pace: those that wait, and when they are due."""

    __slots__ = ("due", "interval", "waiting")

    def __init__(self, interval: float) -> None:
        self.interval: Final = interval
        self.due = -math.inf
        self.waiting: set[Row] = set()


def row_of(source: PointDescription, telegram: Telegram | None) -> Row:
    """Return the row of a description, for the meter of this telegram."""
    return Row(
        source.point(telegram),
        source.keys,
        source.value,
        source.pace,
        source.lasting,
    )


def relay_row(number: int) -> Row:
    """Return the row of relay ``number`` (1-4)."""
    key = f"0-{number}:96.3.10"
    return Row(
        relay_point(number), (key,), partial(_is_on, key), Pace.AT_ONCE, lasting=True
    )


def _is_on(key: str, telegram: Telegram) -> bool | None:
    value = telegram.number(key)
    return None if value is None else value == 1
