"""Content of the simulated server: objects are the server's own JSON, points are rows."""

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
import math
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from ..clock import HOUR, VirtualClock
from .values import Json, convert

SEEDS: Json = json.loads(Path(__file__).with_name("seeds.json").read_text("utf-8"))
"""Objects captured from a real server."""
_NAMES = UUID("3f0c7f3a-9a55-4ac6-8a53-7a8cf6f3a4d1")
DAYS = 20

READS_NOT = (
    "can_read_stream_data",
    "can_modify_device",
    "can_modify_device_properties",
    "can_modify_stream_ids",
    "can_read_device_properties",
    "can_read_notes",
    "can_read_device_locations",
)


def iso(moment: float) -> str:
    """Format the time of a point, in whole seconds."""
    return f"{datetime.fromtimestamp(int(moment), UTC):%Y-%m-%dT%H:%M:%SZ}"


def identity(name: str) -> str:
    """Return a fixed UUID for a name."""
    return str(uuid5(_NAMES, name))


@dataclass(slots=True)
class User:
    """An account; ``role`` is its role in its organization."""

    id: int
    name: str
    email: str
    password: str
    token: str = field(repr=False)
    org: str = "home-lab"
    role: str = "a0"
    active: bool = True

    @property
    def permissions(self) -> dict[str, bool]:
        """Permissions of the role.

        See docs/protocols/iotile.md#roles.
        """
        given: dict[str, bool] = dict(SEEDS["membership"]["permissions"])
        if self.role in ("m1", "r1"):
            given |= dict.fromkeys(
                ("can_claim_devices", "can_reset_device", "can_manage_users"), False
            )
        if self.role == "r1":
            given |= dict.fromkeys(READS_NOT, False)
        return given


@dataclass(slots=True)
class Row:
    """A stored point. ``value`` is in the storage unit; ``time`` in s since 1970."""

    id: int
    time: float
    int_value: int | None
    value: float | None
    type: str
    local_id: int = 0
    device_time: int | None = None


@dataclass(slots=True)
class World:
    """All data of the server."""

    clock: VirtualClock
    users: list[User] = field(default_factory=list)
    orgs: list[Json] = field(default_factory=list)
    founders: dict[str, str] = field(default_factory=dict)
    """Who made an organization, by its slug; only those made here."""
    projects: list[Json] = field(default_factory=list)
    devices: list[Json] = field(default_factory=list)
    streams: list[Json] = field(default_factory=list)
    variables: list[Json] = field(default_factory=list)
    templates: list[Json] = field(default_factory=list)
    points: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    events: list[Json] = field(default_factory=list)
    documents: dict[int, Any] = field(default_factory=dict)
    notes: list[Json] = field(default_factory=list)
    properties: list[Json] = field(default_factory=list)
    locations: list[Json] = field(default_factory=list)
    streamers: list[Json] = field(default_factory=list)
    reports: list[Json] = field(default_factory=list)
    statuses: dict[str, Json] = field(default_factory=dict)
    masks: dict[str, Json] = field(default_factory=dict)
    engines: dict[str, int] = field(default_factory=dict)
    next_id: int = 1
    stores_reports: bool = True
    """Whether the worker behind ``streamer/report/`` does its work."""
    report_delay: float = 0.0
    """Seconds until it does."""

    def number(self) -> int:
        """Return the next id of a point or event."""
        self.next_id += 1
        return self.next_id - 1

    def device(self, slug: str) -> Json | None:
        """Return a device by its full slug."""
        return next((row for row in self.devices if row["slug"] == slug), None)

    def stream(self, slug: str) -> Json | None:
        """Return a stream by its full slug."""
        return next((row for row in self.streams if row["slug"] == slug), None)

    def project(self, name: str | None) -> Json | None:
        """Return a project by its slug or UUID."""
        return next(
            (row for row in self.projects if name in (row["id"], row["slug"])), None
        )

    def orgs_of(self, user: User) -> set[str]:
        """Return the organizations of a user."""
        founded = {slug for slug, name in self.founders.items() if name == user.name}
        return {user.org, *founded}

    def org(self, slug: str) -> Json | None:
        """Return an organization by its slug."""
        return next((row for row in self.orgs if row["slug"] == slug), None)

    def variable(self, slug: str) -> Json | None:
        """Return a variable by its full slug."""
        return next((row for row in self.variables if row["slug"] == slug), None)

    def org_of(self, slug: str) -> str | None:
        """Return the organization that owns a device, stream, or project."""
        if slug.startswith(("s--", "v--")):
            stream = self.stream(slug)
            if stream is not None:
                return str(stream["org"])
            found = self.project(f"p--{slug.split('--')[1]}")
        elif slug.startswith(("d--", "b--")):
            found = self.device(slug)
        else:
            found = self.project(slug)
        return None if found is None else str(found["org"])

    # Activity of devices

    def add(
        self,
        slug: str,
        moment: float,
        raw: int,
        *,
        local_id: int = 0,
        device_time: int | None = None,
    ) -> Row:
        """Store a raw point and convert it like the server.

        See docs/protocols/iotile.md#value-conversion.
        """
        stream = self.stream(slug)
        variable = self.variable(stream["variable"]) if stream else None
        value, kind = convert(stream, raw, variable)
        row = Row(self.number(), moment, raw, value, kind, local_id, device_time)
        self.points[slug].append(row)
        return row

    def add_event(
        self, slug: str, moment: float, extra: Json, local_id: int = 0
    ) -> Json:
        """Store an event."""
        number = self.number()
        _, project, device, variable = slug.split("--")
        event = {
            **deepcopy(SEEDS["event"]),
            "id": number,
            "stream": slug,
            "project": f"p--{project}",
            "device": f"d--{device}",
            "variable": f"v--{project}--{variable}",
            "s3key": None,
            "has_raw_data": False,
            "timestamp": iso(moment),
            "streamer_local_id": local_id,
            "status": "cln" if local_id else "unk",
            "extra_data": extra,
        }
        self.events.append(event)
        return event

    def add_device(
        self, number: int, label: str, project: str = "p--0000-0005", **more: Any
    ) -> Json:
        """Claim a device into a project."""
        home = self.project(project)
        assert home is not None
        gid = "-".join(f"{number:016x}"[i : i + 4] for i in range(0, 16, 4))
        row = {
            **deepcopy(SEEDS["devices"][0]),
            "id": number,
            "slug": f"d--{gid}",
            "gid": gid,
            "label": label,
            "org": home["org"],
            "project": home["id"],
            "lat": None,
            "lon": None,
            **more,
        }
        self.devices.append(row)
        self.statuses[row["slug"]] = deepcopy(SEEDS["status"])
        return row

    def add_stream(self, like: str, device: Json | None, **more: Any) -> Json:
        """Add a stream to a device, copied from one of the seeds."""
        model = next(row for row in SEEDS["streams"] if row["slug"] == like)
        home = self.project(device["project"] if device else model["project"])
        assert home is not None
        _, _, _, variable = like.split("--")
        gid = device["gid"] if device else "0000-0000-0000-0000"
        slug = f"s--{home['gid']}--{gid}--{variable}"
        row = {
            **deepcopy(model),
            "id": identity(slug),
            "slug": slug,
            "device": device and device["slug"],
            "project": home["slug"],
            "project_id": home["id"],
            "org": home["org"],
            "variable": f"v--{home['gid']}--{variable}",
            **more,
        }
        self.streams.append(row)
        return row

    def streamer(self, device: Json, index: int = 0, selector: int = 0x57FF) -> Json:
        """Return the streamer that receives reports of a device; the first call creates it."""
        slug = f"t--{device['gid']}--{index:04x}"
        for row in self.streamers:
            if row["slug"] == slug:
                return row
        row = {
            **deepcopy(SEEDS["streamer"]),
            "id": len(self.streamers) + 1,
            "slug": slug,
            "device": device["slug"],
            "index": index,
            "last_id": 0,
            "process_engine_ver": self.engines.get(device["slug"], 0),
            "selector": selector,
        }
        self.streamers.append(row)
        return row

    def move(self, slug: str, project: str) -> None:
        """Move a device to another project; its streams get new slugs."""
        device, home = self.device(slug), self.project(project)
        assert device is not None
        assert home is not None
        device["project"] = home["id"]
        old = [row for row in self.streams if row["device"] == slug]
        for row in old:
            self.streams.remove(row)
            if any(seed["slug"] == row["slug"] for seed in SEEDS["streams"]):
                self.add_stream(row["slug"], device)


def house(clock: VirtualClock, *, days: int = DAYS) -> World:
    """Return the world of the captures, with the given number of days of hourly points."""
    world = World(clock)
    world.users = [
        User(
            2,
            "owner",
            "owner@example.com",
            "owner-Pass-1",
            "0123456789abcdef" * 2 + "01234567",
        ),
        User(3, "member", "member@example.com", "member-Pass-1", "a1" * 20, role="m1"),
        User(
            4,
            "operator",
            "operator@example.com",
            "operator-Pass-1",
            "b2" * 20,
            role="r1",
        ),
        User(
            5,
            "stranger",
            "stranger@example.com",
            "stranger-Pass-1",
            "c3" * 20,
            org="other-org",
        ),
        User(
            6,
            "inactive",
            "inactive@example.com",
            "inactive-Pass-1",
            "d4" * 20,
            active=False,
        ),
    ]
    world.orgs = [
        deepcopy(SEEDS["org"]),
        {**deepcopy(SEEDS["org"]), "slug": "other-org", "name": "Other Org"},
    ]
    world.projects = deepcopy(SEEDS["projects"])
    foreign = {
        **deepcopy(SEEDS["projects"][0]),
        "id": identity("p--0000-0007"),
        "name": "Foreign",
        "slug": "p--0000-0007",
        "gid": "0000-0007",
        "org": "other-org",
    }
    world.projects.append(foreign)
    world.devices = deepcopy(SEEDS["devices"])
    world.streams = deepcopy(SEEDS["streams"])
    world.variables = [*deepcopy(SEEDS["variables"]), *_variables(world)]
    world.templates = deepcopy(SEEDS["templates"])
    world.properties = deepcopy(SEEDS["properties"])
    world.statuses = {row["slug"]: deepcopy(SEEDS["status"]) for row in world.devices}
    world.locations = [deepcopy(SEEDS["location"])]
    world.notes = [deepcopy(SEEDS["note"])]
    world.engines = {"d--0000-0000-0000-00a0": 2, "d--0000-0000-0000-1234": 2}
    stranger = world.add_device(0x9999, "Not ours", "p--0000-0007")
    world.add_stream("s--0000-0005--0000-0000-0000-0097--5001", stranger)
    _history(world, days)
    return world


def _variables(world: World) -> Iterable[Json]:
    known = {row["slug"] for row in SEEDS["variables"]}
    for row in world.streams:
        if row["variable"] not in known:
            known.add(row["variable"])
            yield {
                **deepcopy(SEEDS["variables"][0]),
                "id": identity(row["variable"]),
                "name": row["var_name"],
                "lid": row["var_lid"],
                "var_type": row["var_type"],
                "input_unit": row["input_unit"],
                "output_unit": row["output_unit"],
                "project": row["project_id"],
                "app_only": f"{row['var_lid']:04x}".startswith("10"),
                "slug": row["variable"],
            }


def _history(world: World, days: int) -> None:
    """Add uploads of the captured devices until the last full hour."""
    last = world.clock.now() // HOUR * HOUR
    hours = days * 24
    home = "s--0000-0005--0000-0000-0000-"
    garden = "s--0000-0006--0000-0000-0000-"
    for index in range(hours):
        moment = last - (hours - 1 - index) * HOUR
        at, hour = {"local_id": 1000 + index, "device_time": index * HOUR}, index % 24
        wave = math.sin(2 * math.pi * hour / 24)
        used = max(0, round(8 + 8 * wave))
        world.add(f"{home}0097--5001", moment, used, **at)
        world.add(f"{home}0097--5002", moment, 3 if 6 <= hour < 22 else 0, **at)
        world.add(f"{home}00a0--500f", moment, round(2014 - 100 * wave), **at)
        world.add(f"{home}00a0--5024", moment, round(1480 - 50 * wave), **at)
        world.add(f"{garden}0111--5003", moment, 2400 + round(100 * wave), **at)
        world.add(f"{garden}0111--500f", moment, round(12000 + 3000 * wave), **at)
        world.add(f"{garden}0111--5010", moment, 350_000 + 1000 * hour, **at)
        world.add(f"{garden}0222--5005", moment, round(1800 + 200 * wave), **at)
        if not index % 6:
            world.add(f"{home}0097--5800", moment, 199_530 - 20 * index, **at)
    world.add(f"{home}0097--5c00", last - 5 * 24 * HOUR, 1, local_id=1)
    world.add(f"{home}0097--5c00", last - 2 * HOUR, 1, local_id=2)
    for ago, raw in ((2, 4294966834), (1, 2150)):
        world.add(f"{home}1234--5023", last - ago * HOUR, raw, local_id=5100 + ago)
    for number, axis in enumerate("xyz"):
        world.add_event(
            f"{home}1234--5020",
            last - (3 - number) * HOUR,
            {"axis": axis, "peak": 12.5 + number, "duration": 4.2},
            5000 + number,
        )
