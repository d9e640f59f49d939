"""Validate headers and form fields, and send requests only once."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from .errors import InvalidHeaderError


def sendable(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers if they can be sent. Raises InvalidHeaderError."""
    if all(value.isprintable() for value in headers.values()):
        return headers
    raise InvalidHeaderError


class _LostError(aiohttp.ClientError):
    """A broken connection, as an error for which aiohttp does not repeat the request."""


async def send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating PUT and DELETE itself after a dead connection.

    The caller decides whether a request may be repeated. This middleware replaces those
    of the session; Home Assistant's sessions have none.
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
