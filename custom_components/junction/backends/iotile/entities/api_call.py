"""Action ``junction.call_api`` for IOTile Cloud."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.util.json import JsonObjectType

from ... import call_api
from ..client.api import IOTileClient
from ..client.calls import judge


class Target(Protocol):
    """The part of the backend that the action uses."""

    client: IOTileClient

    def refresh(self) -> None:
        """Read everything soon, after a change."""


async def _call(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    method, body = call_api.method_of(fields), fields.get("body")
    path = call_api.below(fields["path"], "api/v1")
    judgement = judge(method, path)
    return await call_api.execute(
        judgement,
        f"{method} {path}",
        fields,
        partial(backend.client.request, method, path, fields.get("query"), body),
        backend.refresh,
    )


CALL_API: Final = call_api.action("IOTile Cloud", call_api.REST, _call, needs=("path",))
