"""A simulated DSMR-reader as a real server, optionally behind a proxy."""

from base64 import b64encode
from typing import Self

from aiohttp import web

from simulators.certificates import DeviceCertificate
from simulators.http_faults import Handler
from simulators.http_server import FaultyServer

from .answers import not_found
from .api import Api
from .state import State


class DsmrReaderServer:
    """A DSMR-reader on loopback. Usable with ``async with``.

    ``server`` is the public side, with its log and its faults. ``prefix`` is a sub-path behind a
    proxy; ``proxy`` is the user name and password for its basic authentication.
    """

    def __init__(
        self,
        state: State,
        certificate: DeviceCertificate | None = None,
        *,
        prefix: str = "",
        proxy: tuple[str, str] | None = None,
    ) -> None:
        """Prepare the server; it listens on entering the context."""
        self.state = state
        self.api = Api(state)
        self.prefix = prefix
        self.proxy = proxy
        application = web.Application(middlewares=[self._guard])
        router = application.router
        router.add_route("*", f"{prefix}/api/v1/datalogger/dsmrreading", self.api.v1)
        router.add_route("*", f"{prefix}/api/v2/{{path:.*}}", self.api.v2)
        router.add_route("*", f"{prefix}/healthcheck", self._health)
        router.add_route("*", "/{path:.*}", self._elsewhere)
        self.server = FaultyServer(application, certificate=certificate)

    @property
    def url(self) -> str:
        """URL, without a trailing slash."""
        return f"{self.server.url}{self.prefix}"

    async def __aenter__(self) -> Self:
        """Start."""
        await self.server.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.server.stop()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if self.proxy is not None:
            expected = b64encode(":".join(self.proxy).encode()).decode()
            if request.headers.get("Authorization") != f"Basic {expected}":
                return web.Response(
                    status=401,
                    text="<html><head><title>401 Authorization Required</title></head>"
                    "<body><center><h1>401 Authorization Required</h1></center></body>"
                    "</html>",
                    content_type="text/html",
                    headers={"WWW-Authenticate": 'Basic realm="DSMR-reader"'},
                )
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:
        return web.Response() if self.state.has(6) else not_found()

    async def _elsewhere(self, request: web.Request) -> web.Response:
        return not_found()
