"""What an IOTile Cloud tells, as typed values (reference §2.4, §3).

Readers take the JSON of the server and return None for an object without what it cannot
do without; any other missing or wrong field costs that field only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ..http import json_fields as j
from .errors import BadSlugError
from .slugs import device_slug, project_slug, stream_parts, stream_slug

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
    """A unit: display = ``o`` + storage x ``m`` / ``d`` for output units (§3.4)."""

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
    """What an account may do in an organisation (§2.6)."""

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


def when(obj: object, *path: str | int) -> datetime | None:
    """Read a moment; without an offset it is UTC (§2.5)."""
    text = j.text(obj, *path)
    try:
        moment = datetime.fromisoformat(text) if text else None
        return moment and (
            moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        )
    except ValueError, OverflowError:
        return None


def read_unit(obj: object) -> Unit | None:
    """Read a unit; a divisor of zero makes it useless."""
    found = j.mapping(obj)
    if found is None:
        return None
    m, d = j.integer(found, "m") or 0, j.integer(found, "d") or 0
    if not m or not d:
        return None
    return Unit(
        slug=j.text(found, "slug") or "",
        full=j.text(found, "unit_full") or "",
        short=(j.text(found, "unit_short") or "").strip(),
        m=m,
        d=d,
        o=j.number(found, "o") or 0.0,
        decimals=j.integer(found, "decimal_places"),
    )


def read_project(row: object) -> Project | None:
    """Read a project."""
    try:
        slug = project_slug(j.text(row, "slug") or "")
    except BadSlugError:
        return None
    return Project(
        slug=slug,
        id=j.text(row, "id") or slug,
        name=j.text(row, "name") or slug,
        org=j.text(row, "org"),
    )


def read_membership(org: str, row: object) -> Membership:
    """Read a membership; permissions that are not told count as given."""
    given = j.mapping(row, "permissions") or {}
    return Membership(
        org=org,
        role=j.text(row, "role_name") or j.text(row, "role") or "",
        permissions={k: v for k, v in given.items() if isinstance(v, bool)},
    )


def read_device(row: object) -> Device | None:
    """Read a device."""
    try:
        slug = device_slug(j.text(row, "slug") or "")
    except BadSlugError:
        return None
    latitude, longitude = j.number(row, "lat"), j.number(row, "lon")
    return Device(
        slug=slug,
        label=j.text(row, "label") or slug,
        active=j.boolean(row, "active") is not False,
        project_id=j.text(row, "project"),
        graph=j.text(row, "sg"),
        template=j.text(row, "template"),
        state=j.text(row, "state"),
        busy=j.boolean(row, "busy") or False,
        location=None
        if latitude is None or longitude is None
        else (latitude, longitude),
        external_id=j.text(row, "external_id") or "",
    )


def read_template(row: object) -> Template | None:
    """Read a kind of hardware."""
    if (slug := j.text(row, "slug")) is None:
        return None
    return Template(
        slug=slug,
        sku=j.text(row, "external_sku"),
        internal=j.text(row, "internal_sku"),
        version=j.text(row, "version"),
        os_version=j.text(row, "os_version"),
    )


def read_status(row: object) -> Status:
    """Read how a device is."""
    return Status(
        alert=j.text(row, "alert"),
        last_report=when(row, "last_report_ts"),
        checked=j.boolean(row, "health_check_enabled") or False,
    )


def read_stream(row: object) -> Stream | None:
    """Read a stream; archived ones are None."""
    try:
        slug = stream_slug(j.text(row, "slug") or "")
    except BadSlugError:
        return None
    parts = stream_parts(slug)
    if j.text(row, "block") or (parts.device or "d").startswith("b"):
        return None
    return Stream(
        slug=slug,
        project=parts.project,
        device=parts.device,
        variable=parts.variable,
        name=j.text(row, "data_label") or j.text(row, "var_name") or slug[-4:],
        data_type=j.text(row, "data_type") or "00",
        var_type=j.text(row, "var_type"),
        input_unit=read_unit(j.value(row, "input_unit")),
        output_unit=read_unit(j.value(row, "output_unit")),
        enabled=j.boolean(row, "enabled") is not False,
        signed=j.text(row, "raw_value_format") == "<l",
        m=j.integer(row, "multiplication_factor") or 1,
        d=j.integer(row, "division_factor") or 1,
        o=j.number(row, "offset") or 0.0,
    )


def read_frame_row(row: object) -> Point | None:
    """Read a row of a data frame; without a record it holds ``int_value`` (§3.3)."""
    slug, time = j.text(row, "stream_slug"), when(row, "row")
    stored = j.number(row, "value")
    if stored is None:
        stored = j.number(row, "int_value")
    if slug is None or time is None or stored is None:
        return None
    number = j.integer(row, "streamer_local_id") or 0
    return Point(stream=slug, time=time, stored=stored, id=number)


def read_stream_row(slug: str, row: object) -> Point | None:
    """Read a point of ``stream/<slug>/data/``."""
    time, stored = when(row, "timestamp"), j.number(row, "value")
    if stored is None:
        stored = j.number(row, "int_value")
    if time is None or stored is None:
        return None
    return Point(
        stream=slug,
        time=time,
        stored=stored,
        id=j.integer(row, "streamer_local_id") or 0,
    )


def read_event(row: object) -> Event | None:
    """Read an event."""
    number, slug = j.integer(row, "id"), j.text(row, "stream")
    time = when(row, "timestamp")
    if number is None or slug is None or time is None:
        return None
    return Event(
        id=number,
        stream=slug,
        time=time,
        data=j.mapping(row, "extra_data") or {},
        has_raw=j.boolean(row, "has_raw_data") or False,
    )


def read_streamer(row: object) -> Streamer | None:
    """Read a streamer."""
    slug, device = j.text(row, "slug"), j.text(row, "device")
    if slug is None or device is None:
        return None
    return Streamer(
        slug=slug,
        device=device,
        index=j.integer(row, "index") or 0,
        last_id=j.integer(row, "last_id") or 0,
        engine=j.integer(row, "process_engine_ver"),
    )
