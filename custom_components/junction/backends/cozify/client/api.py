"""Requests to one hub, over the local network or through the cloud.

The address of a hub changes, a firmware update changes the version in its paths, and
its keys expire. ``HubApi`` handles all three (docs/protocols/cozify.md#call-sequences,
docs/protocols/cozify.md#discovery).
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import aiohttp
from yarl import URL

from ....errors import AuthFailedError, BackendError, ProtocolError, UnreachableError
from ...http import (
    Answer,
    Clock,
    Counters,
    HttpTransport,
    PermissionDeniedError,
    json_fields as j,
)
from .cloud import CloudApi
from .const import Remote
from .errors import (
    HubGoneError,
    HubKeyRefusedError,
    RemoteUnpaidError,
    VersionGoneError,
    WrongHubError,
    check_hub,
)
from .keys import Keys
from .models import Meta
from .probe import identify, parse_meta

LOCAL_TIMEOUT: Final = 10.0
REMOTE_TIMEOUT: Final = 25.0
LOOK_AGAIN: Final = 300.0
"""Seconds between two searches for the hub in the local network while it is remote."""
ASK_FOR_ADDRESSES: Final = 60.0
"""Minimum seconds between two requests for addresses while the hub is searched."""
ASK_AGAIN: Final = 3600.0
"""Seconds for which a key is not renewed again after a request was forbidden."""


_SAYS_NOTHING_OF_LOCAL: Final = (
    AuthFailedError,
    HubGoneError,
    PermissionDeniedError,
    RemoteUnpaidError,
    UnreachableError,
)
"""Errors of the remote route that say nothing about the local one."""


class Route(StrEnum):
    """Route to the hub."""

    LOCAL = "local"
    REMOTE = "remote"


class HubApi:
    """Send requests to one hub, over the available route.

    ``moved`` is called when the hub was found at another address, ``unpaid`` with
    whether the cloud refuses remote use because it is not paid for.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        cloud: CloudApi,
        keys: Keys,
        *,
        hub_id: str,
        host: URL | None,
        remote: Remote = Remote.FALLBACK,
        moved: Callable[[URL], None] = lambda url: None,
        unpaid: Callable[[bool], None] = lambda refused: None,
        clock: Clock | None = None,
    ) -> None:
        """Initialize; nothing is sent yet."""
        self._session = session
        self._cloud = cloud
        self.keys = keys
        self._hub_id = hub_id
        self._host = host
        self.remote = remote
        self._moved = moved
        self._unpaid = unpaid
        self._clock = clock or Clock()
        # The long poll and two commands.
        self._local = HttpTransport(
            session,
            host or URL("http://127.0.0.1"),
            limit=3,
            timeout=LOCAL_TIMEOUT,
            check=check_hub,
            clock=clock,
        )
        self._looking = asyncio.Lock()
        self._look_due = 0.0
        self._addresses_due = 0.0
        self._ask_due = 0.0
        self._refused_remote = False
        self.route: Route | None = None
        self.meta: Meta | None = None
        self.searches = 0
        """Number of searches for the hub."""

    @property
    def counters(self) -> Counters:
        """Return the request counters of the local route."""
        return self._local.counters

    @property
    def host(self) -> URL | None:
        """Return the last known local address of the hub."""
        return self._host

    # Discovery of the hub.

    async def find(self) -> None:
        """Find a route to the hub: at its last address, elsewhere in the network, or by the cloud.

        No secret is sent before the id of the hub was verified. Raises the error of the
        first route, which may be WrongHubError.
        """
        async with self._looking:
            self.searches += 1
            self.route = None
            problem: BackendError | None = None
            if self.remote is not Remote.ONLY:
                try:
                    await self._find_local()
                except BackendError as err:
                    problem = err
                else:
                    return
            if self.remote is not Remote.OFF:
                try:
                    await self._find_remote()
                except BackendError as err:
                    problem = problem or err
                else:
                    return
            raise problem or UnreachableError

    async def look_for_local(self) -> bool:
        """Return to the local network if a search is due and finds the hub."""
        if (
            self.route is not Route.REMOTE
            or self.remote is Remote.ONLY
            or self._clock.monotonic() < self._look_due
        ):
            return False
        self._look_due = self._clock.monotonic() + LOOK_AGAIN
        return await self.try_local()

    async def try_local(self) -> bool:
        """Switch to the local route if the hub answers there.

        Cheap enough for every few seconds: one request without a key to the last known
        address, and at most one request for addresses per minute.
        """
        if self.remote is Remote.ONLY:
            return False
        async with self._looking:
            ask_cloud = self._clock.monotonic() >= self._addresses_due
            try:
                await self._find_local(ask_cloud=ask_cloud)
            except BackendError:
                return False
            return True

    async def _find_local(self, *, ask_cloud: bool = True) -> None:
        problem: BackendError = UnreachableError()
        if self._host is not None:
            try:
                return self._adopt_host(self._host, await self._ask(self._host))
            except BackendError as err:
                problem = err
        if not ask_cloud:
            raise problem
        self._addresses_due = self._clock.monotonic() + ASK_FOR_ADDRESSES
        try:
            addresses = await self._cloud.addresses()
        except BackendError as err:
            raise problem if self._host else err from None
        others = [url for url in addresses if url != self._host]
        # In parallel, so that one that hangs does not delay one that answers.
        answers = await asyncio.gather(
            *(self._ask(url) for url in others), return_exceptions=True
        )
        for url, answer in zip(others, answers, strict=True):
            if isinstance(answer, Meta):
                return self._adopt_host(url, answer)
        raise problem

    def _adopt_host(self, host: URL, meta: Meta) -> None:
        self._local.base = host
        self.meta, self.route = meta, Route.LOCAL
        if host != self._host:
            self._host = host
            self._moved(host)

    async def _ask(self, url: URL) -> Meta:
        """Return the hub's information at an address, if it is the right hub."""
        meta = await identify(self._session, url, self._clock)
        if meta.hub_id != self._hub_id:
            raise WrongHubError
        return meta

    async def _find_remote(self) -> None:
        self._look_due = self._clock.monotonic() + LOOK_AGAIN
        answer = await self._with_key(Route.REMOTE, "GET", "hub")
        self.meta, self.route = parse_meta(answer), Route.REMOTE

    # Requests.

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request below ``/cc/<version>`` over the current route.

        An outdated version and an expired key are corrected once. Raises what
        ``HttpTransport`` raises, AuthFailedError (CloudLoginError, HubKeyRefusedError)
        if the key cannot be renewed, HubGoneError, PermissionDeniedError,
        RemoteUnpaidError, WrongHubError.
        """
        if self.route is None:
            await self.find()
        route = self.route or Route.LOCAL
        try:
            return await self._current(route, method, path, **options)
        except _SAYS_NOTHING_OF_LOCAL:
            # The hub itself may allow what the cloud refuses.
            if route is Route.LOCAL or not await self.try_local():
                raise
        return await self._current(Route.LOCAL, method, path, **options)

    async def _current(
        self, route: Route, method: str, path: str, **options: Any
    ) -> Answer:
        """Send a request with the hub's current API version."""
        try:
            return await self._with_key(route, method, self._versioned(path), **options)
        except VersionGoneError:
            # The firmware was updated in the meantime.
            await self._read_meta(route)
            return await self._with_key(route, method, self._versioned(path), **options)

    async def command(self, path: str, body: object) -> Answer:
        """Send a command; if the hub cannot be reached directly, through the cloud.

        All commands set a state, so repeating one does no harm.
        """
        try:
            return await self.request("PUT", path, json=body)
        except UnreachableError:
            if self.route is not Route.LOCAL or self.remote is not Remote.FALLBACK:
                raise
            if self._refused_remote:
                raise
            path = self._versioned(path)
            try:
                return await self._with_key(Route.REMOTE, "PUT", path, json=body)
            except BackendError:
                pass
            raise

    def _versioned(self, path: str) -> str:
        assert self.meta is not None  # known as soon as there is a route
        return f"cc/{self.meta.api}/{path}"

    async def _read_meta(self, route: Route) -> None:
        if route is Route.REMOTE:
            self.meta = parse_meta(await self._with_key(route, "GET", "hub"))
        else:
            self.meta = await self._ask(self._local.base)

    async def _with_key(
        self, route: Route, method: str, path: str, **options: Any
    ) -> Answer:
        used = self.keys.tokens.hub
        try:
            return await self._send(route, method, path, **options)
        except AuthFailedError:
            if route is Route.LOCAL:
                # First verify that it is still the right hub.
                await self._read_meta(route)
            # Even if the key is unchanged: one refusal proves nothing.
            await self.keys.renew_hub_key(used)
        except PermissionDeniedError:
            # Some hubs answer this for an expired key too, but a new login would not
            # help.
            if self._clock.monotonic() < self._ask_due:
                raise
            self._ask_due = self._clock.monotonic() + ASK_AGAIN
            try:
                renewed = await self.keys.renew_hub_key(used)
            except BackendError:
                renewed = False
            if not renewed:
                raise
        try:
            return await self._send(route, method, path, **options)
        except AuthFailedError as err:
            raise HubKeyRefusedError(err.detail) from err

    async def _send(
        self, route: Route, method: str, path: str, **options: Any
    ) -> Answer:
        tokens = self.keys.tokens
        if route is Route.LOCAL:
            return await self._local.request(
                method, path, headers={"Authorization": tokens.hub}, **options
            )
        options.setdefault("timeout", REMOTE_TIMEOUT)
        try:
            answer = await self._cloud.relay(
                method, path, tokens.cloud, tokens.hub, **options
            )
        except RemoteUnpaidError:
            self._refuse_remote(refused=True)
            raise
        self._refuse_remote(refused=False)
        return answer

    def _refuse_remote(self, *, refused: bool) -> None:
        if refused is not self._refused_remote:
            self._refused_remote = refused
            self._unpaid(refused)

    async def ping(self) -> None:
        """Check whether the hub answers on the current route, without a key."""
        if self.route is Route.LOCAL:
            await self._read_meta(self.route)
        else:
            await self.find()

    async def time_zone(self) -> str | None:
        """Return the time zone of the hub: the cheapest request that needs a key."""
        answer = await self.request("GET", "hub/tz")
        try:
            return j.text(answer.json())
        except ProtocolError:
            return None
