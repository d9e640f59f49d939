"""Projects, devices, and streams of an account, in six requests for any number of them.

See docs/protocols/iotile.md#discovery.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ...http import TimedOutError
from .api import IOTileClient
from .errors import NoDataRoleError
from .models import (
    BATTERY,
    SYSTEM,
    Device,
    Membership,
    Project,
    Status,
    Stream,
    Template,
    Variable,
    recordless_stream,
)
from .slugs import stream_parts


@dataclass(slots=True)
class Listing:
    """Everything in the selected projects."""

    all_projects: dict[str, Project] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    """Projects whose data the account may not read, with its role there."""
    _owned: dict[str, list[Stream]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Group the streams by owner."""
        for stream in self.streams.values():
            self._owned.setdefault(stream.owner, []).append(stream)

    def of(self, owner: str) -> Sequence[Stream]:
        """Return the streams of a device; a virtual stream owns itself."""
        return self._owned.get(owner, ())

    def app_only(self, stream: Stream) -> bool:
        """Return whether the values of a stream are only for the phone app."""
        variable = self.variables.get(stream.variable_slug)
        return variable is not None and variable.app_only

    def find(self, slug: str) -> Stream | None:
        """Return a stream by its full slug, including those without a record."""
        if (stream := self.streams.get(slug)) is not None:
            return stream
        parts = stream_parts(slug)
        device = self.devices.get(parts.device or "")
        project = device and self.project_of(device)
        if device is None or project is None or project.slug != parts.project:
            return None
        if parts.variable not in (BATTERY, *SYSTEM):
            return None
        return recordless_stream(slug, parts.project, device.slug, parts.variable)

    def readable(self, owner: str) -> bool:
        """Return whether the account may read the data of a device or virtual stream."""
        if owner in self.devices:
            project = self.project_of(self.devices[owner])
            return project is None or project.slug not in self.hidden
        return self.streams[owner].project not in self.hidden

    def project_of(self, device: Device) -> Project | None:
        """Return the project of a device, or None."""
        return next(
            (p for p in self.projects.values() if device.project_id in (p.id, p.slug)),
            None,
        )


@dataclass(slots=True)
class Details:
    """Details that are requested per device, only if there are few. None = not requested."""

    filled: frozenset[str] | None = None
    status: Status | None = None
    properties: Mapping[str, str | int | bool] = field(default_factory=dict)


async def read_listing(
    client: IOTileClient, chosen: Collection[str], *, patience: float | None = None
) -> Listing:
    """Read everything: five requests, and one per organization.

    ``chosen`` are the slugs of the projects to show, all if empty. ``patience`` (s) is
    the timeout of the first answer. Raises BackendError, NoDataRoleError among them.
    """
    try:
        async with asyncio.timeout(patience):
            found = await client.projects()
    except TimeoutError:
        raise TimedOutError(patience or 0.0) from None
    projects = {project.slug: project for project in found}
    orgs = sorted({project.org for project in projects.values() if project.org})
    (devices, streams, variables, templates), memberships = await asyncio.gather(
        asyncio.gather(
            client.devices(),
            client.streams(),
            client.variables(),
            client.templates(),
        ),
        asyncio.gather(*(client.membership(org) for org in orgs)),
    )
    shown = {
        slug: project
        for slug, project in projects.items()
        if not chosen or slug in chosen
    }
    roles = {membership.org: membership for membership in memberships}
    # For these the server would always return no data, without an error.
    hidden = {
        slug: membership.role
        for slug, project in shown.items()
        if (membership := roles.get(project.org or "")) and not membership.reads
    }
    if shown and len(hidden) == len(shown):
        raise NoDataRoleError(role=next(iter(hidden.values())))
    ids = {name for project in shown.values() for name in (project.id, project.slug)}
    return Listing(
        all_projects=projects,
        projects=shown,
        devices={d.slug: d for d in devices if d.project_id in ids},
        streams={
            s.slug: s.backed_by(variables.get(s.variable_slug))
            for s in streams
            if s.project in shown
        },
        memberships=roles,
        templates=templates,
        variables=variables,
        hidden=hidden,
    )
