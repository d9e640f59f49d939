"""Recognize an installation by what it has, where it has no id of its own.

Gateways on boards that they do not know have neither MAC nor serial number. On the wire:
docs/protocols/openmotics.md#facts-found-by-running-the-gateway.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256
import re
from typing import Final

from .models import Configuration

SAME: Final = 0.5
"""Share of what both have from which two installations are the same one."""
MOST: Final = 200
"""Marks that are kept of an installation."""

_NOBODY: Final = frozenset(
    {"none", "null", "unknown", "n/a", "na", "not specified", "default string"}
)
_MAC: Final = re.compile(r"[0-9a-f]{12}")


def lasting_mac(mac: str | None) -> str | None:
    """Return a MAC as ``00:11:22:aa:bb:cc``, None for one that identifies nothing.

    That are those of loopback (only zeros), of everybody and of groups, and those of
    containers (02:42), which are made of an IP address.
    """
    plain = re.sub(r"[^0-9a-z]", "", (mac or "").lower())
    if not _MAC.fullmatch(plain) or not plain.strip("0") or plain.startswith("0242"):
        return None
    if int(plain[:2], 16) & 1:
        return None
    return ":".join(plain[i : i + 2] for i in range(0, 12, 2))


def lasting_serial(serial: str | None) -> str | None:
    """Return a serial number, None for a text that stands for none."""
    plain = (serial or "").strip()
    if plain.lower() in _NOBODY or len(set(plain.lower()) - {"0", "-", " "}) < 2:
        return None
    return plain


def marks_of(configuration: Configuration) -> list[str]:
    """Return marks of what an installation has: hashes of ids and names."""
    named: Iterable[tuple[str, object, str]] = (
        *(("output", one.id, one.name) for one in configuration.outputs),
        *(("input", one.id, one.name) for one in configuration.inputs),
        *(("shutter", one.id, one.name) for one in configuration.shutters),
        *(("sensor", one.key, one.name) for one in configuration.sensors),
        *(("thermostat", one.id, one.name) for one in configuration.thermostats),
        *(("action", one.id, one.name) for one in configuration.actions),
    )
    return sorted(
        sha256(f"{kind}/{number}/{name}".encode()).hexdigest()[:12]
        for kind, number, name in named
        if name
    )[:MOST]


def same_house(known: Collection[str], found: Collection[str]) -> bool:
    """Return whether marks are those of one installation, some of it renamed at most."""
    both = len(set(known) & set(found))
    return both > 0 and both >= SAME * max(len(known), len(found))
