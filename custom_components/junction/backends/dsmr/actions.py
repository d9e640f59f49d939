"""Actions for P1 meters, which have nothing to call."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.util.json import JsonObjectType

from ...errors import CallerError
from .. import call_api


class NoApiError(CallerError):
    """A meter only sends; what receives its telegrams is an installation of its own."""

    key = "call_no_api"


async def _call(backend: object, fields: Mapping[str, Any]) -> JsonObjectType:
    raise NoApiError


ACTIONS: Final = (call_api.action("P1", None, _call),)
