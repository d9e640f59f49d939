"""Actions for Cozify."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from homeassistant.util.json import JsonObjectType
import probatio as vol

from ...errors import CallerError
from .. import call_api
from ..call_api import Verdict
from .client import CloudApi, HubApi, Keys
from .client.calls import Effect, cloud_effect, hub_effect

HUB: Final = "hub"
CLOUD: Final = "cloud"

_VERDICTS: Final = {
    Effect.NONE: Verdict.FREE,
    Effect.COMMAND: Verdict.FREE,
    Effect.CONFIGURES: Verdict.CONFIRM,
    Effect.LOGIN: Verdict.REFUSED,
}


class Target(Protocol):
    """What the actions need of the backend."""

    api: HubApi
    cloud: CloudApi
    keys: Keys

    def refresh(self) -> None:
        """Read everything soon: something was changed."""


async def _call(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    method, path = fields["method"], fields.get("path", "")
    body = fields.get("body")
    if (command := fields.get("command")) is not None:
        if fields["target"] == CLOUD:
            raise CallerError("cloud", field="command")
        method, path = "PUT", "devices/command"
        body = command if isinstance(command, list) else [command]
    to_hub = fields["target"] == HUB
    effect = hub_effect(method, path, body) if to_hub else cloud_effect(method, path)
    call_api.permit(_VERDICTS[effect], f"{method} {path}", fields)
    options = {"params": fields["query"], "json": body}
    if to_hub:
        answer = await backend.api.request(method, path, **options)
    else:
        answer = await backend.cloud.call(
            method, path, backend.keys.tokens.cloud, **options
        )
    if effect is not Effect.NONE:
        backend.refresh()
    return call_api.reply(answer, fields)


CALL_API: Final = call_api.action(
    {
        vol.Optional("target", default=HUB): vol.In((HUB, CLOUD)),
        **call_api.REST,
        vol.Optional("command"): vol.All(vol.Any(dict, [dict]), call_api.small_body),
    },
    _call,
    one_of=(("path", "command"),),
)
ACTIONS: Final = (CALL_API,)
