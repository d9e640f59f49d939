"""Errors of the connection to a server, and of its responses."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
import errno
import os
from typing import Any, Final, override

from aiohttp import TCPConnector
from yarl import URL

from simulators import http_faults as faults

from ..matrix.house import PATIENCE
from .dialogs import Dialog

type Wrong = Callable[[Dialog[Any]], AbstractAsyncContextManager[str]]
"""Makes something wrong, gives the address to type, and mends it at the end."""


@dataclass(frozen=True, slots=True)
class Row:
    """An error. ``key`` is its translation key where the backend has no key of its own.

    ``deeper``: it appears once the server has been identified. ``typed``: it is a typing error.
    """

    key: str
    wrong: Wrong
    deeper: bool = False
    typed: bool = False

    @override
    def __str__(self) -> str:
        return f"{self.key}{'_later' if self.deeper else ''}"


@asynccontextmanager
async def _invalid(dialog: Dialog[Any]) -> AsyncGenerator[str]:
    yield "http://a b"


@asynccontextmanager
async def _no_such_name(dialog: Dialog[Any]) -> AsyncGenerator[str]:
    """Fail the lookup of a name without using the network."""

    async def resolve(*arguments: Any, **more: Any) -> Any:
        raise OSError(None, "Domain name not found")

    with dialog.monkeypatch.context() as patch:
        patch.setattr(TCPConnector, "_resolve_host", resolve)
        yield str(URL(dialog.server.url).with_host("nowhere.invalid"))


@asynccontextmanager
async def _no_route(dialog: Dialog[Any]) -> AsyncGenerator[str]:
    """Simulate the kernel's error, because loopback always has a route."""

    async def connect(*arguments: Any) -> None:
        raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))

    with dialog.monkeypatch.context() as patch:
        patch.setattr(asyncio.get_running_loop(), "sock_connect", connect)
        yield dialog.server.url


@asynccontextmanager
async def _refused(dialog: Dialog[Any]) -> AsyncGenerator[str]:
    await dialog.server.refuse()
    yield dialog.server.url
    await dialog.server.listen()


@asynccontextmanager
async def _not_https(dialog: Dialog[Any]) -> AsyncGenerator[str]:
    secure = dialog.server.url.startswith("https:")
    certificate = dialog.server.certificate if secure else None
    if secure:
        await dialog.server.change_certificate(None)
    yield str(URL(dialog.server.url).with_scheme("https"))
    if secure:
        await dialog.server.change_certificate(certificate)


@asynccontextmanager
async def _tls_failed(dialog: Dialog[Any]) -> AsyncGenerator[str]:
    """Connect to a server that requires an unsupported version of TLS."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        protocol_version = 70
        writer.write(bytes([0x15, 3, 1, 0, 2, 2, protocol_version]))
        await writer.drain()
        await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as listener:
        port = listener.sockets[0].getsockname()[1]
        yield f"https://127.0.0.1:{port}"


def _answers(
    key: str, fault: faults.Fault, *, patience: float | None = None
) -> tuple[Row, Row]:
    """Return the errors when that is the first response, and when it is a later one."""

    def wrong(path: Callable[[Dialog[Any]], str]) -> Wrong:
        @asynccontextmanager
        async def strike(dialog: Dialog[Any]) -> AsyncGenerator[str]:
            dialog.house.patience = patience
            injection = dialog.server.inject(fault, path(dialog))
            yield dialog.server.url
            assert injection.hits
            dialog.house.patience = None
            dialog.server.heal()

        return strike

    return (
        Row(key, wrong(lambda dialog: "*")),
        Row(key, wrong(lambda dialog: dialog.deeper), deeper=True),
    )


_JSON: Final = "application/json"
ROWS: Final = (
    Row("invalid_address", _invalid, typed=True),
    Row("host_unknown", _no_such_name),
    Row("no_route", _no_route),
    Row("connection_refused", _refused),
    Row("not_https", _not_https),
    Row("tls_failed", _tls_failed),
    *_answers("not_http", faults.not_http()),
    *_answers("timed_out", faults.hang(), patience=PATIENCE),
    *_answers("connection_lost", faults.reset()),
    *_answers("html_answer", faults.html_page()),
    *_answers("empty_answer", faults.empty_body()),
    *_answers("invalid_json", faults.truncated()),
    *_answers("unexpected_json", faults.status(200, "7", content_type=_JSON)),
    *_answers("answer_too_large", faults.oversized(65 * 2**20)),
    *_answers("redirected", faults.redirect("http://elsewhere.invalid/")),
    *_answers("auth_failed", faults.status(401)),
    *_answers("permission_denied", faults.status(403)),
    *_answers("not_found", faults.status(404)),
    *_answers("rejected", faults.status(400)),
    *_answers("rate_limited", faults.rate_limited()),
    *_answers("server_error", faults.status(500, "Internal Server Error")),
)
