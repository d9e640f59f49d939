"""Secrets in forms: never sent to the browser, and kept if left empty."""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import TextSelector, TextSelectorType
import probatio as vol


def is_secret(field: object) -> bool:
    """Return whether a field of a form hides its input."""
    return (
        isinstance(field, TextSelector)
        and field.config.get("type") == TextSelectorType.PASSWORD
    )


def secret_names(schema: vol.Schema) -> Iterator[str]:
    """Yield the names of all secret fields, those in sections included."""
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            yield from secret_names(field.schema)
        elif is_secret(field):
            yield str(marker)


def without_secrets(schema: vol.Schema, known: Mapping[str, str]) -> vol.Schema:
    """Return a schema that suggests no secret, and does not require ``known`` ones."""
    fields: dict[Any, Any] = {}
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            inner = without_secrets(field.schema, known)
            fields[marker] = section(inner, field.options)
        elif is_secret(field):
            optional = str(marker) in known or isinstance(marker, vol.Optional)
            kind = vol.Optional if optional else vol.Required
            fields[kind(str(marker))] = field
        else:
            fields[marker] = field
    return vol.Schema(fields, extra=schema.extra, required=schema.required)


def with_secrets(
    schema: vol.Schema, typed: Mapping[str, Any], known: Mapping[str, str]
) -> dict[str, Any]:
    """Return the input of a form, with ``known`` values for secrets that were left empty."""
    full = dict(typed)
    for marker, field in schema.schema.items():
        name = str(marker)
        if isinstance(field, section):
            full[name] = with_secrets(field.schema, typed.get(name, {}), known)
        elif is_secret(field) and not str(typed.get(name, "")).strip():
            full.pop(name, None)
            if name in known:
                full[name] = known[name]
    return full


def secrets_of(schema: vol.Schema, filled: Mapping[str, Any]) -> dict[str, str]:
    """Return the secrets of a form or an entry, by field name."""
    names = set(secret_names(schema))
    parts = [filled, *(part for part in filled.values() if isinstance(part, Mapping))]
    return {
        name: value
        for part in parts
        for name, value in part.items()
        if name in names and isinstance(value, str) and value
    }
