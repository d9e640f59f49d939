"""Servers that a user may confuse with a supported system."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from simulators.dsmr_reader import DsmrReaderServer, State, make_key
from simulators.http_server import FaultyServer

from .backends.base import NOBODY, SimulatedSystem, Slip
from .hass import usual_port

# Start sequence of each SML message.
_SML: Final = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01\x76\x05\x00\x00\x00\x01\x62\x00"
_PAUSE: Final = 1.0
# Where Home Assistant shows the page of an app.
_INGRESS: Final = "http://127.0.0.1:8123/api/hassio_ingress/dsmr/"
_ROUTER: Final = """<!DOCTYPE html>
<html><head><title>Router</title></head><body><h1>Log in</h1></body></html>
"""
_SAID_OF_A_ROUTER: Final = {
    "mycodo": "mycodo_not_mycodo",
    "openmotics_local": "openmotics_not_openmotics",
    "dsmr_reader": "html_answer",
    "iotile": "iotile_not_iotile",
}


@dataclass(frozen=True, slots=True)
class Strangers:
    """Servers of other kinds on this machine, by address."""

    router: str
    """A web server that shows the same page whatever is asked."""
    silent: str
    """A line on which nothing ever comes."""
    optical: str
    """A line with the optical head of a German meter."""
    closed: str
    """A DSMR-reader whose API is turned off, as it is at first."""
    guarded: str
    """A DSMR-reader behind a proxy that asks for a password."""

    def slips(self, system: SimulatedSystem) -> Sequence[Slip]:
        """Return wrong entries for a system: the address of another server, or of none."""
        if system.name == "dsmr":
            return (
                Slip("dsmr", {"port": self.router}, "wrong_scheme"),
                Slip(
                    "dsmr",
                    {"port": self.router.removeprefix("http://")},
                    "http_not_p1",
                ),
                Slip("dsmr", {"port": self.silent}, "no_data_network"),
                Slip("dsmr", {"port": self.optical}, "sml_not_p1"),
            )
        slips = []
        known = {slip.error for slip in system.slips()}
        for step, entered in system.answers().items():
            if step not in _SAID_OF_A_ROUTER:
                continue
            if "connection_refused" not in known:
                slips.append(
                    Slip(step, {**entered, "url": NOBODY}, "connection_refused")
                )
            wrong = {**entered, "url": self.router}
            slips.append(Slip(step, wrong, _SAID_OF_A_ROUTER[step]))
            if step == "dsmr_reader":
                for url, error in (
                    (self.closed, "dsmr_reader_api_disabled"),
                    (_INGRESS, "dsmr_reader_ingress"),
                    (self.router.replace("http:", "https:"), "not_https"),
                    ("http://reader:secret@192.168.1.5", "invalid_address"),
                    (self.guarded, "dsmr_reader_proxy"),
                ):
                    slips.append(Slip(step, {**entered, "url": url}, error))
        return slips


@asynccontextmanager
async def strangers() -> AsyncIterator[Strangers]:
    """Start all of them, and stop them."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_ROUTER, content_type="text/html")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", page)
    router = FaultyServer(application)
    router.port = usual_port(8080)
    closed = DsmrReaderServer(State(key=make_key("closed"), allow=False))
    closed.server.port = usual_port(8888)
    guarded = DsmrReaderServer(
        State(key=make_key("guarded")), proxy=("reader", "proxy-s3cret")
    )
    async with AsyncExitStack() as stack:
        for server in (router, closed.server, guarded.server):
            await server.start()
            stack.push_async_callback(server.stop)
        silent = await stack.enter_async_context(_line(2323))
        optical = await stack.enter_async_context(_line(2324, _SML))
        yield Strangers(router.url, silent, optical, closed.url, guarded.url)


@asynccontextmanager
async def _line(port: int, words: bytes = b"") -> AsyncIterator[str]:
    """Listen on a port, and repeat the same bytes there."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        while words and not writer.is_closing():
            writer.write(words)
            await asyncio.sleep(_PAUSE)

    server = await asyncio.start_server(hold, "127.0.0.1", usual_port(port))
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in held:
            writer.close()
