"""What is imported, what came of it, and what can be wrong with it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol, Self

from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.config_entries import ConfigEntry
from homeassistant.util import slugify

from ..const import DOMAIN
from ..errors import BackendError, UnsupportedError

TAIL: Final = 8
"""Hours before the last imported one that may be written again without a search."""

_FORESEEABLE: Final = 0.01

type Row = tuple[datetime, float, float | None] | tuple[datetime, float, float, float]


class NoRecorderError(UnsupportedError):
    """There is no recorder to bring history to."""

    key = "no_recorder"


class NoStatisticsError(BackendError):
    """The sensor has no statistics (yet) that the history could precede."""

    key = "no_statistics"


class OtherUnitError(BackendError):
    """The sensor's unit measures something else. Placeholders ``entity``, ``unit``."""

    key = "other_unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is imported under one name.

    ``id`` tells the series of an entry apart ([a-z0-9_]). ``unit_class`` is Home
    Assistant's ("energy", "volume", "temperature", …), None for units that are never
    converted (money). ``name`` is what people choose from.
    """

    id: str
    name: str
    unit: str | None
    unit_class: str | None
    measured: bool = False
    entity_id: str | None = None


class Page(Protocol):
    """A stretch of history: rows by id of the series, and how far this is (0 to 1).

    ``cursor`` is plain JSON, of the backend's own choice.
    """

    @property
    def rows(self) -> Mapping[str, Sequence[Row]]:
        """Return the rows, ascending; a series without any may be missing."""

    @property
    def cursor(self) -> object:
        """Return where to go on."""

    @property
    def progress(self) -> float:
        """Return the part of the history that lies behind the end of this page."""


type Source = Callable[[Any], AsyncIterator[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Data of the backend that were not imported, and why.

    ``reason`` is a key of the texts (``selector.left_out.options``). ``first`` and
    ``last`` are the times that the data bear, right or not.
    """

    reason: str
    count: int
    first: datetime
    last: datetime

    def __add__(self, other: Self) -> Self:
        """Return both as one."""
        return replace(
            self,
            count=self.count + other.count,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


@dataclass(slots=True)
class ImportResult:
    """What a run did.

    ``rows`` counts what was written by series, ``unchanged`` what was there already.
    ``left_out`` is what the backend did not use, by reason.
    """

    rows: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    pages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    restarted: bool = False
    """Whether the statistics were not as they were left, so that it began anew."""


@dataclass(slots=True)
class ImportStatus:
    """How far a run is. ``progress`` is 0 to 1, ``since`` a monotonic time in s.

    ``hours`` counts those that are in the database, ``reached`` is the last of them.
    """

    progress: float = 0.0
    hours: int = 0
    reached: datetime | None = None
    since: float = 0.0

    def remaining(self, now: float) -> float | None:
        """Return the seconds that are left at this pace, None before it is known."""
        if self.progress < _FORESEEABLE:
            return None
        return (now - self.since) * (1 - self.progress) / self.progress


def unit_class_of(device_class: str | None, unit: str | None) -> str | None:
    """Return the ``unit_class`` of what a sensor shows, None if it is never converted."""
    converter = UNIT_CONVERTERS.get(device_class)
    if converter is None or unit not in converter.VALID_UNITS:
        return None
    return converter.UNIT_CLASS


def external_id(entry: ConfigEntry[Any], series: str) -> str:
    """Return the id of a series' own statistics; survives removing and re-adding."""
    return f"{DOMAIN}:{slugify(f'{entry.unique_id}_{series}')}"
