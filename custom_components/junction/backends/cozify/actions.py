"""Actions of Cozify."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.util.json import JsonObjectType
import probatio as vol

from ...errors import CallerError
from .. import call_api
from ..verdict import COMMANDS, CONFIGURES, LOGS_IN, READS
from .client import CloudApi, HubApi, Keys
from .client.calls import Effect, cloud_effect, hub_effect

HUB: Final = "hub"
CLOUD: Final = "cloud"

_JUDGEMENTS: Final = {
    Effect.NONE: READS,
    Effect.COMMAND: COMMANDS,
    Effect.CONFIGURES: CONFIGURES,
    Effect.LOGIN: LOGS_IN,
}


class Target(Protocol):
    """The part of the backend that the actions use."""

    api: HubApi
    cloud: CloudApi
    keys: Keys

    def refresh(self) -> None:
        """Read everything soon, after a change."""


async def _call(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    method, path = call_api.method_of(fields), fields.get("path", "")
    body = fields.get("body")
    if (command := fields.get("command")) is not None:
        if fields["target"] == CLOUD:
            raise CallerError("cloud", field="command")
        method, path = "PUT", "devices/command"
        body = command if isinstance(command, list) else [command]
    to_hub = fields["target"] == HUB
    effect = hub_effect(method, path, body) if to_hub else cloud_effect(method, path)
    judgement = _JUDGEMENTS[effect]
    options = {"params": fields.get("query"), "json": body}
    token = backend.keys.tokens.cloud
    return await call_api.execute(
        judgement,
        f"{method} {path}",
        fields,
        partial(backend.api.request, method, path, **options)
        if to_hub
        else partial(backend.cloud.call, method, path, token, **options),
        backend.refresh,
    )


CALL_API: Final = call_api.action(
    "Cozify",
    {
        vol.Optional("target", default=HUB): vol.In((HUB, CLOUD)),
        **call_api.REST,
        vol.Optional("command"): vol.All(vol.Any(dict, [dict]), call_api.small_body),
    },
    _call,
    one_of=(("path", "command"),),
)
ACTIONS: Final = (CALL_API,)
