"""Meaning of a status, regardless of the body."""

from typing import Any

import pytest

from custom_components.junction.backends.http import (
    EmptyAnswerError,
    NotFoundError,
    PermissionDeniedError,
    RedirectedError,
    ServerError,
)
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
)
from simulators.http_faults import (
    Fault,
    empty_body,
    rate_limited,
    redirect,
    reset_mid_body,
    slow_drip,
    status,
    truncated,
)
from simulators.http_server import FaultyServer

from .conftest import Connect, Product, failing


@pytest.mark.parametrize(
    ("code", "kinds", "key"),
    [
        (400, (RejectedError, RejectedError), "rejected"),
        (401, (AuthFailedError, AuthFailedError), "auth_failed"),
        (403, (PermissionDeniedError, RejectedError), "permission_denied"),
        (404, (NotFoundError, RejectedError), "not_found"),
        (405, (RejectedError, RejectedError), "rejected"),
        (422, (RejectedError, RejectedError), "rejected"),
        (429, (RateLimitedError, RateLimitedError), "rate_limited"),
        (460, (RejectedError, RejectedError), "rejected"),
        (500, (ServerError, UnreachableError), "server_error"),
        (502, (ServerError, UnreachableError), "server_error"),
        (503, (ServerError, UnreachableError), "server_error"),
        (599, (ServerError, UnreachableError), "server_error"),
    ],
)
async def test_statuses(
    server: FaultyServer,
    connect: Connect,
    code: int,
    kinds: tuple[type[BackendError], type[BackendError]],
    key: str,
) -> None:
    kind, family = kinds
    http = connect(server)
    server.inject(status(code, '{"message": "not today"}'), times=1)
    error = await failing(kind, http.request("GET", "api/lamp"))
    assert isinstance(error, family)
    assert (error.key, error.detail) == (key, "not today")
    if isinstance(error, ServerError):
        assert error.placeholders["status"] == str(code)
    server.inject(status(code), times=1)
    error = await failing(kind, http.request("GET", "api/lamp"))
    assert error.detail.startswith(f"HTTP {code} (")
    # A status is an answer: nothing is sent again.
    assert server.log.count() == 2


async def test_status_counts_before_the_body(
    server: FaultyServer, connect: Connect
) -> None:
    """The status of an error counts, even if its body cannot be read."""
    http = connect(server, timeout=0.6, max_body=10_000)

    def broken(fault: Fault) -> Fault:
        async def both(request: Any, handler: Any) -> Any:
            return await fault(request, lambda request: said(request, handler))

        return both

    said = status(401, '{"message": "' + "no " * 50 + '"}')
    for fault in (reset_mid_body(), slow_drip(), truncated(), empty_body()):
        server.inject(broken(fault), times=1)
        await failing(AuthFailedError, http.request("GET", "api/lamp"))
    server.inject(status(500, b"x" * 1_000_000), times=1)
    error = await failing(ServerError, http.request("GET", "api/lamp"))
    assert error.detail == "x" * 199 + "…"
    # The rest of it was not waited for, and is not taken for the next answer.
    answer = await http.request("GET", "api/lamp", timeout=10)
    assert answer.object()["lamp"] == "off"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7),
        ("0", 0),
        ("86400", 3600),
        ("9" * 400, 3600),
        ("Fri, 20 Nov 2026 12:01:30 GMT", 90),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 20 Nov 2099 11:00:00 GMT", 3600),
        ("Fri, 20 Nov 2026 12:01:30", 90),
        ("soon", None),
        ("-5", None),
        ("²", None),
        (None, None),
    ],
)
async def test_retry_after(
    server: FaultyServer, connect: Connect, said: str | None, wait: float | None
) -> None:
    http = connect(server)

    def dated(fault: Fault) -> Fault:
        async def without_date(request: Any, handler: Any) -> Any:
            response = await fault(request, handler)
            response.headers["Date"] = "unknown"
            return response

        return without_date

    server.inject(dated(rate_limited(said)), times=1)
    error = await failing(RateLimitedError, http.request("GET", "api/lamp"))
    assert error.retry_after == wait
    assert error.detail == "slow down"
    server.inject(dated(rate_limited(said, 503)), times=1)
    limited = await failing(
        ServerError if wait is None else RateLimitedError,
        http.request("GET", "api/lamp"),
    )
    assert getattr(limited, "retry_after", None) == wait


async def test_retry_after_by_the_servers_clock(
    server: FaultyServer, connect: Connect
) -> None:
    """Its clock is years behind; both dates are, so the difference counts."""
    headers = {
        "Date": "Thu, 01 Jan 2015 00:00:00 GMT",
        "Retry-After": "Thu, 01 Jan 2015 00:00:20 GMT",
    }
    server.inject(status(429, headers=headers))
    error = await failing(RateLimitedError, connect(server).request("GET", "api/lamp"))
    assert error.retry_after == 20


async def test_retry_after_means_nothing_elsewhere(
    server: FaultyServer, connect: Connect
) -> None:
    http = connect(server)
    server.inject(status(200, "{}", headers={"Retry-After": "60"}), times=1)
    assert (await http.request("GET", "api/lamp")).object() == {}
    server.inject(status(500, "{}", headers={"Retry-After": "60"}), times=1)
    await failing(ServerError, http.request("GET", "api/lamp"))


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("/login?next=secret", "/login"),
        ("https://other.example/login?x=secret#y", "https://…/login"),
        ("../outputs/", "/outputs/"),
        ("", "/api/lamp"),
        ("http://[broken", "?"),
        ("javascript:alert(1)", "?"),
    ],
)
async def test_redirects_are_not_followed(
    server: FaultyServer, connect: Connect, product: Product, location: str, to: str
) -> None:
    server.inject(redirect(location))
    error = await failing(
        RedirectedError, connect(server).request("POST", "api/lamp", json={})
    )
    assert isinstance(error, ProtocolError)
    # Nothing that could be clicked on.
    assert error.placeholders["to"].replace("\u2060", "") == to
    assert not error.to_https
    assert server.log.count() == 1
    assert product.commands == 0


async def test_sent_to_https(server: FaultyServer, connect: Connect) -> None:
    """Redirects to HTTPS, with and without the port."""
    server.inject(redirect("https://127.0.0.1/api/lamp", 301))
    error = await failing(RedirectedError, connect(server).request("GET", "api/lamp"))
    assert error.to_https


async def test_not_modified_is_no_error(server: FaultyServer, connect: Connect) -> None:
    server.inject(status(304))
    answer = await connect(server).request("GET", "api/lamp")
    assert answer.status == 304
    with pytest.raises(EmptyAnswerError):
        answer.json()
