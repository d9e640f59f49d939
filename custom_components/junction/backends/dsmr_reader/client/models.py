"""DSMR-reader's answers as typed values.

See ``docs/protocols/dsmr_reader.md#endpoints``.

Energy in kWh, power in kW, gas in m³, money in EUR, times in UTC. A missing, null, or
mistyped field is None and affects only itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from ....moments import read_date, read_moment, read_offset
from ...http.json_fields import integer, mappings, number, text

REGISTERS = ("delivered_1", "delivered_2", "returned_1", "returned_2")


def moment(row: object, *path: str | int) -> datetime | None:
    """Return a time in UTC. All versions send an offset (old ones: Z)."""
    return read_moment(text(row, *path), None)


def day(row: object, *path: str | int) -> date | None:
    """Return a date."""
    return read_date(text(row, *path))


def money(row: object, *path: str | int) -> float | None:
    """Return an amount of money; servers may use a decimal comma."""
    found = text(row, *path)
    return number(found.replace(",", ".")) if found is not None else number(row, *path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reading. ``offset`` is that of the server's time in seconds, None for Z.

    ``registers`` are the positions of ``REGISTERS``; ``phases`` are the optional values
    per phase by the API's names, in kW, V, and A.
    """

    time: datetime
    offset: float | None
    registers: tuple[float | None, ...]
    delivered: float | None
    returned: float | None
    gas: float | None
    gas_time: datetime | None
    phases: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, row: object) -> Self | None:
        """Read a row; None without a time."""
        time = moment(row, "timestamp")
        if time is None:
            return None
        said = text(row, "timestamp") or ""
        local = read_offset(said)
        return cls(
            time=time,
            offset=(
                None if said.endswith("Z") or local is None else local.total_seconds()
            ),
            registers=tuple(number(row, f"electricity_{name}") for name in REGISTERS),
            delivered=number(row, "electricity_currently_delivered"),
            returned=number(row, "electricity_currently_returned"),
            gas=number(row, "extra_device_delivered"),
            gas_time=moment(row, "extra_device_timestamp"),
            phases={
                name: value
                for name in _PHASES
                if (value := number(row, name)) is not None
            },
        )


_PHASES = tuple(
    f"{name}_l{phase}"
    for name in (
        "phase_currently_delivered",
        "phase_currently_returned",
        "phase_voltage",
        "phase_power_current",
    )
    for phase in (1, 2, 3)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Cost per hour (EUR/h; negative while feeding in) and the tariff's name."""

    cost: float | None = None
    tariff_name: str | None = None

    @classmethod
    def of(cls, row: object) -> Self:
        """Read the object, which is empty on a server without readings."""
        return cls(
            cost=money(row, "cost_per_hour"), tariff_name=text(row, "tariff_name")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GasLive:
    """Gas consumption since the last reading (m³), and its cost."""

    time: datetime | None = None
    used: float | None = None
    cost: float | None = None

    @classmethod
    def of(cls, row: object) -> Self:
        """Read the object, which is empty without a gas meter."""
        return cls(
            time=moment(row, "timestamp"),
            used=number(row, "currently_delivered"),
            cost=money(row, "cost_per_interval"),
        )


@dataclass(frozen=True, slots=True)
class Today:
    """Totals of today. ``values`` by the API's names; None if missing.

    ``day`` is None if the server has no readings of its day yet, as every night for a
    minute or two.
    """

    day: date | None
    values: Mapping[str, float]

    @classmethod
    def of(cls, answer: object) -> Self:
        """Read the answer, which is only a text if there are no readings."""
        if not isinstance(answer, Mapping):
            return cls(None, {})
        values = {
            str(name): value
            for name in answer
            if (value := number(answer, name)) is not None
        }
        return cls(day(answer, "day"), values)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterStatistics:
    """The meter's data about itself. ``counters`` by the API's names.

    ``telegram`` is the last one received through API v1, with everything that the API
    does not model; it is personal.
    """

    tariff: int | None = None
    version: str | None = None
    counters: Mapping[str, int] = field(default_factory=dict)
    telegram: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, row: object) -> Self:
        """Read the object."""
        return cls(
            tariff=integer(row, "electricity_tariff"),
            version=text(row, "dsmr_version"),
            counters={
                name: value
                for name in COUNTERS
                if (value := integer(row, name)) is not None
            },
            telegram=text(row, "latest_telegram"),
        )


COUNTERS = (
    "power_failure_count",
    "long_power_failure_count",
    *(f"voltage_sag_count_l{n}" for n in (1, 2, 3)),
    *(f"voltage_swell_count_l{n}" for n in (1, 2, 3)),
    "rejected_telegrams",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that the server reports; the text is translated."""

    source: str
    description: str
    since: datetime | None


def problems_of(answer: object) -> tuple[Problem, ...]:
    """Read the problems from the monitoring endpoint."""
    return tuple(
        Problem(
            text(row, "source") or "",
            text(row, "description") or "",
            moment(row, "since"),
        )
        for row in mappings(answer, "details") or ()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Mean power of a quarter-hour in kW."""

    start: datetime
    kilowatt: float

    @classmethod
    def of(cls, row: object) -> Self | None:
        """Read a row."""
        start = moment(row, "read_at_start")
        kilowatt = number(row, "average_delivered")
        if start is None or kilowatt is None:
            return None
        return cls(start=start, kilowatt=kilowatt)
