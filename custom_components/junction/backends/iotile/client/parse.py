"""Parse JSON of an IOTile Cloud into models.

Readers return None for an object without its required fields; any other missing or
invalid field affects only itself.

See docs/protocols/iotile.md#json-objects.
"""

from collections.abc import Mapping
from datetime import datetime
import re
from typing import Final

from ....moments import read_moment
from ...http import json_fields as j
from .errors import BadSlugError
from .models import (
    Device,
    Event,
    Location,
    Membership,
    Note,
    Point,
    Project,
    Status,
    Stream,
    Streamer,
    Template,
    Unit,
    Variable,
)
from .slugs import device_slug, project_slug, stream_parts, stream_slug

_SLUG: Final = re.compile(
    r"[(\[]?(?<![0-9a-z])(?:"
    # With a prefix, however short; an ordinary word in its place has no digit.
    r"[bdgpsv]--(?=[a-f-]{0,40}[0-9])[0-9a-f]{1,20}(?:-{1,2}[0-9a-f]{1,20}){0,12}"
    # Without a prefix: the number of a device, or of a project.
    r"|[0-9a-f]{4}(?:-[0-9a-f]{4}){3}|0000-[0-9a-f]{4}"
    r")(?![0-9a-z])[)\]]?",
    re.IGNORECASE,
)


def without_slugs(text: str | None) -> str:
    """Return a label without the slugs that the server adds."""
    found = _SLUG.sub(" ", text or "")
    return " ".join(found.split()).strip(" -_:,;")


def when(obj: object, *path: str | int) -> datetime | None:
    """Read a time; without an offset it is UTC.

    See docs/protocols/iotile.md#timestamps.
    """
    return read_moment(j.text(obj, *path))


def read_unit(obj: object) -> Unit | None:
    """Read a unit; None if its divisor is zero."""
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
        rates=_read_rates(j.mapping(found, "derived_units", "rate")),
    )


def _read_rates(found: Mapping[str, object] | None) -> dict[str, tuple[int, int]]:
    rates = {
        unit: (j.integer(row, "m") or 0, j.integer(row, "d") or 0)
        for unit, row in (found or {}).items()
    }
    return {unit: rate for unit, rate in rates.items() if all(rate)}


def read_project(row: object) -> Project | None:
    """Read a project."""
    try:
        slug = project_slug(j.text(row, "slug") or "")
    except BadSlugError:
        return None
    return Project(
        slug=slug,
        id=j.text(row, "id") or slug,
        name=without_slugs(j.text(row, "name")),
        org=j.text(row, "org"),
    )


def read_membership(org: str, row: object) -> Membership:
    """Read a membership; missing permissions count as granted."""
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
        label=without_slugs(j.text(row, "label")),
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
    """Read a hardware template."""
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
    """Read the status of a device."""
    return Status(
        alert=j.text(row, "alert"),
        last_report=when(row, "last_report_ts"),
        checked=j.boolean(row, "health_check_enabled") or False,
    )


def read_stream(row: object, *, archived: bool = False) -> Stream | None:
    """Read a stream; archived ones are None, unless ``archived``."""
    try:
        slug = stream_slug(j.text(row, "slug") or "")
    except BadSlugError:
        return None
    parts = stream_parts(slug)
    if not archived and (j.text(row, "block") or (parts.device or "d").startswith("b")):
        return None
    return Stream(
        slug=slug,
        project=parts.project,
        device=parts.device,
        variable=parts.variable,
        name=without_slugs(j.text(row, "data_label"))
        or without_slugs(j.text(row, "var_name"))
        or slug[-4:],
        data_type=j.text(row, "data_type") or "00",
        var_type=j.text(row, "var_type"),
        input_unit=read_unit(j.value(row, "input_unit")),
        output_unit=read_unit(j.value(row, "output_unit")),
        enabled=j.boolean(row, "enabled") is not False,
        signed=j.text(row, "raw_value_format") == "<l",
        unsigned=j.text(row, "raw_value_format") == "<L",
        m=j.integer(row, "multiplication_factor") or 1,
        d=j.integer(row, "division_factor") or 1,
        o=j.number(row, "offset") or 0.0,
        uses_variable=j.text(row, "mdo_type") == "V",
    )


def read_variable(row: object) -> Variable | None:
    """Read a variable."""
    if (slug := j.text(row, "slug")) is None:
        return None
    return Variable(
        slug=slug,
        input_unit=read_unit(j.value(row, "input_unit")),
        m=j.integer(row, "multiplication_factor") or 1,
        d=j.integer(row, "division_factor") or 1,
        o=j.number(row, "offset") or 0.0,
        app_only=j.boolean(row, "app_only") or False,
        decimals=j.integer(row, "decimal_places"),
    )


def read_frame_row(row: object) -> Point | None:
    """Read a row of a data frame; without a record the value is in ``int_value``.

    See docs/protocols/iotile.md#data-frames.
    """
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


def read_note(row: object) -> Note | None:
    """Read a note."""
    number, time = j.integer(row, "id"), when(row, "timestamp")
    if number is None or time is None:
        return None
    return Note(
        id=number,
        time=time,
        text=j.text(row, "note") or "",
        kind=j.text(row, "type") or "",
    )


def read_location(row: object) -> Location | None:
    """Read a location; degrees are sent as text."""
    time = when(row, "timestamp")
    latitude, longitude = j.number(row, "lat"), j.number(row, "lon")
    if time is None or latitude is None or longitude is None:
        return None
    return Location(time=time, latitude=latitude, longitude=longitude)


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
