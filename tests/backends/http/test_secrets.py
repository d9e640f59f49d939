"""Secrets in a request do not appear in its error."""

from collections.abc import Awaitable, Callable
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from custom_components.junction.backends.http import (
    Authenticator,
    HttpTransport,
    InvalidHeaderError,
)
from custom_components.junction.errors import BackendError
from simulators.http_faults import hang, not_http, redirect, reset, status
from simulators.http_server import FaultyServer

from .conftest import KEY, Connect, failing

SECRET = "correct+horse/battery staple="


@pytest.mark.parametrize(
    "send",
    [
        lambda http: http.request("GET", "", headers={"X-API-KEY": SECRET}),
        lambda http: http.request(
            "GET", "", headers={"Authorization": f"JWT {SECRET}"}
        ),
        lambda http: http.request("GET", "", params={"api_key": SECRET}),
        lambda http: http.request("POST", "", form={"user": "me", "password": SECRET}),
        lambda http: http.request("POST", "", json={"email": SECRET}),
    ],
)
async def test_no_secret_in_any_error(
    server: FaultyServer,
    connect: Connect,
    send: Callable[[HttpTransport], Awaitable[object]],
) -> None:
    """The server repeats everything that it was sent, in all spellings."""
    spellings = {SECRET, quote(SECRET, safe=""), quote_plus(SECRET), SECRET.split()[1]}

    async def parrot(request: Any, handler: Any) -> Any:
        said = f"{' '.join(spellings)} {request.url} {dict(request.headers)}"
        return await status(400, said[:190])(request, handler)

    http = connect(server, timeout=0.2)
    for fault in (
        parrot,
        not_http(f"{SECRET}\r\n".encode()),
        hang(),
        reset(),
        redirect(f"https://a.b/?key={quote(SECRET)}"),
    ):
        injection = server.inject(fault)
        with pytest.raises(BackendError) as caught:
            await send(http)
        error = caught.value
        seen = "".join(traceback.format_exception(error))
        seen += f"{error!r} {error.detail} {error.placeholders} {http.counters}"
        if fault is parrot:
            assert "**REDACTED**" in seen
        for spelling in spellings:
            assert spelling not in seen
        server.heal(injection)


async def test_answers_do_not_show_themselves(
    server: FaultyServer, connect: Connect
) -> None:
    http = connect(server, headers={"X-API-KEY": KEY})
    answer = await http.request("GET", "echo", params={"token": KEY})
    assert KEY in answer.text
    assert KEY not in repr(answer)


@pytest.mark.parametrize("key", ["two\nlines", "nul\0", "bell\x07", "a\r\nX-Evil: 1"])
async def test_what_no_header_can_hold(
    server: FaultyServer, connect: Connect, key: str
) -> None:
    """Aiohttp raises a ValueError for it, which no form understands."""
    auth = Authenticator.fixed({"X-API-KEY": key})
    await failing(InvalidHeaderError, connect(server).request("GET", "api", auth=auth))
    await failing(InvalidHeaderError, connect(server).websocket("ws", auth=auth))
    assert server.log.count() == 0
