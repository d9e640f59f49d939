"""Rows: points with how their states are made, by the pace at which they are due."""

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
    """A point and how its state is made; compared by identity, to be fast in sets."""

    point: Point[Any]
    keys: tuple[str, ...]
    value: Callable[[Telegram], object]
    pace: Pace
    lasting: bool


class Lane:
    """The rows of one pace: those that wait for it, and when it is their turn."""

    __slots__ = ("due", "interval", "waiting")

    def __init__(self, interval: float) -> None:
        self.interval: Final = interval
        self.due = -math.inf
        self.waiting: set[Row] = set()


def row_of(source: PointDescription, telegram: Telegram | None) -> Row:
    """Return the row of a description, for the meter that sends this telegram."""
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
