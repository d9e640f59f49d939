"""A simulated Mycodo as a real server: HTTPS, the redirecting HTTP port, the daemon."""

import asyncio
from base64 import b64encode
from datetime import UTC, datetime
from random import Random
from typing import Self

import aiohttp
from aiohttp import web

from simulators.certificates import DeviceCertificate
from simulators.house import House
from simulators.http_server import FaultyServer

from .api import Api
from .outputs import Engine
from .pipeline import Pipeline
from .series import Database
from .state import State
from .webui import WebInterface

_GRANULARITY = 0.05


def make_key(seed: str) -> str:
    """Return an API key: 128 bytes in Base64."""
    return b64encode(Random(seed).randbytes(128)).decode()


class MycodoServer:
    """A Mycodo on loopback. Usable with ``async with``.

    ``server`` is the HTTPS port, with its log and its faults; ``redirecting`` is the HTTP port,
    which redirects to HTTPS unless ``force_https`` is off.
    """

    def __init__(
        self,
        state: State,
        certificate: DeviceCertificate | None,
        house: House | None = None,
    ) -> None:
        """Prepare the servers; they listen after ``start``."""
        self.state = state
        self.database = Database(state)
        self.engine = Engine(state, self.database, house)
        self.pipeline = Pipeline(state, self.engine, self.database, self.announce)
        self.announced: list[str] = []
        self._certificate = certificate
        self._session: aiohttp.ClientSession | None = None
        self._daemon: asyncio.Task[None] | None = None
        for output in state.outputs:
            for channel in output.channels:
                if channel.state is None:
                    channel.state = False
        self.server = self._build()
        self._plain = web.Application()
        self._plain.router.add_route("*", "/{path:.*}", self._to_https)
        self._plain_runner = web.AppRunner(self._plain, access_log=None)
        self.plain_port = 0

    def _build(self) -> FaultyServer:
        application = web.Application(middlewares=[self.pipeline.middleware])
        Api(self.pipeline, application.router)
        WebInterface(self.pipeline, application.router)
        return FaultyServer(application, certificate=self._certificate)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen on both ports, and start the daemon."""
        self.server.port = port
        self._session = aiohttp.ClientSession()
        await self.server.start()
        await self._plain_runner.setup()
        site = web.TCPSite(self._plain_runner, "127.0.0.1", 0)
        await site.start()
        self.plain_port = self._plain_runner.addresses[0][1]
        self._daemon = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Stop all servers and the daemon."""
        if self._daemon is not None:
            self._daemon.cancel()
            await asyncio.gather(self._daemon, return_exceptions=True)
            self._daemon = None
        await self.server.stop()
        await self._plain_runner.cleanup()
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def url(self) -> str:
        """HTTPS URL."""
        return self.server.url

    @property
    def plain_url(self) -> str:
        """HTTP URL, which redirects."""
        return f"http://127.0.0.1:{self.plain_port}"

    async def _to_https(self, request: web.Request) -> web.Response:
        # The port of the HTTPS server, like versions of nginx that keep it.
        return self.pipeline.redirect(
            302, f"https://127.0.0.1:{self.server.port}{request.path_qs}"
        )

    async def _work(self) -> None:
        """Run the daemon: timers, measurements, and announcements of Triggers."""
        while True:
            await asyncio.sleep(_GRANULARITY)
            self.engine.settle()
            self.database.measure()
            await self.announce()

    async def announce(self) -> None:
        """Call the webhooks of the changes, one after the other, as Triggers do."""
        while self.engine.changes:
            output, channel, what = self.engine.changes.pop(0)
            url = self.state.webhooks.get((output, channel))
            if url is None or self._session is None:
                continue
            stamp = f"{datetime.fromtimestamp(self.state.now(), UTC):%Y-%m-%d %H:%M:%S}"
            text = (
                f"{stamp}\n[Trigger 00000035 (Fan {what})] "
                f"Output {output} CH{channel} {what}"
            )
            self.announced.append(text)
            try:
                async with self._session.post(
                    url, data=text, headers={"Content-Type": "text/plain"}
                ):
                    pass
            except aiohttp.ClientError:
                # The action fails in the daemon's log, but the output has switched.
                continue
