"""Selectors of services.yaml."""

from pathlib import Path
from typing import Any, Final

import yaml

_FILE = Path(__file__).parents[1] / "custom_components" / "junction" / "services.yaml"

WRITTEN: Final[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def without_sections(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an action as they are sent: sections are for the eye."""
    flat: dict[str, Any] = {}
    for name, about in fields.items():
        flat |= about.get("fields", {name: about})
    return flat


ACTIONS: Final[dict[str, Any]] = {
    action: {**about, "fields": without_sections(about.get("fields", {}))}
    for action, about in WRITTEN.items()
}


def domains(filters: Any) -> set[str]:
    """Return the domains that a filter lets through; all of it is of Junction."""
    found: set[str] = set()
    for one in filters if isinstance(filters, list) else [filters]:
        assert one["integration"] == "junction"
        domain = one["domain"]
        found |= {domain} if isinstance(domain, str) else set(domain)
    return found
