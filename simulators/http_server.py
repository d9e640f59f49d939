"""A real HTTP server on loopback that can simulate faults of network, proxy, and software.

``FaultyServer`` serves the application of a simulated product, and injects faults::

    server = FaultyServer(application, certificate=make_certificate())
    await server.start()
    server.inject(status(401), "/api/*", times=1)

The faults are in ``http_faults``; a product can add its own.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
import ssl
import time
from typing import Self

from aiohttp import web

from .certificates import DeviceCertificate
from .http_faults import Fault, Handler
from .tls_door import TlsDoor


@dataclass(slots=True)
class LoggedRequest:
    """A request that arrived. ``status`` is None until the response is complete."""

    method: str
    path: str
    route: str
    """The path as the application registered it (``/api/outputs/{id}``)."""
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    started: float
    """By the server's monotonic clock, in s."""
    status: int | None = None
    ended: float | None = None


@dataclass(slots=True)
class RequestLog:
    """All requests since the start, or since ``clear``. Tests assert their number."""

    requests: list[LoggedRequest] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def to(self, method: str = "*", path: str = "*") -> list[LoggedRequest]:
        """Return the requests whose method and path match these shell patterns."""
        return [
            request
            for request in self.requests
            if fnmatchcase(request.method, method) and fnmatchcase(request.path, path)
        ]

    def count(self, method: str = "*", path: str = "*") -> int:
        """Return how many requests match."""
        return len(self.to(method, path))

    def routes(self) -> Counter[str]:
        """Return the number of requests by route: ``{"GET /api/outputs/{id}": 2}``."""
        return Counter(f"{request.method} {request.route}" for request in self.requests)

    async def until(self, condition: Callable[[RequestLog], bool]) -> None:
        """Wait until a condition on the log holds; checked when a request begins or ends."""
        while not condition(self):
            await self._changed.wait()

    def enter(self, request: LoggedRequest) -> None:
        """Record a new request."""
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self._wake()

    def leave(self, request: LoggedRequest, ended: float) -> None:
        """Record the end of a request, with or without a response."""
        request.ended = ended
        self.in_flight -= 1
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def clear(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()
        self.most_in_flight = self.in_flight


@dataclass(slots=True, eq=False)
class Injection:
    """A fault for matching requests; ``hits`` counts them."""

    fault: Fault
    method: str = "*"
    path: str = "*"
    times: int | None = None
    """How often it still strikes; None = for good."""
    hits: int = 0

    def meets(self, request: web.BaseRequest) -> bool:
        """Return whether it applies to this request."""
        return (
            self.times != 0
            and fnmatchcase(request.method, self.method)
            and fnmatchcase(request.path, self.path)
        )


@dataclass(slots=True)
class FaultyServer:
    """An application on 127.0.0.1, on a free port, over TLS when it has a certificate.

    ``legacy_tls`` makes it a server of 2012 (see ``DeviceCertificate``). Usable with
    ``async with``. It cannot be started again once it was stopped; that is ``restart``.
    """

    application: web.Application
    certificate: DeviceCertificate | None = None
    legacy_tls: bool = False
    monotonic: Callable[[], float] = time.monotonic
    port: int = 0
    log: RequestLog = field(default_factory=RequestLog)
    injections: list[Injection] = field(default_factory=list)
    connections: int = 0
    """Connections accepted so far."""
    _runner: web.AppRunner | None = None
    _listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.stop()

    @property
    def url(self) -> str:
        """URL, without a trailing slash."""
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start to listen, on ``port`` or a free port."""
        self.application.middlewares.insert(0, self._middleware())
        self._runner = web.AppRunner(
            self.application, handler_cancellation=True, access_log=None
        )
        await self._runner.setup()
        await self.listen()

    async def stop(self) -> None:
        """Break all connections and stop. May be called twice."""
        await self.refuse()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def inject(
        self,
        fault: Fault,
        path: str = "*",
        *,
        method: str = "*",
        times: int | None = None,
    ) -> Injection:
        """Apply a fault from now on to requests that match both shell patterns.

        ``times`` limits it; None = until ``heal``. If several match, the first one applies.
        """
        injection = Injection(fault, method, path, times)
        self.injections.append(injection)
        return injection

    def heal(self, *healed: Injection) -> None:
        """Remove these faults, or all of them."""
        self.injections[:] = (
            [kept for kept in self.injections if kept not in healed] if healed else []
        )

    async def refuse(self) -> None:
        """Break all connections and refuse new ones, until ``listen``."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        listener.close()
        listener.abort_clients()
        await listener.wait_closed()

    async def listen(self) -> None:
        """Accept connections again, on the same port."""
        assert self._runner is not None, "not started"
        assert self._runner.server is not None
        assert self._listener is None, "already listening"
        context: ssl.SSLContext | None = None
        if self.certificate is not None:
            context = await asyncio.to_thread(
                self.certificate.server_context, legacy=self.legacy_tls
            )
        server = self._runner.server

        def accept() -> asyncio.Protocol:
            self.connections += 1
            return server() if context is None else TlsDoor(server, context)

        self._listener = await asyncio.get_running_loop().create_server(
            accept, "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def restart(self, seconds: float = 0.0) -> None:
        """Break all connections, and listen again after this many seconds.

        The simulator of the product itself resets what the product loses over a restart.
        """
        await self.refuse()
        await asyncio.sleep(seconds)
        await self.listen()

    async def move(self) -> None:
        """Break all connections and listen on another port."""
        await self.refuse()
        former, self.port = self.port, 0
        await self.listen()
        assert self.port != former

    async def change_certificate(self, certificate: DeviceCertificate | None) -> None:
        """Change the certificate, or turn TLS off, on the same port."""
        await self.refuse()
        self.certificate = certificate
        await self.listen()

    def drop_connections(self) -> None:
        """Break the current connections; new ones are accepted."""
        if self._listener is not None:
            self._listener.abort_clients()

    def _middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def middleware(
            request: web.Request, handler: Handler
        ) -> web.StreamResponse:
            entry = await self._entry(request)
            self.log.enter(entry)
            try:
                response = await self._strike(request, handler)
            except web.HTTPException as err:
                entry.status = err.status
                raise
            else:
                if request.transport is not None and not request.transport.is_closing():
                    entry.status = response.status
                return response
            finally:
                self.log.leave(entry, self.monotonic())

        return middleware

    async def _entry(self, request: web.Request) -> LoggedRequest:
        resource = request.match_info.route.resource
        return LoggedRequest(
            method=request.method,
            path=request.path,
            route=request.path if resource is None else resource.canonical,
            query=dict(request.query),
            headers=dict(request.headers),
            body=await request.read(),
            started=self.monotonic(),
        )

    async def _strike(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        for injection in self.injections:
            if injection.meets(request):
                injection.hits += 1
                if injection.times is not None:
                    injection.times -= 1
                return await injection.fault(request, handler)
        return await handler(request)
