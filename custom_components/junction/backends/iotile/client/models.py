"""Answers of an IOTile Cloud as typed values.

See docs/protocols/iotile.md#json-objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

NUMERIC: Final = frozenset({"D0", "00"})
"""Data types of streams with numeric points; others must not be shown."""
BATTERY: Final = 0x5800
REBOOT: Final = 0x5C00
CONNECTED: Final = 0x5C01
DISCONNECTED: Final = 0x5C02
SYSTEM: Final[Mapping[int, str]] = {
    REBOOT: "reboot",
    CONNECTED: "connected",
    DISCONNECTED: "disconnected",
}
"""Streams without a record, whose newest point is the time of an event."""
# Trips, and the cloud's own records of reports.
_HIDDEN: Final = frozenset(
    {*range(0x5A00, 0x5B00), *range(0x5C00, 0x5D00), *range(0xE00, 0xE10)}
)
METERS: Final = frozenset({0x100D, 0x100E})
"""Odometers: volumes that are positions of a meter, not changes per interval."""
VOLUME: Final = "water-meter-volume"
LARGEST: Final = 0x7FFFFFFF
"""The server replaces larger raw numbers (and smaller negative ones) by this limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit. For output units, display = ``o`` + storage x ``m`` / ``d``.

    See docs/protocols/iotile.md#value-conversion.
    """

    slug: str
    full: str
    short: str
    m: int = 1
    d: int = 1
    o: float = 0.0
    decimals: int | None = None
    rates: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Units of flow for an amount per interval, with ``m`` and ``d``."""

    def forward(self, value: float) -> float:
        """Convert to this unit."""
        return self.o + value * self.m / self.d

    def back(self, value: float) -> float:
        """Convert from this unit."""
        return (value - self.o) * self.d / self.m


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; ``id`` is the UUID by which some objects refer to it."""

    slug: str
    id: str
    name: str
    org: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Permissions of an account in an organization.

    See docs/protocols/iotile.md#roles.
    """

    org: str
    role: str
    permissions: Mapping[str, bool] = field(default_factory=dict)

    @property
    def reads(self) -> bool:
        """Return whether data can be read; otherwise the server returns none."""
        return self.permissions.get("can_read_stream_data", True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device. ``location`` is latitude and longitude in degrees."""

    slug: str
    label: str
    active: bool
    project_id: str | None
    graph: str | None
    template: str | None
    state: str | None
    busy: bool
    location: tuple[float, float] | None
    external_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Hardware template of a device."""

    slug: str
    sku: str | None
    internal: str | None
    version: str | None
    os_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Status of a device: ``alert`` is DSBL, UNK, FAIL, or OK."""

    alert: str | None
    last_report: datetime | None
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Common properties, and defaults, of the same stream on all devices of a project."""

    slug: str
    input_unit: Unit | None = None
    m: int = 1
    d: int = 1
    o: float = 0.0
    app_only: bool = False
    """Whether its values are only for the phone app."""
    decimals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A series of points.

    ``m``, ``d``, and ``o`` convert a raw number before the input unit does. They, and
    the input unit, default to those of the variable: see ``backed_by``.
    """

    slug: str
    project: str
    device: str | None
    variable: int
    name: str
    data_type: str
    var_type: str | None
    input_unit: Unit | None
    output_unit: Unit | None
    enabled: bool
    signed: bool = False
    """Whether raw numbers are signed 32-bit integers."""
    unsigned: bool = False
    """Whether raw numbers are unsigned 32-bit integers; if neither, their type is
    unknown.
    """
    m: int = 1
    d: int = 1
    o: float = 0.0
    uses_variable: bool = False
    """Whether the variable's factors override those of the stream."""
    decimals: int | None = None
    recordless: bool = False
    """Whether the server has points of it, but no record."""

    @property
    def owner(self) -> str:
        """Return the slug for requesting its points: its device, or itself if it is virtual."""
        return self.device or self.slug

    @property
    def variable_slug(self) -> str:
        """Return the slug of its variable."""
        return f"v--{self.project[3:]}--{self.variable:04x}"

    @property
    def numeric(self) -> bool:
        """Return whether its points are numbers to show."""
        return self.data_type in NUMERIC

    @property
    def has_events(self) -> bool:
        """Return whether it contains events."""
        return self.data_type.startswith("E")

    @property
    def technical(self) -> bool:
        """Return whether it concerns trips, reports, or restarts, not measurements."""
        return self.variable in _HIDDEN

    @property
    def unit(self) -> str:
        """Return the short name of the display unit, or ""."""
        return self.output_unit.short if self.output_unit else ""

    def shown(self, stored: float) -> float:
        """Convert from the storage unit to the display unit."""
        return self.output_unit.forward(stored) if self.output_unit else stored

    def raw(self, shown: float) -> int:
        """Return the raw integer that the server converts to this displayed value.

        For signed streams, negative numbers are returned as the unsigned 32-bit
        pattern. Raises OverflowError outside of the server's range.
        """
        stored = self.output_unit.back(shown) if self.output_unit else shown
        value = self.input_unit.back(stored) if self.input_unit else stored
        number = round((value - self.o) * self.d / self.m)
        if abs(number) > LARGEST or (number < 0 and self.unsigned):
            raise OverflowError(number)
        return number & 0xFFFFFFFF if self.signed else number

    def converted(self, raw: int) -> float:
        """Return the value that the server stores for a raw number.

        Raises OverflowError for a number that the server would replace by its limit.
        """
        if self.signed and 0x80000000 <= raw <= 0xFFFFFFFF:
            raw -= 1 << 32
        if abs(raw) > LARGEST or (raw < 0 and self.unsigned):
            raise OverflowError(raw)
        if self.recordless:
            return float(raw)
        value = self.o + raw * self.m / self.d
        return self.input_unit.forward(value) if self.input_unit else value

    def backed_by(self, variable: Variable | None) -> Self:
        """Return the stream, completed from its variable as on the server."""
        if variable is None:
            return self
        filled = replace(self, decimals=variable.decimals)
        if self.input_unit is None:
            filled = replace(filled, input_unit=variable.input_unit)
        if self.uses_variable:
            filled = replace(filled, m=variable.m, d=variable.d, o=variable.o)
        return filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value of a stream; ``stored`` is in the storage unit, ``id`` 0 = not reported."""

    stream: str
    time: datetime
    stored: float
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event; ``id`` grows in the order of arrival."""

    id: int
    stream: str
    time: datetime
    data: Mapping[str, Any]
    has_raw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on a device, stream, or project; ``kind`` is ui, fi, si, or sc."""

    id: int
    time: datetime
    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Location of a device, in degrees."""

    time: datetime
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamer:
    """Streamer of a device's reports; ``last_id`` is the newest stored reading."""

    slug: str
    device: str
    index: int
    last_id: int
    engine: int | None


VOLTS: Final = Unit(
    slug="out--battery--volts", full="Volts", short="V", d=65536, decimals=2
)
"""Batteries are 16.16 fixed point; the server itself has no unit for them."""


def recordless_stream(slug: str, project: str, device: str, variable: int) -> Stream:
    """Return a stream for points without a record, such as battery and restarts."""
    return Stream(
        slug=slug,
        project=project,
        device=device,
        variable=variable,
        name="Battery voltage" if variable == BATTERY else SYSTEM[variable].title(),
        data_type="D0",
        var_type=None,
        input_unit=None,
        output_unit=VOLTS if variable == BATTERY else None,
        enabled=True,
        recordless=True,
    )
