"""Validate the fields of actions, with errors in the user's language."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any, Final, Never

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import probatio as vol

from .backends.base import Action, WrongValueError
from .cleaning import MAX_DEPTH, MAX_INTEGER, clean_text, is_deep
from .const import ATTR_ENTRY, DOMAIN
from .devices import own_id
from .moments import EARLIEST, LATEST, utc_in_range

type _Validator = Callable[[dict[str, Any]], Any]

# What validators raise for numbers and times that are out of range.
_WILD = (ArithmeticError, ValueError, TypeError)

# Signs that show the limits of a validator in any language.
_SIGNS: Final = {
    "range_min": "≥",
    "range_max": "≤",
    "range_min_exclusive": ">",
    "range_max_exclusive": "<",
}

# Maximum length of a wrong value in a message, in characters.
_SHOWN: Final = 60


def _refuse(key: str, **placeholders: str) -> Never:
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={
            name: clean_text(text, 255) for name, text in placeholders.items()
        },
    )


def checked(validator: _Validator) -> _Validator:
    """Wrap the validator of an action so that its errors name the field.

    It raises ServiceValidationError where ``validator`` raises Invalid, and for values
    that pass it but cannot be used: numbers that are not finite or longer than 64 bits,
    and times out of range.
    """

    def validate(fields: dict[str, Any]) -> Any:  # noqa: ANN401 - validators return any type
        try:
            found = validator(fields)
        except vol.MultipleInvalid as err:
            _explain(err.errors[0], fields)
        except vol.Invalid as err:
            _explain(err, fields)
        except _WILD:
            field = _field_with_error(validator, fields)
            _refuse("field_invalid", field=field, detail=_short(fields.get(field, "-")))
        return {name: _clean_field(name, value) for name, value in found.items()}

    return validate


def check_fields(action: Action, fields: Mapping[str, Any]) -> None:
    """Check that exactly one field of each group is given. Raises ServiceValidationError."""
    for group in action.one_of:
        if sum(name in fields for name in group) != 1:
            _refuse("fields_one_of", fields=", ".join(group))


def named_entities(
    hass: HomeAssistant, entry_id: str, action: Action, fields: Mapping[str, Any]
) -> list[str]:
    """Return the entities that an action names.

    Raises ServiceValidationError for an entity that does not belong to the entry.
    """
    registry = er.async_get(hass)
    found: list[str] = []
    for name in action.entities:
        for one in _texts(fields.get(name)):
            entity = registry.async_get(one) if "." in one else None
            if entity is not None and entity.config_entry_id == entry_id:
                found.append(entity.entity_id)
            elif "." in one:
                _refuse("foreign_entity", field=name, entity=one)
    return found


def named_devices(
    hass: HomeAssistant, entry_id: str, action: Action, fields: Mapping[str, Any]
) -> dict[str, str]:
    """Return by field what the backend calls the devices that an action names.

    Raises ServiceValidationError for one that is not of the entry.
    """
    entry = hass.config_entries.async_get_known_entry(entry_id)
    found: dict[str, str] = {}
    for name in action.devices:
        if (device := _device(hass, fields.get(name))) is None:
            continue
        if (own := own_id(entry, device)) is None:
            _refuse("foreign_device", field=name, device=_name(device))
        found[name] = own
    return found


def _device(hass: HomeAssistant, given: object) -> dr.DeviceEntry | None:
    if not isinstance(given, str):
        return None
    found = dr.async_get(hass).async_get(given)
    # Home Assistant 2026.11 also has child devices, of which Junction makes none.
    return found if isinstance(found, dr.DeviceEntry) else None


def _name(device: dr.DeviceEntry) -> str:
    return device.name_by_user or device.name or device.id


def _owner(hass: HomeAssistant, device: dr.DeviceEntry) -> str | None:
    """Return the entry of ours whose device this is."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        if own_id(entry, device) is not None:
            return entry.entry_id
    return None


def target_entry(
    hass: HomeAssistant, offers: Collection[Action], fields: Mapping[str, Any]
) -> str:
    """Return the entry of an action: the given one, or that of its entities or devices.

    Raises ServiceValidationError if neither is given, or if the entities or devices
    belong to several entries.
    """
    if ATTR_ENTRY in fields:
        entry_id: str = fields[ATTR_ENTRY]
        return entry_id
    registry = er.async_get(hass)
    meant: str | None = None
    for name in dict.fromkeys(name for offer in offers for name in offer.devices):
        if (device := _device(hass, fields.get(name))) is None:
            continue
        owner = _owner(hass, device)
        if owner is None or (meant is not None and owner != meant):
            _refuse("foreign_device", field=name, device=_name(device))
        meant = owner
    for name in dict.fromkeys(name for offer in offers for name in offer.entities):
        for one in _texts(fields.get(name)):
            if "." not in one:
                continue
            entity = registry.async_get(one.lower())
            owner = None
            if entity is not None and entity.platform == DOMAIN:
                owner = entity.config_entry_id
            if owner is None or (meant is not None and owner != meant):
                _refuse("foreign_entity", field=name, entity=one)
            meant = owner
    if meant is None:
        _refuse("field_missing", field=_missing_target(offers, fields))
    return meant


def _missing_target(offers: Collection[Action], fields: Mapping[str, Any]) -> str:
    """Return the field that is missing where nothing tells the entry."""
    named = [(*offer.devices, *offer.entities) for offer in offers]
    if all(named) and named[0][0] not in fields:
        return named[0][0]
    return ATTR_ENTRY


def _texts(given: object) -> list[str]:
    """Return the texts of a field that holds one, several, or comma-separated texts."""
    found = given if isinstance(given, list | tuple) else [given]
    return [
        part.strip() for one in found if isinstance(one, str) for part in one.split(",")
    ]


def _explain(err: vol.Invalid, fields: Mapping[str, Any]) -> Never:
    # The path of a group's error is the name of the group in angle brackets.
    field = str(err.path[0]).strip("<>") if err.path else "-"
    if isinstance(err, vol.RequiredFieldInvalid):
        _refuse("field_missing", field=field)
    if isinstance(err, vol.ExtraKeysInvalid):
        _refuse("field_unknown", field=field)
    _refuse("field_invalid", field=field, detail=_wrong(err, fields))


def _wrong(err: vol.Invalid, fields: Mapping[str, Any]) -> str:
    """Return the given value and, in signs that need no translation, its allowed range."""
    given: Any = fields
    for step in err.path:
        try:
            given = given[step]
        except LookupError, TypeError:
            # A group of fields has no single value.
            given = "-"
            break
    limits = err.placeholders
    if isinstance(err, WrongValueError):
        return f"{_short(given)} ({err.error_message})"
    match err.translation_key:
        case "range_min" | "range_max" | "range_min_exclusive" | "range_max_exclusive":
            sign = _SIGNS[err.translation_key]
            (limit,) = limits.values()
            return f"{_short(given)} ({sign} {limit})"
        case "value_one_of":
            return f"{_short(given)} ({' | '.join(map(str, limits['values']))})"
        case _:
            return _short(given)


def _short(given: object) -> str:
    """Return a value for a message, cut to a readable length."""
    if isinstance(given, int) and abs(given) > MAX_INTEGER:
        # Python refuses to convert integers of more than some thousand digits to text.
        return f"> {MAX_INTEGER}"
    return str(given)[:_SHOWN]


def _field_with_error(validator: _Validator, fields: Mapping[str, Any]) -> str:
    """Return the field for which a validator raises an error that is not Invalid."""
    for name, value in fields.items():
        try:
            validator({name: value})
        except vol.Invalid:
            continue
        except _WILD:
            return name
    return "-"


def _clean_field(field: str, value: Any) -> Any:  # noqa: ANN401 - any field
    """Return a field's value with clean texts. Raises ServiceValidationError if it is unusable."""
    match value:
        case str():
            return clean_text(value)
        case bool() | None:
            return value
        case int() if abs(value) > MAX_INTEGER:
            _refuse("field_invalid", field=field, detail=f"> {MAX_INTEGER}")
        case float() if not isfinite(value):
            _refuse("field_invalid", field=field, detail=str(value))
        case datetime():
            if utc_in_range(value, dt_util.get_default_time_zone()) is None:
                _refuse("field_invalid", field=field, detail=value.isoformat())
        case date():
            if not EARLIEST.date() <= value < LATEST.date():
                _refuse("field_invalid", field=field, detail=value.isoformat())
        case dict() | list():
            if is_deep(value):
                _refuse("field_invalid", field=field, detail=f"> {MAX_DEPTH}")
            if isinstance(value, list):
                return [_clean_field(field, item) for item in value]
            return {key: _clean_field(field, item) for key, item in value.items()}
        case _:
            pass
    return value
