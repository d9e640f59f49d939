"""Actions for OpenMotics."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from homeassistant.util.json import JsonObjectType
import probatio as vol

from .. import call_api
from .client import Gateway
from .client.calls import judge_action, judge_cloud

_OF_GATEWAY: Final = ("function", "parameters")
_OF_CLOUD: Final = ("method", "path", "query", "body")


class Target(Protocol):
    """What the actions need of the backend."""

    @property
    def gateway(self) -> Gateway:
        """The client."""

    @property
    def has_functions(self) -> bool:
        """Whether the gateway's own functions are called; else paths of the cloud."""

    def refresh(self, *, everything: bool) -> None:
        """Read the states soon, or everything."""


async def _call(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    if backend.has_functions:
        call_api.check_fields(fields, "OpenMotics", _OF_GATEWAY)
        call_api.check_needs(fields, "function")
        name, parameters = fields["function"], fields.get("parameters", {})
        judgement = judge_action(name, parameters)
        call_api.permit(judgement, name, fields)
        request = backend.gateway.whole_answer(name, parameters)
    else:
        call_api.check_fields(fields, "OpenMotics Cloud", _OF_CLOUD)
        call_api.check_needs(fields, "path")
        method, body = call_api.method_of(fields), fields.get("body")
        path = call_api.below(fields["path"], "api/v1.1")
        judgement = judge_cloud(method, path, body)
        call_api.permit(judgement, f"{method} {path}", fields)
        request = backend.gateway.request(method, path, fields.get("query"), body)
    try:
        answer = await request
    finally:
        # What failed may have been carried out all the same.
        if judgement.changes:
            backend.refresh(everything=judgement.obstacle is not None)
    return call_api.reply(answer, fields)


CALL_API: Final = call_api.action(
    "OpenMotics",
    {
        vol.Optional("function"): vol.All(str, vol.Match(r"^\w{1,64}$")),
        vol.Optional("parameters"): vol.All({str: object}, call_api.small_body),
        **call_api.REST,
    },
    _call,
)
ACTIONS: Final = (CALL_API,)
