"""Actions of OpenMotics."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.util.json import JsonObjectType
import probatio as vol

from ...model import PointKey
from .. import call_api
from ..base import Access, Action
from .client import Gateway
from .client.calls import judge_action, judge_cloud
from .client.models import Day
from .entities.thermostats import thermostat_point

_OF_GATEWAY: Final = ("function", "parameters")
_OF_CLOUD: Final = tuple(map(str, call_api.REST))


class Target(Protocol):
    """The part of the backend that the actions use."""

    @property
    def gateway(self) -> Gateway:
        """Return the client."""

    @property
    def has_functions(self) -> bool:
        """Return whether the gateway's own functions are used, not paths of the cloud."""

    def refresh(self, *, everything: bool) -> None:
        """Read the states soon, or everything."""

    def entity_of(self, key: PointKey) -> str | None:
        """Return the entity id of a climate point, or None."""


async def _call(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    if backend.has_functions:
        call_api.check_fields(fields, "OpenMotics", _OF_GATEWAY)
        call_api.check_needs(fields, "function")
        name, parameters = fields["function"], fields.get("parameters", {})
        judgement = judge_action(name, parameters)
        request = partial(backend.gateway.call_with_headers, name, parameters)
    else:
        call_api.check_fields(fields, "OpenMotics Cloud", _OF_CLOUD)
        call_api.check_needs(fields, "path")
        method, body = call_api.method_of(fields), fields.get("body")
        path = call_api.below(fields["path"], "api/v1.1")
        judgement = judge_cloud(method, path, body)
        name = f"{method} {path}"
        request = partial(
            backend.gateway.request, method, path, fields.get("query"), body
        )
    return await call_api.execute(
        judgement,
        name,
        fields,
        request,
        partial(backend.refresh, everything=judgement.obstacle is not None),
    )


async def _get_schedules(backend: Target, _fields: Mapping[str, Any]) -> JsonObjectType:
    """Return the weekly schedule of each thermostat that has an entity."""
    found: JsonObjectType = {}
    for number, ways in (await backend.gateway.schedules()).items():
        entity = backend.entity_of(thermostat_point(number))
        if entity is not None:
            found[entity] = {
                way: {day: _as_dict(row) for day, row in days.items()}
                for way, days in ways.items()
            }
    return {"thermostats": found}


def _as_dict(day: Day) -> JsonObjectType:
    return {
        "night": day.night,
        "periods": [
            {"start": one.start, "end": one.end, "temperature": one.temperature}
            for one in day.periods
        ],
    }


CALL_API: Final = call_api.action(
    "OpenMotics",
    {
        vol.Optional("function"): vol.All(str, vol.Match(r"^\w{1,64}$")),
        vol.Optional("parameters"): vol.All({str: object}, call_api.small_body),
        **call_api.REST,
    },
    _call,
)
ACTIONS: Final = (
    CALL_API,
    Action(
        name="get_thermostat_schedules",
        schema={},
        handler=_get_schedules,
        access=Access.READ,
    ),
)
