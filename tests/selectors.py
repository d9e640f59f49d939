"""What the selectors of services.yaml offer."""

from pathlib import Path
from typing import Any, Final

import yaml

_FILE = Path(__file__).parents[1] / "custom_components" / "junction" / "services.yaml"

ACTIONS: Final[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def domains(filters: Any) -> set[str]:
    """Return the domains that a filter lets through; all of it is of Junction."""
    found: set[str] = set()
    for one in filters if isinstance(filters, list) else [filters]:
        assert one["integration"] == "junction"
        domain = one["domain"]
        found |= {domain} if isinstance(domain, str) else set(domain)
    return found
