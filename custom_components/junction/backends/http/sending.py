"""Headers and fields as they can be sent, and requests that are sent once."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from .errors import InvalidHeaderError


def sendable(headers: dict[str, str]) -> dict[str, str]:
    """Return headers that can be sent. Raises InvalidHeaderError."""
    if all(value.isprintable() for value in headers.values()):
        return headers
    raise InvalidHeaderError


class _LostError(aiohttp.ClientError):
    """A broken connection, in a form that aiohttp does not repeat the request for."""


async def send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating PUT and DELETE on its own when a connection was dead.

    Whether a request may be sent twice is for the caller to say. aiohttp takes this in
    place of the session's own middlewares; Home Assistant's sessions have none.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as err:
        raise _LostError from err


def plain(fields: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return form or query fields as pairs of texts."""
    return [
        (name, str(part).lower() if isinstance(part, bool) else str(part))
        for name, value in (fields or {}).items()
        for part in (value if isinstance(value, list | tuple) else (value,))
        if part is not None
    ]
