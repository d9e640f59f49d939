"""Points of the meter itself, of the server's health, and of the import of history."""

from collections.abc import Callable, Iterator
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE

from ....model import Detailed
from ..known import Group, Known
from ..models import COUNTERS
from .reading import POWER
from .source import Source, is_known

_TRANSLATIONS: Final = {
    "power_failure_count": "power_failures_short",
    "long_power_failure_count": "power_failures_long",
}


def _tariff(known: Known) -> object:
    number = known.meter.tariff
    if number not in (1, 2):
        return None
    # The name is the user's own text on the server.
    return Detailed(f"tariff_{number}", {"name": known.live.tariff_name})


def _version(known: Known) -> str | None:
    version = known.meter.version
    if version is not None and len(version) == 2 and version.isdecimal():
        return f"{version[0]}.{version[1]}"
    return version


def _problem(known: Known) -> object:
    if known.problems is None:
        return None
    return Detailed(
        bool(known.problems),
        {
            "problems": [
                {
                    "source": problem.source,
                    "description": problem.description,
                    "since": problem.since.isoformat() if problem.since else None,
                }
                for problem in known.problems
            ]
        },
    )


def _counter(name: str) -> Callable[[Known], int | None]:
    return lambda known: known.meter.counters.get(name)


def _is_belgian(known: Known) -> bool:
    return known.telegram.belgian


def _month_peak(known: Known) -> object:
    """Return the server's figure, or what the meter itself says (Belgium)."""
    peak = known.month_peak
    if known.telegram.peak is not None:
        at = known.telegram.peak_at
        return Detailed(known.telegram.peak, {"time": at.isoformat() if at else None})
    if peak is None:
        return None
    return Detailed(peak.kilowatt, {"time": peak.start.isoformat()})


def _last_peak(known: Known) -> object:
    peak = known.last_peak
    if peak is None:
        return None
    return Detailed(peak.kilowatt, {"time": peak.start.isoformat()})


def _sources() -> Iterator[Source]:
    yield Source(
        key="tariff",
        translation="tariff",
        group=Group.METER,
        value=_tariff,
        exists=lambda known: known.meter.tariff is not None,
        more={
            "device_class": SensorDeviceClass.ENUM,
            "options": ["tariff_1", "tariff_2"],
        },
    )
    yield Source(
        key="quarter_last",
        group=Group.PEAKS,
        value=_last_peak,
        exists=lambda known: known.last_peak is not None,
        on=_is_belgian,
        more=POWER,
    )
    yield Source(
        key="peak_month",
        translation="peak_month",
        group=Group.PEAKS,
        value=_month_peak,
        exists=lambda known: known.month_peak is not None,
        on=_is_belgian,
        more=POWER,
    )
    for name in COUNTERS:
        stem, _, phase = name.partition("_count_")
        placeholders = {"phase": phase.upper()} if phase else None
        translation = _TRANSLATIONS.get(name)
        if phase:
            translation = f"{stem}s_phase"
        yield Source(
            key=name,
            translation=translation,
            placeholders=placeholders,
            group=Group.METER,
            value=_counter(name),
            exists=is_known(_counter(name)),
            on=False,
            diagnostic=True,
            more={"state_class": SensorStateClass.TOTAL_INCREASING},
        )
    yield Source(
        key="dsmr_version",
        group=Group.METER,
        value=_version,
        exists=lambda known: known.meter.version is not None,
        on=False,
        diagnostic=True,
    )
    yield Source(
        key="problem",
        group=Group.MONITORING,
        binary=True,
        value=_problem,
        exists=lambda known: known.problems is not None,
        diagnostic=True,
        more={"device_class": BinarySensorDeviceClass.PROBLEM},
    )
    yield Source(
        key="history_until",
        group=Group.OWN,
        value=lambda known: known.history_until,
        diagnostic=True,
        more={"device_class": SensorDeviceClass.TIMESTAMP},
    )
    yield Source(
        key="history_progress",
        group=Group.OWN,
        value=lambda known: (
            None
            if known.history_progress is None
            else round(known.history_progress * 100)
        ),
        on=False,
        diagnostic=True,
        more={"native_unit_of_measurement": PERCENTAGE},
    )


METER_SOURCES: Final = tuple(_sources())
OWN_SOURCES: Final = tuple(
    source for source in METER_SOURCES if source.group is Group.OWN
)
"""What is not the server's but the import's."""
