"""Sections of forms."""

from collections.abc import Mapping
from typing import Any

from homeassistant.data_entry_flow import section
import probatio as vol


def expand_sections(
    schema: vol.Schema, filled: Mapping[str, Any] | None, wrong: str = ""
) -> vol.Schema:
    """Return a form whose sections are expanded if they hold input.

    A form that is shown again with an error then shows every field that may be wrong.
    Sections with nothing but defaults stay collapsed; ``wrong`` is always expanded.
    """
    entered = filled or {}
    return vol.Schema(
        {
            marker: section(value.schema, {"collapsed": False})
            if isinstance(value, section)
            and (str(marker) == wrong or _changed(value, entered.get(str(marker))))
            else value
            for marker, value in schema.schema.items()
        }
    )


def _changed(part: section, entered: Mapping[str, Any] | None) -> bool:
    suggested = {
        str(marker): marker.default()
        for marker in part.schema.schema
        if callable(marker.default)
    }
    return any(
        value not in ("", suggested.get(name))
        for name, value in (entered or {}).items()
    )
