"""Store a listing as JSON, for starts at which the server is slow."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .listing import Listing
from .models import Device, Membership, Project, Stream, Template, Unit, Variable


def listing_as_dict(listing: Listing) -> dict[str, Any]:
    """Return the listing as JSON."""
    return {
        "all_projects": [asdict(one) for one in listing.all_projects.values()],
        "projects": [*listing.projects],
        "devices": [asdict(one) for one in listing.devices.values()],
        "streams": [asdict(one) for one in listing.streams.values()],
        "variables": [asdict(one) for one in listing.variables.values()],
        "memberships": [
            {**asdict(one), "permissions": dict(one.permissions)}
            for one in listing.memberships.values()
        ],
        "templates": [asdict(one) for one in listing.templates.values()],
        "hidden": dict(listing.hidden),
    }


def listing_from_dict(kept: Mapping[str, Any]) -> Listing | None:
    """Return the stored listing; None if another version stored it."""
    try:
        projects = {row["slug"]: Project(**row) for row in kept["all_projects"]}
        return Listing(
            all_projects=projects,
            projects={slug: projects[slug] for slug in kept["projects"]},
            devices={row["slug"]: _device(row) for row in kept["devices"]},
            streams={row["slug"]: _stream(row) for row in kept["streams"]},
            variables={row["slug"]: _variable(row) for row in kept["variables"]},
            memberships={row["org"]: Membership(**row) for row in kept["memberships"]},
            templates={row["slug"]: Template(**row) for row in kept["templates"]},
            hidden=dict(kept["hidden"]),
        )
    except KeyError, TypeError:
        return None


def _unit(row: Mapping[str, Any] | None) -> Unit | None:
    return None if row is None else Unit(**row)


def _device(row: Mapping[str, Any]) -> Device:
    location = row["location"]
    return Device(**{**row, "location": location and (location[0], location[1])})


def _stream(row: Mapping[str, Any]) -> Stream:
    units = {name: _unit(row[name]) for name in ("input_unit", "output_unit")}
    return Stream(**{**row, **units})


def _variable(row: Mapping[str, Any]) -> Variable:
    return Variable(**{**row, "input_unit": _unit(row["input_unit"])})
