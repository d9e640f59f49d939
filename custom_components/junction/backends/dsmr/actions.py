"""Actions of P1 meters, which have no API."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.util.json import JsonObjectType

from ...errors import CallerError
from .. import call_api


class NoApiError(CallerError):
    """A meter has no API; a DSMR-reader that receives its telegrams has an entry of its own."""

    key = "call_no_api"


async def _call(backend: object, fields: Mapping[str, Any]) -> JsonObjectType:
    raise NoApiError


ACTIONS: Final = (call_api.action("P1", None, _call),)
