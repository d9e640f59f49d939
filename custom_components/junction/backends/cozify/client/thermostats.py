"""Temperature limits of a thermostat (docs/protocols/cozify.md#thermostats)."""

from dataclasses import dataclass
from typing import Final

from ...http import json_fields as j
from .models import State

TARGETS: Final = ("targetTemp", "targetTemperature")
"""Fields of the target temperature: hubs use one or the other."""

_TOLD: Final = (
    ("minTargetTemp", "maxTargetTemp"),
    ("minTargetTemperature", "maxTargetTemperature"),
    ("minTemperature", "maxTemperature"),
)
_LOWEST: Final = 1.0
_HIGHEST: Final = 95.0
"""Range in °C of a valid target temperature; other values are codes for "none"."""


def target(state: State) -> float | None:
    """Return the target temperature in °C, None without one."""
    return next(
        (v for name in TARGETS if (v := j.number(state, name)) is not None), None
    )


@dataclass(frozen=True, slots=True)
class TargetRange:
    """Limits of the target temperature in °C."""

    low: float = 5.0
    high: float = 35.0

    def of(self, state: State) -> TargetRange:
        """Return the limits of a device, given the previously known ones.

        Limits that the device reports take precedence. Most report none; the range is
        then widened by every target temperature that the device reports.
        """
        for fields in _TOLD:
            low, high = (j.number(state, field) for field in fields)
            if (
                low is not None
                and high is not None
                and _LOWEST <= low < high <= _HIGHEST
            ):
                return TargetRange(low, high)
        value = target(state)
        if value is None or not _LOWEST <= value <= _HIGHEST:
            return self
        return TargetRange(min(self.low, value), max(self.high, value))
