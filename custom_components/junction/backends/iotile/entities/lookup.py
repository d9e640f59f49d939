"""Find streams by entity or slug, and convert values to the unit of their sensor."""

from typing import Final

from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from ....const import DOMAIN
from ..client.errors import NoStreamError, UnknownStreamError, WrongUnitError
from ..client.models import Stream
from ..client.slugs import stream_slug
from .description import PointDescription
from .inventory import Inventory
from .units import Convert, meaning

_ENTITY: Final = "."
_DIGITS: Final = 3
"""Maximum decimals of sensors with a known unit."""


def point_of(
    hass: HomeAssistant, inventory: Inventory, entity_id: str
) -> PointDescription:
    """Return the point of an entity that shows a stream.

    Raises NoStreamError.
    """
    entity = er.async_get(hass).async_get(entity_id)
    for found in inventory.points:
        key = "/".join(found.point.key)
        if entity and found.stream and entity.unique_id.endswith(f"/{key}"):
            return found
    raise NoStreamError(entity=entity_id)


def listed_stream(
    hass: HomeAssistant, inventory: Inventory, named: str
) -> tuple[str, Stream | None]:
    """Return the slug of a stream, and the stream if it is listed.

    ``named`` is a slug in any form, or an entity. Raises BadSlugError and
    NoStreamError.
    """
    if _ENTITY in named:
        stream = point_of(hass, inventory, named).stream
        assert stream is not None  # only points with a stream are offered
        return stream.slug, stream
    slug = stream_slug(named)
    return slug, inventory.state.listing.find(slug)


def stream_of(hass: HomeAssistant, inventory: Inventory, named: str) -> Stream:
    """Return a listed stream.

    Raises BadSlugError, NoStreamError, and UnknownStreamError.
    """
    _, stream = listed_stream(hass, inventory, named)
    if stream is None:
        raise UnknownStreamError(stream=named)
    return stream


def in_sensors_unit(
    hass: HomeAssistant, inventory: Inventory, stream: Stream
) -> tuple[str, Convert]:
    """Return the unit of a stream's sensor, and a function that converts stored values to it."""
    means = meaning(stream)
    native, unit = means.native(stream), means.unit or ""
    shown = _unit_shown(hass, inventory, stream) or unit
    converter = UNIT_CONVERTERS.get(means.device_class) if means.device_class else None
    if shown == unit or converter is None:
        return str(unit), native
    try:
        convert = converter.converter_factory(unit, shown)
    except HomeAssistantError:
        return unit, native
    return str(shown), lambda stored: convert(native(stored))


def as_sensor_shows(
    hass: HomeAssistant, inventory: Inventory, stream: Stream
) -> tuple[str, Convert, int]:
    """Return the unit of a stream's sensor, its conversion, and the digits to round to."""
    unit, convert = in_sensors_unit(hass, inventory, stream)
    return unit, convert, max(_DIGITS, meaning(stream).own_decimals or 0)


def _unit_shown(
    hass: HomeAssistant, inventory: Inventory, stream: Stream
) -> str | None:
    registry = er.async_get(hass)
    for found in inventory.points:
        if found.stream is None or found.stream.slug != stream.slug:
            continue
        if found.point.platform is not Platform.SENSOR or found.derived:
            continue
        suffix = "/".join(found.point.key)
        unique_id = f"{inventory.unique_id}/{suffix}"
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        if entity_id is None:
            continue
        if (state := hass.states.get(entity_id)) is not None:
            unit: str | None = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
            return unit
        return registry.entities[entity_id].unit_of_measurement
    return None


def to_display_unit(stream: Stream, value: float, unit: str) -> float:
    """Return a value in any unit as one in the server's display unit of a stream.

    Raises WrongUnitError if the units are incompatible.
    """
    means = meaning(stream)
    if unit in (stream.unit, ""):
        return value
    converter = UNIT_CONVERTERS.get(means.device_class) if means.device_class else None
    native = value
    if unit != means.unit:
        if converter is None or means.unit is None:
            raise WrongUnitError(stream=stream.name, unit=unit)
        try:
            native = converter.convert(value, unit, means.unit)
        except HomeAssistantError:
            raise WrongUnitError(stream=stream.name, unit=unit) from None
    return means.display(stream, native)


def from_display_unit(stream: Stream, value: float, unit: str) -> float:
    """Convert back from ``to_display_unit``, to a compatible unit."""
    means = meaning(stream)
    if unit in (stream.unit, ""):
        return value
    native = means.from_display(stream, value)
    if unit == means.unit or means.device_class is None or means.unit is None:
        return native
    return UNIT_CONVERTERS[means.device_class].convert(native, means.unit, unit)
