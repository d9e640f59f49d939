"""Topology, snapshot, and delta: what a backend reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from ..cleaning import clean_id, clean_line
from .point import Point, PointKey, clean_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """A device as in the registry; ``via`` is the id of its parent device.

    Either ``name`` (given by the user in the backend) or ``translation_key`` is set.
    ``subentry`` is the config subentry to which the device belongs, if any.
    """

    id: str
    name: str | None = None
    translation_key: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    serial_number: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    configuration_url: str | None = None
    connections: frozenset[tuple[str, str]] = frozenset()
    suggested_area: str | None = None
    via: str | None = None
    service: bool = False
    subentry: str | None = None

    def __post_init__(self) -> None:
        """Clean all texts, and drop values that the registry would refuse."""

        def keep(name: str, value: object) -> None:
            if value != getattr(self, name):
                object.__setattr__(self, name, value)

        keep("id", clean_id(self.id))
        if self.via is not None:
            keep("via", clean_id(self.via))
        for name in _LINES:
            if (text := getattr(self, name)) is not None:
                keep(name, clean_line(text) or None)
        if self.placeholders:
            keep("placeholders", clean_lines(self.placeholders))
        if self.connections:
            keep(
                "connections",
                frozenset(
                    (kind, clean_line(value)) for kind, value in self.connections
                ),
            )
        if self.configuration_url is not None and not _is_url(self.configuration_url):
            keep("configuration_url", None)


_LINES: Final = (
    "name",
    "manufacturer",
    "model",
    "model_id",
    "serial_number",
    "sw_version",
    "hw_version",
    "suggested_area",
)


def _is_url(text: str) -> bool:
    """Return whether the registry accepts a URL."""
    try:
        url = urlsplit(text)
        host = url.hostname
    except ValueError:
        return False
    if not text.isprintable() or len(text) > _LONGEST_URL:
        return False
    return url.scheme in ("http", "https", "homeassistant") and bool(host)


_LONGEST_URL: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """All devices and points.

    Passing the same object again means that nothing changed. ``complete`` means that
    everything else is gone; otherwise nothing is removed.
    """

    devices: tuple[DeviceSpec, ...] = ()
    points: tuple[Point[Any], ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All states: a point without a state is unavailable.

    ``offline`` holds the ids of devices that do not respond.
    """

    topology: Topology
    states: Mapping[PointKey, object]
    offline: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Changed states. ``devices`` maps a device id to whether it responds now."""

    states: Mapping[PointKey, object] = field(default_factory=dict)
    devices: Mapping[str, bool] = field(default_factory=dict)
    topology: Topology | None = None


def changed_keys(
    old: Mapping[PointKey, object], new: Mapping[PointKey, object]
) -> Iterable[PointKey]:
    """Yield the keys whose state differs, removed ones included."""
    if old == new:
        return
    for key, state in new.items():
        if key not in old or old[key] != state:
            yield key
    yield from (key for key in old if key not in new)
