"""Recognize an installation by its configuration if it has no id.

Gateways on boards that they do not recognize have neither MAC address nor serial
number. Protocol: docs/protocols/openmotics.md#facts-found-by-running-the-gateway.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256
import re
from typing import Final

from .models import Configuration

SAME: Final = 0.5
"""Minimum share of common marks for two installations to be the same one."""
MOST: Final = 200
"""Maximum number of marks stored for an installation."""

_NOBODY: Final = frozenset(
    {"none", "null", "unknown", "n/a", "na", "not specified", "default string"}
)
_MAC: Final = re.compile(r"[0-9a-f]{12}")


def lasting_mac(mac: str | None) -> str | None:
    """Return a MAC as ``00:11:22:aa:bb:cc``, None for one that identifies nothing.

    Those are loopback (all zeros), broadcast, and multicast addresses, and those of
    containers (02:42), which are derived from an IP address.
    """
    plain = re.sub(r"[^0-9a-z]", "", (mac or "").lower())
    if not _MAC.fullmatch(plain) or not plain.strip("0") or plain.startswith("0242"):
        return None
    if int(plain[:2], 16) & 1:
        return None
    return ":".join(plain[i : i + 2] for i in range(0, 12, 2))


def lasting_serial(serial: str | None) -> str | None:
    """Return a serial number, None for a placeholder."""
    plain = (serial or "").strip()
    if plain.lower() in _NOBODY or len(set(plain.lower()) - {"0", "-", " "}) < 2:
        return None
    return plain


def marks_of(configuration: Configuration) -> list[str]:
    """Return marks of an installation: hashes of ids and names."""
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
    """Return whether two sets of marks belong to one installation, allowing some renames."""
    both = len(set(known) & set(found))
    return both > 0 and both >= SAME * max(len(known), len(found))
