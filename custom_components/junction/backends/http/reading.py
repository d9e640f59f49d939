"""Read the body of an answer, up to a size limit."""

from http import HTTPStatus
from typing import Final

import aiohttp

from .errors import AnswerTooLargeError
from .translate import EXCEPTIONS

# Error pages are cut at this size in bytes.
_MAX_ERROR_BODY: Final = 64 * 1024


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read the body; the limit applies to its decompressed size.

    The body of an error is cut, because its status says more. Raises
    AnswerTooLargeError for more than ``limit`` bytes, and what aiohttp raises.
    """
    if failed := response.status >= HTTPStatus.BAD_REQUEST:
        limit = min(limit, _MAX_ERROR_BODY)
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > limit:
                response.close()
                if not failed:
                    raise AnswerTooLargeError(limit)
                return bytes(body[:limit])
    except EXCEPTIONS:
        response.close()
        if not failed:
            raise
    return bytes(body)
