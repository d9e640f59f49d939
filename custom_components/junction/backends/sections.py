"""Sections of forms."""

from collections.abc import Mapping
from typing import Any

from homeassistant.data_entry_flow import section
import probatio as vol


def unfold(schema: vol.Schema, filled: Mapping[str, Any] | None) -> vol.Schema:
    """Return a form whose sections are expanded if they hold input.

    A form that is shown again with an error then shows every field that may be wrong.
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
