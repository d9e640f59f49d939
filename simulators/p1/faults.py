"""Scheduling of faults: one-shots, probabilities, and a random mix."""

from collections import deque
import inspect
from random import Random
from typing import get_args

from .damage import (
    CONTENT_FAULTS,
    CRC_FAULTS,
    FAULTS,
    FRAME_FAULTS,
    PIECE_FAULTS,
    TEXT_FAULTS,
    TIME_FAULTS,
)
from .dialect import Dialect
from .target import Params


class Faults:
    """Chooses the faults of each telegram, from a seed."""

    def __init__(self, dialect: Dialect, rng: Random) -> None:
        """Start without faults."""
        self._rng = rng
        self._queue: deque[tuple[str, Params]] = deque()
        self._rates: dict[str, tuple[float, Params]] = {}
        self._mix: tuple[float, tuple[str, ...]] = (0.0, ())
        self._possible = {name for name in FAULTS if _possible(name, dialect)}

    @property
    def possible(self) -> frozenset[str]:
        """Names of the faults that this dialect supports."""
        return frozenset(self._possible)

    @property
    def waiting(self) -> int:
        """Number of pending one-shots."""
        return len(self._queue)

    def once(self, name: str, times: int = 1, **params: float | str) -> None:
        """Apply a fault to the next ``times`` telegrams, after earlier requests.

        Raises ValueError for an unknown name or parameter, or one that the dialect does not
        support.
        """
        self._check(name, params)
        self._queue.extend([(name, params)] * times)

    def rate(self, name: str, probability: float, **params: float | str) -> None:
        """Apply a fault to each telegram with a probability; 0 stops it. Raises like ``once``."""
        self._check(name, params)
        self._rates[name] = (_probability(probability), params)

    def mix(self, probability: float, names: tuple[str, ...] | None = None) -> None:
        """Apply random faults of bytes or timing to each telegram with a probability.

        ``names`` chooses among all faults; connections break only if it includes such faults.
        """
        if names is None:
            names = tuple(
                name
                for name in (
                    *CONTENT_FAULTS,
                    *CRC_FAULTS,
                    *TEXT_FAULTS,
                    *FRAME_FAULTS,
                    *PIECE_FAULTS,
                    *TIME_FAULTS,
                )
                if name in self._possible
            )
        for name in names:
            self._check(name, {})
        self._mix = (_probability(probability), names)

    def clear(self) -> None:
        """Remove all faults."""
        self._queue.clear()
        self._rates.clear()
        self._mix = (0.0, ())

    def next(self, name: str, params: Params) -> None:
        """Apply a fault to the very next telegram, to continue a fault of this one."""
        self._queue.appendleft((name, params))

    def draw(self) -> tuple[str, Params] | None:
        """Return the fault of the next telegram."""
        if self._queue:
            return self._queue.popleft()
        for name, (probability, params) in self._rates.items():
            if self._rng.random() < probability:
                return name, params
        probability, names = self._mix
        if names and self._rng.random() < probability:
            return self._rng.choice(names), {}
        return None

    def _check(self, name: str, params: Params) -> None:
        if name not in FAULTS:
            msg = f"no fault named {name!r}; there are {', '.join(sorted(FAULTS))}"
            raise ValueError(msg)
        if name not in self._possible:
            msg = f"this dialect cannot have the fault {name!r}"
            raise ValueError(msg)
        allowed = dict(list(inspect.signature(FAULTS[name]).parameters.items())[1:])
        for key, value in params.items():
            if key not in allowed:
                msg = f"fault {name!r} has no parameter {key!r}"
                raise ValueError(msg)
            words = _words(allowed[key].annotation)
            if words and value not in words:
                msg = f"{key} of {name!r} is one of {', '.join(words)}, not {value!r}"
                raise ValueError(msg)
            if not words and not isinstance(value, int | float):
                msg = f"{key} of {name!r} is a number, not {value!r}"
                raise ValueError(msg)


def _words(annotation: object) -> tuple[str, ...]:
    """Return the strings of the Literal in an annotation."""
    found: tuple[str, ...] = ()
    for part in (annotation, *get_args(annotation)):
        literal = getattr(part, "__value__", part)
        found += tuple(word for word in get_args(literal) if isinstance(word, str))
    return found


def _probability(value: float) -> float:
    if not 0 <= value <= 1:
        msg = f"a probability of {value:g}"
        raise ValueError(msg)
    return value


_OF_TEXT = frozenset({"lf_only", "no_blank_line", "no_end_line", "other_meter"})


def _possible(name: str, dialect: Dialect) -> bool:
    if name in PIECE_FAULTS:
        return dialect.pushes
    if dialect.pushes and (name in _OF_TEXT or name in TEXT_FAULTS):
        return False
    if name in CRC_FAULTS:
        return dialect.crc != "none"
    if name in FRAME_FAULTS:
        return dialect.encrypted is not None
    if name in TEXT_FAULTS:
        return dialect.encrypted is None
    return True
