"""Captures of DLMS pushes, and their expected results."""

import json
from pathlib import Path
from typing import Any

from custom_components.junction.backends.dsmr.client.dlms.decoder import DlmsDecoder
from custom_components.junction.backends.dsmr.client.dlms.models import ClockTime, Push
from custom_components.junction.backends.dsmr.client.encryption import Keys, parse_keys

FOLDER = Path(__file__).parents[4] / "fixtures" / "dlms"
NAMES = sorted(path.stem for path in FOLDER.glob("*.hex"))


def wire(name: str) -> bytes:
    """Return the bytes of a capture as they came from the port."""
    return bytes.fromhex((FOLDER / f"{name}.hex").read_text(encoding="ascii"))


def expected(name: str) -> dict[str, Any]:
    """Return the expected result of a capture."""
    found: dict[str, Any] = json.loads(
        (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    )
    return found


def keys_of(name: str) -> Keys | None:
    """Return the keys of a capture; None when it is not encrypted."""
    told = expected(name)
    return parse_keys(told.get("encryption_key"), told.get("authentication_key"))


def decode(data: bytes, keys: Keys | None = None, size: int = 0) -> list[Push]:
    """Return the pushes in data, fed in pieces of a size or at once."""
    decoder = DlmsDecoder(keys)
    size = size or max(1, len(data))
    found: list[Push] = []
    for at in range(0, len(data), size):
        pushes = decoder.feed(data[at : at + size], at / 11520)
        found += [one for one in pushes if isinstance(one, Push)]
    return found


def told_time(time: ClockTime | None, utc: str | None) -> dict[str, Any] | None:
    """Return a time in the form of the expected results.

    ``utc`` comes from the expected result: whether the deviation is correct depends on the
    manufacturer.
    """
    if time is None:
        return None
    return {
        "local": time.local.isoformat(),
        "deviation_minutes": time.deviation,
        "status": time.status,
        "utc": f"{time.utc.isoformat()}Z" if utc and time.utc else None,
    }
