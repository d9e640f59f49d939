"""Answers of an IOTile Cloud as typed values.

See docs/protocols/iotile.md#json-objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

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
class Stream:
    """A series of points. Factors None count as 1, offset None as 0."""

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
    m: int = 1
    d: int = 1
    o: float = 0.0

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
        if abs(number) > 0x7FFFFFFF or (number < 0 and not self.signed):
            raise OverflowError(number)
        return number & 0xFFFFFFFF if self.signed else number


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
class Streamer:
    """Where the reports of a device arrive; ``last_id`` is the newest stored reading."""

    slug: str
    device: str
    index: int
    last_id: int
    engine: int | None
