"""Series, pages, results, and errors of an import."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol, Self

from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.config_entries import ConfigEntry
from homeassistant.util import slugify

from ..const import DOMAIN
from ..errors import CallerError, UnsupportedError

TAIL: Final = 8
"""Hours before the last imported one that may be rewritten without a search."""

_FORESEEABLE: Final = 0.01

type Row = tuple[datetime, float, float | None] | tuple[datetime, float, float, float]


class NoRecorderError(UnsupportedError):
    """The recorder is not loaded, so history cannot be imported."""

    key = "no_recorder"


class NoStatisticsError(CallerError):
    """The sensor has no statistics yet that the history could precede."""

    key = "no_statistics"


class OtherUnitError(CallerError):
    """The sensor's unit does not fit the series. Placeholders ``entity``, ``unit``."""

    key = "other_unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Series to import.

    ``id`` distinguishes the series of an entry ([a-z0-9_]). ``unit_class`` is Home
    Assistant's ("energy", "volume", "temperature", …), None for units that are never
    converted (money). ``name`` is shown to the user for selection.
    """

    id: str
    name: str
    unit: str | None
    unit_class: str | None
    measured: bool = False
    entity_id: str | None = None


class Page(Protocol):
    """Part of the history: rows by id of the series, and the progress (0 to 1).

    ``cursor`` is plain JSON of the backend's choice.
    """

    @property
    def rows(self) -> Mapping[str, Sequence[Row]]:
        """Return the rows, ascending; a series without rows may be missing."""

    @property
    def cursor(self) -> object:
        """Return where to continue after this page."""

    @property
    def progress(self) -> float:
        """Return the part of the history before the end of this page, 0 to 1."""


type Source = Callable[[Any], AsyncIterator[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Data of the backend that was not imported, and the reason.

    ``reason`` is a key of the texts (``selector.left_out.options``). ``first`` and
    ``last`` are the times in the data, valid or not.
    """

    reason: str
    count: int
    first: datetime
    last: datetime

    def __add__(self, other: Self) -> Self:
        """Return the sum of both."""
        return replace(
            self,
            count=self.count + other.count,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


@dataclass(slots=True)
class ImportResult:
    """Result of a run.

    ``rows`` counts the written rows by series, ``unchanged`` those that existed
    already. ``left_out`` is what was not imported, by reason.
    """

    rows: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    pages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    restarted: bool = False
    """Whether the statistics had been changed, so that the import started over."""


@dataclass(slots=True)
class ImportStatus:
    """Progress of a run. ``progress`` is 0 to 1, ``since`` a monotonic time in seconds.

    ``hours`` counts the hours in the database, ``reached`` is the last of them.
    """

    progress: float = 0.0
    hours: int = 0
    reached: datetime | None = None
    since: float = 0.0

    def remaining(self, now: float) -> float | None:
        """Return the estimated remaining seconds, None if not known yet."""
        if self.progress < _FORESEEABLE:
            return None
        return (now - self.since) * (1 - self.progress) / self.progress


def unit_class_of(device_class: str | None, unit: str | None) -> str | None:
    """Return the ``unit_class`` of a sensor's quantity, None if it is never converted."""
    converter = UNIT_CONVERTERS.get(device_class)
    if converter is None or unit not in converter.VALID_UNITS:
        return None
    return converter.UNIT_CLASS


def external_id(entry: ConfigEntry[Any], series: str) -> str:
    """Return the id of a series' own statistics; it survives removing and re-adding the entry."""
    return f"{DOMAIN}:{slugify(f'{entry.unique_id}_{series}')}"
