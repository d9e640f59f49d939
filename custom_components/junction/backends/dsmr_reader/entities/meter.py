"""Points of the meter itself, the server's health, and the history import."""

from collections.abc import Callable, Iterator
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE

from ....model import Detailed
from ..client.models import COUNTERS
from ..client.state import Group, ReaderState
from .description import PointDescription, is_known
from .reading import POWER

_TRANSLATIONS: Final = {
    "power_failure_count": "power_failures_short",
    "long_power_failure_count": "power_failures_long",
}


def _tariff(state: ReaderState) -> object:
    number = state.meter.tariff
    if number not in (1, 2):
        return None
    # The name is the user's own text on the server.
    return Detailed(f"tariff_{number}", {"name": state.live.tariff_name})


def _version(state: ReaderState) -> str | None:
    version = state.meter.version
    if version is not None and len(version) == 2 and version.isdecimal():
        return f"{version[0]}.{version[1]}"
    return version


def _problem(state: ReaderState) -> object:
    if state.problems is None:
        return None
    return Detailed(
        bool(state.problems),
        {
            "problems": [
                {
                    "source": problem.source,
                    "description": problem.description,
                    "since": problem.since.isoformat() if problem.since else None,
                }
                for problem in state.problems
            ]
        },
    )


def _counter(name: str) -> Callable[[ReaderState], int | None]:
    return lambda state: state.meter.counters.get(name)


def _is_belgian(state: ReaderState) -> bool:
    return state.telegram.belgian


def _month_peak(state: ReaderState) -> object:
    """Return the server's value, or the meter's own (Belgium)."""
    peak = state.month_peak
    if state.telegram.peak is not None:
        at = state.telegram.peak_at
        return Detailed(state.telegram.peak, {"time": at.isoformat() if at else None})
    if peak is None:
        return None
    return Detailed(peak.kilowatt, {"time": peak.start.isoformat()})


def _last_peak(state: ReaderState) -> object:
    peak = state.last_peak
    if peak is None:
        return None
    return Detailed(peak.kilowatt, {"time": peak.start.isoformat()})


def _history_progress(state: ReaderState) -> object:
    if state.history_progress is None:
        return None
    return Detailed(round(state.history_progress * 100), dict(state.history_details))


def _descriptions() -> Iterator[PointDescription]:
    yield PointDescription(
        key="tariff",
        translation="tariff",
        group=Group.METER,
        value=_tariff,
        exists=lambda state: state.meter.tariff is not None,
        more={
            "device_class": SensorDeviceClass.ENUM,
            "options": ["tariff_1", "tariff_2"],
        },
    )
    yield PointDescription(
        key="quarter_last",
        group=Group.PEAKS,
        value=_last_peak,
        exists=lambda state: state.last_peak is not None,
        on=_is_belgian,
        more=POWER,
    )
    yield PointDescription(
        key="peak_month",
        translation="peak_month",
        group=Group.PEAKS,
        value=_month_peak,
        exists=lambda state: state.month_peak is not None,
        on=_is_belgian,
        more=POWER,
    )
    for name in COUNTERS:
        stem, _, phase = name.partition("_count_")
        placeholders = {"phase": phase.upper()} if phase else None
        translation = _TRANSLATIONS.get(name)
        if phase:
            translation = f"{stem}s_phase"
        yield PointDescription(
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
    yield PointDescription(
        key="dsmr_version",
        group=Group.METER,
        value=_version,
        exists=lambda state: state.meter.version is not None,
        on=False,
        diagnostic=True,
    )
    yield PointDescription(
        key="problem",
        group=Group.MONITORING,
        binary=True,
        value=_problem,
        exists=lambda state: state.problems is not None,
        diagnostic=True,
        more={"device_class": BinarySensorDeviceClass.PROBLEM},
    )
    yield PointDescription(
        key="history_until",
        group=Group.OWN,
        value=lambda state: state.history_until,
        diagnostic=True,
        more={"device_class": SensorDeviceClass.TIMESTAMP},
    )
    yield PointDescription(
        key="history_progress",
        group=Group.OWN,
        value=_history_progress,
        diagnostic=True,
        more={"native_unit_of_measurement": PERCENTAGE},
    )


METER_DESCRIPTIONS: Final = tuple(_descriptions())
OWN_DESCRIPTIONS: Final = tuple(
    source for source in METER_DESCRIPTIONS if source.group is Group.OWN
)
"""Points whose state comes from the import, not from the server."""
