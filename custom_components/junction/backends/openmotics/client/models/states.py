"""States of an installation. None = not reported."""

from dataclasses import dataclass
from enum import StrEnum


class Preset(StrEnum):
    """Preset of a thermostat."""

    AUTO = "auto"
    MANUAL = "manual"
    AWAY = "away"
    VACATION = "vacation"
    PARTY = "party"


class Motion(StrEnum):
    """Motion of a shutter, or the end of its last run."""

    UP = "up"
    DOWN = "down"
    STOPPED = "stopped"
    GOING_UP = "going_up"
    GOING_DOWN = "going_down"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputState:
    """``level`` 0-100 is valid for dimmers only; it is kept while off."""

    on: bool | None = None
    level: int | None = None
    locked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutterState:
    """``position`` 0 = open; None until a full run, and after each restart."""

    motion: Motion | None = None
    position: int | None = None
    locked: bool | None = None
    preset: int | None = None
    """The preset position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """Temperatures in °C, ``steering`` 0-100 of heating or cooling."""

    on: bool | None = None
    preset: Preset | None = None
    current: float | None = None
    setpoint: float | None = None
    steering: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """Whether a group cools (otherwise it heats)."""

    cooling: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VentilationState:
    """``level`` None = unknown, possible in automatic mode. ``remaining`` in seconds."""

    automatic: bool | None = None
    level: int | None = None
    connected: bool = True
    remaining: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerState:
    """Measurements of a current transformer, in V, Hz, A, and W (negative: feeding in)."""

    voltage: float | None = None
    frequency: float | None = None
    current: float | None = None
    power: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyState:
    """Energy of a current transformer in Wh, by day and by night."""

    day: int | None = None
    night: int | None = None

    @property
    def total(self) -> int | None:
        """Return the sum of both."""
        if self.day is None or self.night is None:
            return None
        return self.day + self.night


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleErrors:
    """Errors on the bus since they were last cleared, by module address."""

    modules: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """Return the number of all errors."""
        return sum(count for _, count in self.modules)
