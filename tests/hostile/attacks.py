"""Responses of a hostile server."""

import asyncio
from collections.abc import Callable
from compression import zstd
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
import gzip
import json
from pathlib import Path
from typing import Any, Final, override
import zlib

from aiohttp import web

from simulators.http_faults import Fault, Handler, altered, redirect, status

_BROTLI: Final = Path(__file__).parents[1] / "fixtures" / "hostile" / "bomb.br"

type Change = Callable[[str, Any], Any]

MIB: Final = 2**20

HOSTILE: Final = (
    "Lamp \ud83d\x00\x1b[31m\u202e<img src=x onerror=alert(1)>"
    "[click](https://evil.example/) **bold** `code` www.evil.example"
)
"""Half an emoji, control characters, the direction of writing, and markup."""

WILD_TIMES: Final = (
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30T99:99:99Z",
    "1" * 10_000,
)
WILD_NUMBERS: Final = (10**400, 2**64, 1e308, -1e18)


@dataclass(frozen=True, slots=True)
class Attack:
    """A row of the suite. ``patience``: seconds that a response may take."""

    name: str
    fault: Fault
    patience: float | None = None

    @override
    def __str__(self) -> str:
        return self.name


def rewritten(change: Change) -> Fault:
    """Change each value in the JSON of the handler's response.

    ``change`` gets the key of a value ("" in lists), and the value. Other content and websockets
    are unchanged.
    """

    def rewrite(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: rewrite(name, part) for name, part in value.items()}
        if isinstance(value, list):
            return [rewrite(key, part) for part in value]
        return change(key, value)

    def body(original: bytes) -> bytes:
        try:
            found = json.loads(original)
        except ValueError:
            return original
        # Python writes half an emoji as an escape, which JSON allows.
        return json.dumps(rewrite("", found)).encode()

    fault = altered(body)

    async def careful(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await handler(request)
        return await fault(request, handler)

    return careful


def named(text: str) -> Fault:
    """Append a text to everything that has a name."""
    keys = ("name", "title", "label", "description", "room", "unit", "vendor", "model")

    def change(key: str, value: Any) -> Any:
        if isinstance(value, str) and any(one in key.lower() for one in keys):
            return value + text
        return value

    return rewritten(change)


def every_text(text: str) -> Fault:
    """Append a text to every text, including the keys of objects."""
    return rewritten(
        lambda key, value: value + text if isinstance(value, str) else value
    )


def timed(wild: str) -> Fault:
    """Replace everything that looks like a time."""

    def change(key: str, value: Any) -> Any:
        if isinstance(value, str) and value[:2] == "20" and value[4:5] == "-":
            return wild
        if isinstance(value, float) and 1.5e9 < value < 2e13:
            return 1e17
        if type(value) is int and 1_500_000_000 < value < 20_000_000_000_000:
            return 10**17
        return value

    return rewritten(change)


def numbered(wild: float) -> Fault:
    """Replace every number."""
    return rewritten(lambda key, value: wild if type(value) in (int, float) else value)


def typed(other: Any) -> Fault:
    """Replace every value, except objects and lists, by one of another type."""
    return rewritten(lambda key, value: other)


@cache
def _nested(depth: int) -> Any:
    nest: Any = 1
    for _ in range(depth):
        nest = [nest]
    return nest


@cache
def _bomb(encoding: str) -> bytes:
    """Return 64 MiB of zeros, compressed to some kB."""
    plain = b'{"name":"' + b" " * (64 * MIB) + b'"}'
    match encoding:
        case "gzip":
            return gzip.compress(plain, 9)
        case "deflate":
            return zlib.compress(plain, 9)
        case "zstd":
            return zstd.compress(plain, 19)
        case "br":
            # Home Assistant's own environment has no tool for that.
            return _BROTLI.read_bytes()
        case _:
            return plain[:1000]


def bomb(encoding: str) -> Fault:
    """Return a small response that is huge once it is decompressed."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
        return web.Response(body=_bomb(encoding), headers=headers)

    return fault


def endless(write: Callable[[web.Request], bytes]) -> Fault:
    """Send the same bytes until the client disconnects."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        with suppress(ConnectionError, RuntimeError):
            while not transport.is_closing():
                transport.write(write(request))
                await asyncio.sleep(0.001)
        return web.Response()

    return fault


def endless_body() -> Fault:
    """Send a body that never ends."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        with suppress(ConnectionError, RuntimeError):
            await response.write(b"[")
            while True:
                await response.write(b"[1],\n" * 2000)
                await asyncio.sleep(0)
        return response

    return fault


def page(part: bytes, size: int = MIB, code: int = 200) -> Fault:
    """Return a web page that repeats something."""
    body = b"<html>" + part * (size // len(part))
    return status(code, body, content_type="text/html")


def data(body: bytes, code: int = 200) -> Fault:
    """Return JSON."""
    return status(code, body, content_type="application/json")


_SAYS: Final = json.dumps({"detail": HOSTILE, "message": HOSTILE}).encode()

ATTACKS: Final = (
    Attack("hostile_names", named(HOSTILE)),
    Attack("hostile_texts", every_text(HOSTILE)),
    Attack("long_names", named("x" * 100_000)),
    *(Attack(f"time_{n}", timed(wild)) for n, wild in enumerate(WILD_TIMES)),
    *(Attack(f"number_{n}", numbered(wild)) for n, wild in enumerate(WILD_NUMBERS)),
    Attack("not_a_number", numbered(float("nan"))),
    Attack("infinite", numbered(float("-inf"))),
    Attack("null", typed(None)),
    Attack("true", typed(True)),
    Attack("text", typed("\ud83d")),
    Attack("list", typed([])),
    Attack("object", typed({"\udc00": {}})),
    Attack("nested", typed(_nested(500))),
    Attack("titles", page(b"<title>")),
    Attack("titles_of_an_error", page(b"<title>", code=500)),
    Attack("blanks", page(b" ")),
    Attack("inputs", page(b"<input ")),
    Attack("references", page(b"<title>&#" + b"1" * 5000)),
    Attack("deep", data(b"[" * MIB)),
    Attack("deep_and_whole", data(b"[" * 900 + b"]" * 900)),
    Attack("crowded", data(b"[" + b"[]," * MIB + b"[]]")),
    Attack("long_number", data(b"9" * MIB)),
    Attack("long_text", data(b'"' + b"x" * 16 * MIB + b'"')),
    *(Attack(f"says_{code}", data(_SAYS, code)) for code in (200, 400, 401, 403, 500)),
    Attack(
        "wild_headers",
        status(
            429,
            HOSTILE.encode(errors="surrogatepass"),
            headers={
                "Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359",
                "Date": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
            },
        ),
    ),
    Attack("redirect", redirect("https://evil.example/[click](x)<b>/" + "x" * 4000)),
    *(
        Attack(f"bomb_{encoding}", bomb(encoding))
        for encoding in ("gzip", "deflate", "zstd", "br", "unheard-of")
    ),
    Attack("endless_body", endless_body(), patience=2.0),
    Attack("endless_1xx", endless(lambda _: b"HTTP/1.1 103 Hints\r\n\r\n" * 100), 0.5),
    Attack("endless_header", endless(lambda _: b"X-Header: x\r\n" * 100), 0.5),
)
