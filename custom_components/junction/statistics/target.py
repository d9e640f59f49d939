"""Target of a series: its own statistics, or those of a sensor, checked in advance."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import UNIT_CLASS_TO_UNIT_CONVERTER
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from .database import async_first_hour, async_metadata
from .series import NoStatisticsError, OtherUnitError, Series, external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Statistics that a series is written to.

    ``convert`` converts a value of the series to their unit. ``own`` is the timestamp
    of the first hour that the sensor recorded itself, None for the series' own
    statistics.
    """

    series: Series
    id: str
    metadata: StatisticMetaData
    convert: Callable[[float], float] = float
    own: float | None = None


async def async_targets(
    hass: HomeAssistant, entry: ConfigEntry[Any], series: Iterable[Series]
) -> list[Target]:
    """Return the targets of all series, before anything is read or written.

    Raises NoStatisticsError and OtherUnitError for the first unsuitable target.
    """
    return [
        _external(entry, one)
        if one.entity_id is None
        else await _sensor(hass, one, one.entity_id)
        for one in series
    ]


def _external(entry: ConfigEntry[Any], series: Series) -> Target:
    statistic = external_id(entry, series.id)
    return Target(
        series=series,
        id=statistic,
        metadata=StatisticMetaData(
            source=DOMAIN,
            statistic_id=statistic,
            name=series.name,
            unit_of_measurement=series.unit,
            unit_class=series.unit_class,
            has_sum=not series.measured,
            mean_type=(
                StatisticMeanType.ARITHMETIC
                if series.measured
                else StatisticMeanType.NONE
            ),
        ),
    )


async def _sensor(hass: HomeAssistant, series: Series, entity: str) -> Target:
    """Return the target for a sensor, with its first own hour and its unit."""
    metadata = await async_metadata(hass, entity)
    if metadata is None or metadata["has_sum"] is series.measured:
        raise NoStatisticsError(entity=entity)
    unit = metadata["unit_of_measurement"]
    convert: Callable[[float], float] = float
    converter = UNIT_CLASS_TO_UNIT_CONVERTER.get(series.unit_class)
    if converter is not None and unit in converter.VALID_UNITS:
        convert = converter.converter_factory(series.unit, unit)
    elif unit != series.unit:
        raise OtherUnitError(entity=entity, unit=str(unit))
    first = await async_first_hour(hass, entity)
    if first is None:
        raise NoStatisticsError(entity=entity)
    return Target(
        series=series, id=entity, metadata=metadata, convert=convert, own=first
    )
