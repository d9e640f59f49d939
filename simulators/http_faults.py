"""Faults between a client and an HTTP server, as coroutine functions.

A fault takes a request and its handler, and returns a response in place of the handler's.
``http_server.FaultyServer`` injects faults; those of a server as a whole (refused, restarted,
moved, another certificate) are methods of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
import json
import socket
import struct
from typing import Any

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


def status(
    code: int,
    body: str | bytes = b"",
    *,
    content_type: str = "text/plain",
    headers: Mapping[str, str] | None = None,
) -> Fault:
    """Return a status without running the handler."""
    data = body.encode() if isinstance(body, str) else body

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(
            status=code,
            body=data,
            headers={"Content-Type": content_type, **(headers or {})},
        )

    return fault


def rate_limited(retry_after: str | None = "7", code: int = 429) -> Fault:
    """Return 429 (or 503) with this ``Retry-After``: seconds, a date, or None."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return status(code, "slow down", headers=headers)


def html_page(code: int = 200, title: str = "502 Bad Gateway") -> Fault:
    """Return a web page, as proxies do."""
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><hr>nginx</body></html>\n"
    )
    return status(code, page, content_type="text/html; charset=utf-8")


def redirect(location: str, code: int = 302) -> Fault:
    """Redirect the client."""
    return status(code, headers={"Location": location})


def oversized(size: int) -> Fault:
    """Return a JSON string of that many bytes."""
    return status(200, b'"%s"' % (b"x" * (size - 2)), content_type="application/json")


def delayed(seconds: float) -> Fault:
    """Delay the response."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await handler(request)

    return fault


def hang(*, executed: bool = False) -> Fault:
    """Never respond; the handler runs only if ``executed``."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if executed:
            await handler(request)
        # Cancelled when the client disconnects or the server stops.
        never: asyncio.Future[web.StreamResponse]
        never = asyncio.get_running_loop().create_future()
        return await never

    return fault


def reset(*, executed: bool = False, gently: bool = False) -> Fault:
    """Break the connection instead of responding; the handler runs only if ``executed``.

    ``gently`` closes it with FIN, like a server that shuts down.
    """

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if executed:
            await handler(request)
        _break(request, gently=gently)
        return web.Response()

    return fault


def reset_mid_body() -> Fault:
    """Break the connection half-way through the body."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        original, body = await _answer(request, handler)
        response = await _start(request, original, len(body))
        await response.write(body[: max(1, len(body) // 2)])
        # Give the first half time to arrive before the reset overtakes it.
        await asyncio.sleep(0.05)
        _break(request)
        return response

    return fault


def slow_drip(seconds: float = 0.05) -> Fault:
    """Send the response one byte at a time."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        original, body = await _answer(request, handler)
        response = await _start(request, original, len(body))
        # The client may have given up.
        with suppress(ConnectionError):
            for index in range(len(body)):
                await response.write(body[index : index + 1])
                await asyncio.sleep(seconds)
            await response.write_eof()
        return response

    return fault


def altered(
    change: Callable[[bytes], bytes], *, content_type: str | None = None
) -> Fault:
    """Change the body or content type of the response."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        original, body = await _answer(request, handler)
        headers = _headers(original)
        if content_type is not None:
            headers["Content-Type"] = content_type
        return web.Response(status=original.status, body=change(body), headers=headers)

    return fault


def truncated() -> Fault:
    """Send the first half of the body as if it were complete."""
    return altered(lambda body: body[: len(body) // 2])


def empty_body() -> Fault:
    """Send the response without its body."""
    return altered(lambda body: b"")


def wrong_content_type(content_type: str = "text/html") -> Fault:
    """Send the response with a wrong content type."""
    return altered(lambda body: body, content_type=content_type)


def partial_listing(drop: Callable[[Any], Any]) -> Fault:
    """Send JSON from which ``drop`` removed something.

    It gets the parsed body and returns the rest; it may change the body in place.
    """
    return altered(lambda body: json.dumps(drop(json.loads(body))).encode())


def not_http(words: bytes = b"SSH-2.0-OpenSSH_9.2p1\r\n") -> Fault:
    """Respond in another protocol."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(words)
        request.transport.close()
        return web.Response()

    return fault


async def _answer(request: web.Request, handler: Handler) -> tuple[web.Response, bytes]:
    response = await handler(request)
    if not isinstance(response, web.Response):
        msg = f"cannot alter a {type(response).__name__}"
        raise TypeError(msg)
    body = response.body
    return response, body if isinstance(body, bytes) else b""


def _headers(response: web.Response) -> dict[str, str]:
    skipped = ("content-length", "transfer-encoding")
    return {k: v for k, v in response.headers.items() if k.lower() not in skipped}


async def _start(
    request: web.Request, original: web.Response, length: int
) -> web.StreamResponse:
    response = web.StreamResponse(status=original.status, headers=_headers(original))
    response.content_length = length
    await response.prepare(request)
    return response


def _break(request: web.Request, *, gently: bool = False) -> None:
    transport = request.transport
    assert transport is not None
    if gently:
        transport.close()
        return
    wire = transport.get_extra_info("socket")
    # Closing a socket that does not linger sends a reset.
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def without(*indices: int) -> Callable[[list[Any]], list[Any]]:
    """Return a ``drop`` for ``partial_listing`` that takes these rows out of a list."""
    return lambda rows: [row for i, row in enumerate(rows) if i not in indices]
