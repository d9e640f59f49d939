"""Bodies that are broken, mislabeled, endless, or not HTTP at all."""

import gzip

import pytest

from custom_components.junction.backends.http import (
    AnswerTooLargeError,
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    NotHttpError,
    ServerError,
)
from custom_components.junction.errors import ProtocolError
from simulators.http_faults import (
    altered,
    empty_body,
    html_page,
    not_http,
    oversized,
    partial_listing,
    status,
    truncated,
    without,
    wrong_content_type,
)
from simulators.http_server import FaultyServer

from .conftest import Connect, failing


async def test_bodies_that_are_no_json(server: FaultyServer, connect: Connect) -> None:
    http = connect(server)
    for fault, kind, detail in (
        (truncated(), InvalidJsonError, "27/1015"),
        (empty_body(), EmptyAnswerError, "HTTP 200"),
        (altered(lambda body: b" \n"), EmptyAnswerError, "HTTP 200"),
        (html_page(title="Log in &amp; on"), HtmlAnswerError, "Log in & on"),
        (altered(lambda body: b"<svg/>"), HtmlAnswerError, ""),
        (altered(lambda body: b"[" * 100_000), InvalidJsonError, "0/100000"),
        (altered(lambda body: b"\xff\xfe"), InvalidJsonError, "0/2"),
    ):
        server.inject(fault, times=1)
        answer = await http.request("GET", "api/lamp")
        with pytest.raises(kind) as caught:
            answer.json()
        assert isinstance(caught.value, ProtocolError)
        assert caught.value.detail == detail


async def test_html_error_page(server: FaultyServer, connect: Connect) -> None:
    server.inject(html_page(502))
    error = await failing(ServerError, connect(server).request("GET", "api/lamp"))
    assert (error.status, error.detail) == (502, "502 Bad Gateway")


@pytest.mark.parametrize(
    "label", ["text/html", "application/vnd.mycodo.v1+json", "application/binary"]
)
async def test_content_type_does_not_matter(
    server: FaultyServer, connect: Connect, label: str
) -> None:
    server.inject(wrong_content_type(label))
    answer = await connect(server).request("GET", "api/lamp")
    assert answer.headers["Content-Type"] == label
    assert answer.object()["lamp"] == "off"


async def test_too_large(server: FaultyServer, connect: Connect) -> None:
    http = connect(server, max_body=2**16, limit=1)
    server.inject(oversized(2**16), times=1)
    assert len((await http.request("GET", "api/lamp")).body) == 2**16
    server.inject(oversized(20 * 2**20), times=1)
    error = await failing(AnswerTooLargeError, http.request("GET", "api/lamp"))
    assert error.placeholders["limit"] == "0.0625"
    assert server.log.count() == 2
    assert (await http.request("GET", "api/lamp")).object()["lamp"] == "off"


async def test_compressed_bomb(server: FaultyServer, connect: Connect) -> None:
    packed = gzip.compress(b'"' + b"x" * (20 * 2**20) + b'"')
    assert len(packed) < 2**16
    server.inject(status(200, packed, headers={"Content-Encoding": "gzip"}))
    http = connect(server, max_body=2**20)
    await failing(AnswerTooLargeError, http.request("GET", "api/lamp"))


async def test_no_http(server: FaultyServer, connect: Connect) -> None:
    http = connect(server)
    for fault in (
        not_http(),
        not_http(b"\x15\x03\x01\x00\x02\x02\x46"),
        status(200, "plain", headers={"Content-Encoding": "gzip"}),
    ):
        server.inject(fault, times=1)
        error = await failing(NotHttpError, http.request("GET", "api/lamp"))
        assert isinstance(error, ProtocolError)
    assert server.log.count() == 3


async def test_partial_listing(server: FaultyServer, connect: Connect) -> None:
    """Nothing to see for a transport; here to show that the simulator can do it."""
    server.inject(partial_listing(without(1, 2)))
    answer = await connect(server).request("GET", "api/list/")
    assert answer.array() == [{"id": 0}, {"id": 3}]
