"""Requests to one server: limited, timed, checked, and repeated where that is safe."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from functools import partial
import ssl
from typing import Any, Final

import aiohttp
from yarl import URL

from ...errors import BackendError
from ...moments import read_http_date
from .answer import LARGE, Answer, Check, check_status, requires_https
from .auth import Authenticator
from .errors import ConnectionLostError, HttpsNeededError, NotHttpError
from .instruments import Clock, Counters, ServerPause
from .reading import read_body
from .redaction import hide
from .sending import plain, send_once, sendable
from .tls import ContextFactory, TlsPolicy, build_context
from .translate import EXCEPTIONS, translate

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that are repeated when the connection breaks (RFC 9110, 9.2.2)."""

RETRY_PAUSE: Final = 0.5
"""Seconds before a request is repeated."""

# Tolerance in seconds: the header has whole seconds, and the answer took some time.
_SAME_TIME: Final = 2.0


class HttpTransport:
    """Requests to one server. Needs no closing: it owns no connections.

    ``session`` is the injected session, with ``DummyCookieJar``, because some servers
    refuse tokens if a session cookie is present. Its resolver and trusted certificates
    apply. ``base`` is the URL in front of every path (see ``base_url``); it may be
    changed when a server moved. ``headers`` are sent with every request. At most
    ``limit`` requests are in flight; waiting for one of these slots does not count
    towards ``timeout`` (s, for the whole answer), of which connecting may take
    ``connect_timeout`` (s). ``max_body`` is the maximum decompressed size of an answer
    in bytes. ``check`` judges the answers. ``auth`` applies to requests without their
    own authenticator.

    ``pause`` is the pause that the server asked for, shared by transports to the same
    server. Requests by users are sent anyway, and the server may refuse them again.
    During a pause websockets are not opened, and a transport for the ``background``
    sends nothing; both raise RateLimitedError.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        *,
        headers: Mapping[str, str] | None = None,
        limit: int = 2,
        timeout: float = 10.0,
        connect_timeout: float = 5.0,
        max_body: int = 4 * 2**20,
        tls: TlsPolicy | None = None,
        check: Check = check_status,
        auth: Authenticator | None = None,
        clock: Clock | None = None,
        contexts: ContextFactory = build_context,
        pause: ServerPause | None = None,
        background: bool = False,
    ) -> None:
        """Store the settings; nothing is sent yet."""
        self.base = base
        self.counters = Counters()
        self.skew = 0.0
        """Seconds by which the server's clock is ahead of ours, by its last ``Date`` header.

        Whole seconds, the resolution of the header.
        """
        self._policy = tls or TlsPolicy()
        self._session = session
        self._headers = dict(headers or {})
        self._slots = asyncio.Semaphore(limit)
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._max_body = max_body
        self._check = check
        self._auth = auth
        self._clock = clock or Clock()
        self._contexts = contexts
        self.pause = pause or ServerPause(self._clock.monotonic)
        self._background = background
        self._context: ssl.SSLContext | None = None

    def url(self, path: str) -> URL:
        """Return the URL of a path below the base; a final slash stays.

        The path is plain text: characters with a meaning in URLs are quoted.
        """
        return self.base.joinpath(path.lstrip("/")) if path else self.base

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, Any] | None = None,
        data: bytes | aiohttp.FormData | None = None,
        auth: Authenticator | None = None,
        idempotent: bool | None = None,
        timeout: float | None = None,
        max_body: int | None = None,
        check: Check | None = None,
        prompt: bool = False,
    ) -> Answer:
        """Send a request and return its answer, if ``check`` finds no error.

        ``params`` and ``form`` take texts, numbers, booleans (sent as ``true`` and
        ``false``), and lists of them; None omits a field. Pass at most one of ``json``,
        ``form``, and ``data``. With ``auth`` a refused request is repeated after one
        login. ``idempotent`` says whether the request may be repeated if the connection
        broke before the answer was complete; None decides by the method. ``timeout``,
        ``max_body``, and ``check`` override the transport's. ``prompt`` skips the
        queue, for the last request of an entry that is unloaded.

        Redirects are not followed, because a redirected POST would become a GET.

        Raises InvalidHeaderError, UnreachableError (not connected, lost, timed out,
        TLS, 5xx), AuthFailedError (401), RateLimitedError (429), RejectedError (other
        4xx), and ProtocolError (not HTTP, too large, redirected), or their subclasses.
        """
        seconds = self._timeout if timeout is None else timeout
        judge = check or self._check
        repeatable = method in IDEMPOTENT if idempotent is None else idempotent
        query, fields = plain(params), plain(form)
        url = self.url(path).with_query(query or None)
        told = json if isinstance(json, Mapping) else {}

        async def send(extra: Mapping[str, str]) -> Answer:
            sent = sendable({**self._headers, **(headers or {}), **extra})
            exchange = partial(
                self._exchange,
                method,
                url,
                headers=sent,
                json=json,
                data=data if form is None else aiohttp.FormData(fields),
                seconds=seconds,
                max_body=self._max_body if max_body is None else max_body,
                clean=partial(
                    hide, sent=(*sent.items(), *query, *fields, *told.items())
                ),
                slot=nullcontext() if prompt else self._slots,
            )
            try:
                answer = await exchange()
            except ConnectionLostError:
                if not repeatable:
                    raise
                self.counters.retries += 1
                await self._clock.sleep(RETRY_PAUSE)
                answer = await exchange()
            if (error := judge(answer)) is not None:
                self.pause.note(error)
                raise error
            return answer

        if self._background:
            self.pause.keep()
        return await self._authorized(send, auth)

    async def websocket(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        protocols: Iterable[str] = (),
        heartbeat: float | None = None,
        auth: Authenticator | None = None,
        timeout: float | None = None,
        check: Check | None = None,
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a websocket; the caller closes it. It does not count towards ``limit``.

        ``heartbeat`` (s) is the time between two pings; without an answer within half
        of it the socket is closed. aiohttp 3.14 may leave its timer running for that
        long after the close. ``timeout`` (s) is for opening; the other arguments and
        errors are those of ``request``.
        """
        seconds = self._timeout if timeout is None else timeout
        judge = check or self._check
        query = plain(params)
        url = self.url(path).with_query(query or None)

        async def send(extra: Mapping[str, str]) -> aiohttp.ClientWebSocketResponse:
            sent = sendable({**self._headers, **(headers or {}), **extra})
            clean = partial(hide, sent=(*sent.items(), *query))
            context = await self._tls()
            async with self._timed(seconds, clean):
                try:
                    async with asyncio.timeout(seconds):
                        return await self._session.ws_connect(
                            url,
                            headers=sent,
                            protocols=protocols,
                            heartbeat=heartbeat,
                            ssl=context,
                            max_msg_size=self._max_body,
                        )
                except aiohttp.WSServerHandshakeError as err:
                    self.counters.last_status = err.status
                    answer = Answer(
                        status=err.status,
                        headers=err.headers or {},
                        body=b"",
                        url=url,
                        received=self._clock.utcnow(),
                    )
                    error = judge(answer)
                    self.pause.note(error)
                    raise (error or NotHttpError(f"HTTP {err.status}")) from None

        self.pause.keep()
        return await self._authorized(send, auth)

    async def _authorized[ResultT](
        self,
        send: Callable[[Mapping[str, str]], Awaitable[ResultT]],
        auth: Authenticator | None,
    ) -> ResultT:
        auth = auth or self._auth
        try:
            return await (send({}) if auth is None else auth.run(send))
        except BackendError as err:
            self.counters.failures[err.key] += 1
            raise

    async def _exchange(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        json: object,
        data: bytes | aiohttp.FormData | None,
        seconds: float,
        max_body: int,
        clean: Callable[[str], str],
        slot: AbstractAsyncContextManager[None],
    ) -> Answer:
        """Send once, without repeating, and read the answer."""
        context = await self._tls()
        async with (
            slot,
            self._timed(seconds, clean),
            self._session.request(
                method,
                url,
                headers=headers,
                json=json,
                data=data,
                allow_redirects=False,
                ssl=context,
                timeout=self._client_timeout(seconds),
                middlewares=(send_once,),
            ) as response,
        ):
            self.counters.last_status = response.status
            received = self._clock.utcnow()
            self._compare_clocks(response, received)
            answer = Answer(
                status=response.status,
                headers=response.headers,
                body=await read_body(response, max_body),
                url=url,
                received=received,
                clean=clean,
            )
        if requires_https(answer):
            raise HttpsNeededError
        if len(answer.body) < LARGE:
            return answer
        return await asyncio.to_thread(answer.prepared)

    def _compare_clocks(
        self, response: aiohttp.ClientResponse, received: datetime
    ) -> None:
        moment = read_http_date(response.headers.get("Date"))
        if moment is None:
            return
        skew = (moment - received).total_seconds()
        self.skew = skew if abs(skew) > _SAME_TIME else 0.0

    @asynccontextmanager
    async def _timed(
        self, seconds: float, clean: Callable[[str], str]
    ) -> AsyncIterator[None]:
        """Count a request, and translate its exceptions."""
        started = self._clock.monotonic()
        self.counters.requests += 1
        self.counters.in_flight += 1
        try:
            yield
            self.counters.seconds.append(self._clock.monotonic() - started)
        except EXCEPTIONS as err:
            raise translate(err, seconds, clean) from None
        finally:
            self.counters.in_flight -= 1

    def _client_timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            total=seconds, sock_connect=min(self._connect_timeout, seconds)
        )

    async def _tls(self) -> bool | ssl.SSLContext:
        if not self._policy.needs_context:
            return self._policy.verify
        if self._context is None:
            # Two tasks at once may both create one; the second replaces the first,
            # without harm.
            self._context = await asyncio.to_thread(self._contexts, self._policy)
        return self._context
