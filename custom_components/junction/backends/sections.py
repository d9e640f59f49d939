"""Sections of forms."""

from collections.abc import Mapping
from typing import Any

from homeassistant.data_entry_flow import section
import probatio as vol


def unfold(schema: vol.Schema, filled: Mapping[str, Any] | None) -> vol.Schema:
    """Return a form whose sections are open where something was entered.

    A form that comes back with an error shows everything that may be wrong.
    """
    entered = filled or {}
    return vol.Schema(
        {
            marker: section(value.schema, {"collapsed": False})
            if isinstance(value, section) and entered.get(str(marker))
            else value
            for marker, value in schema.schema.items()
        }
    )
