"""Answers of an IOTile Cloud as typed values.

See docs/protocols/iotile.md#json-objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Self

NUMERIC: Final = frozenset({"D0", "00"})
"""Data types of streams whose points are numbers; those of others must not be shown."""
BATTERY: Final = 0x5800
REBOOT: Final = 0x5C00
CONNECTED: Final = 0x5C01
DISCONNECTED: Final = 0x5C02
SYSTEM: Final[Mapping[int, str]] = {
    REBOOT: "reboot",
    CONNECTED: "connected",
    DISCONNECTED: "disconnected",
}
"""Streams without a record, whose newest point is the moment when something happened."""
# Trips, and what the cloud itself writes about reports.
_HIDDEN: Final = frozenset(
    {*range(0x5A00, 0x5B00), *range(0x5C00, 0x5D00), *range(0xE00, 0xE10)}
)
METERS: Final = frozenset({0x100D, 0x100E})
"""Odometers: volumes that are the position of a meter, not the use of an interval."""
VOLUME: Final = "water-meter-volume"
LARGEST: Final = 0x7FFFFFFF
"""The server replaces raw numbers beyond it (and its negative) by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit: display = ``o`` + storage x ``m`` / ``d`` for output units.

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
    """Units of the rate that an amount of one interval means, with ``m`` and ``d``."""

    def forward(self, value: float) -> float:
        """Apply the conversion."""
        return self.o + value * self.m / self.d

    def back(self, value: float) -> float:
        """Undo the conversion."""
        return (value - self.o) * self.d / self.m


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; ``id`` is the UUID by which some objects name it."""

    slug: str
    id: str
    name: str
    org: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What an account may do in an organisation.

    See docs/protocols/iotile.md#roles.
    """

    org: str
    role: str
    permissions: Mapping[str, bool] = field(default_factory=dict)

    @property
    def reads(self) -> bool:
        """Whether data can be read; otherwise the server answers with nothing."""
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
    """The hardware of a device."""

    slug: str
    sku: str | None
    internal: str | None
    version: str | None
    os_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a device is: ``alert`` is DSBL, UNK, FAIL or OK."""

    alert: str | None
    last_report: datetime | None
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What streams of a project have in common, and fall back on."""

    slug: str
    input_unit: Unit | None = None
    m: int = 1
    d: int = 1
    o: float = 0.0
    app_only: bool = False
    """Whether only the phone app ever sees its values."""
    decimals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A series of points.

    ``m``, ``d`` and ``o`` convert a raw number before the input unit does. They, and the
    input unit, are the variable's where the stream has none: see ``backed_by``.
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
    """Whether raw numbers are 32 bits with a sign."""
    unsigned: bool = False
    """Whether raw numbers are 32 bits without one; others may be anything."""
    m: int = 1
    d: int = 1
    o: float = 0.0
    uses_variable: bool = False
    """Whether the factors of the variable count, whatever those of the stream are."""
    decimals: int | None = None
    recordless: bool = False
    """Whether the server has points of it, but no record."""

    @property
    def owner(self) -> str:
        """What its points are asked for by: its device, or itself if it is virtual."""
        return self.device or self.slug

    @property
    def variable_slug(self) -> str:
        """The slug of its variable."""
        return f"v--{self.project[3:]}--{self.variable:04x}"

    @property
    def numeric(self) -> bool:
        """Whether its points are numbers to show."""
        return self.data_type in NUMERIC

    @property
    def eventful(self) -> bool:
        """Whether it holds events."""
        return self.data_type.startswith("E")

    @property
    def technical(self) -> bool:
        """Whether it is about trips, reports and restarts, not about the world."""
        return self.variable in _HIDDEN

    @property
    def unit(self) -> str:
        """The short name of the display unit, or ""."""
        return self.output_unit.short if self.output_unit else ""

    def shown(self, stored: float) -> float:
        """Convert from the storage unit to the display unit."""
        return self.output_unit.forward(stored) if self.output_unit else stored

    def raw(self, shown: float) -> int:
        """Return the whole raw number that the server turns into this shown value.

        Negative numbers come as the unsigned pattern of 32 bits where the stream is
        signed. Raises OverflowError outside of what the server keeps.
        """
        stored = self.output_unit.back(shown) if self.output_unit else shown
        value = self.input_unit.back(stored) if self.input_unit else stored
        number = round((value - self.o) * self.d / self.m)
        if abs(number) > LARGEST or (number < 0 and self.unsigned):
            raise OverflowError(number)
        return number & 0xFFFFFFFF if self.signed else number

    def converted(self, raw: int) -> float:
        """Return what the server stores for a raw number.

        Raises OverflowError for one that the server would replace by the largest.
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
        """Return the stream with what the server takes from its variable."""
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
    """One value of a stream; ``stored`` is in the storage unit, ``id`` 0 = not reported."""

    stream: str
    time: datetime
    stored: float
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; ``id`` grows in the order of arrival."""

    id: int
    stream: str
    time: datetime
    data: Mapping[str, Any]
    has_raw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on a device, stream or project; ``kind`` is ui, fi, si or sc."""

    id: int
    time: datetime
    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a device was, in degrees."""

    time: datetime
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamer:
    """Where the reports of a device arrive; ``last_id`` is the newest stored reading."""

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
    """Return a stream as if it had a record; battery and restarts have none."""
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
