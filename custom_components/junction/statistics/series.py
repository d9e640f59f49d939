"""What is imported, and what can be wrong with it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.config_entries import ConfigEntry
from homeassistant.util import slugify

from ..const import DOMAIN
from ..errors import BackendError, UnsupportedError

TAIL: Final = 8
"""Hours before the last imported one that may be written again without a search."""

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


@dataclass(slots=True)
class ImportResult:
    """What a run did. ``rows`` counts by series, repeated ones included."""

    rows: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    restarted: bool = False
    """Whether the statistics were not as they were left, so that it began anew."""


def unit_class_of(device_class: str | None, unit: str | None) -> str | None:
    """Return the ``unit_class`` of what a sensor shows, None if it is never converted."""
    converter = UNIT_CONVERTERS.get(device_class)
    if converter is None or unit not in converter.VALID_UNITS:
        return None
    return converter.UNIT_CLASS


def external_id(entry: ConfigEntry[Any], series: str) -> str:
    """Return the id of a series' own statistics; survives removing and re-adding."""
    return f"{DOMAIN}:{slugify(f'{entry.unique_id}_{series}')}"
