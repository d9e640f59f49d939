"""One login for many requests, against a server that forgets its sessions."""

import asyncio
from collections.abc import Mapping
import gc

from aiohttp import WSMsgType, web
import pytest

from custom_components.junction.backends.http import (
    Authenticator,
    ConnectionLostError,
    HttpTransport,
    NotFoundError,
    NotHttpError,
    TimedOutError,
    json_fields,
)
from custom_components.junction.errors import AuthFailedError, BackendError
from simulators.http_faults import Fault, Handler, delayed, hang, reset, status
from simulators.http_server import FaultyServer

from .conftest import Connect, Product

LOGIN = "/api/login"
PRIVATE = "/api/private"


class Client:
    """A client as a backend implements it."""

    def __init__(self, http: HttpTransport, headers: Mapping[str, str] | None = None):
        self.http = http
        self.password = "correct horse"
        self.auth = Authenticator(self.log_in, headers)

    async def log_in(self) -> Mapping[str, str]:
        form = {"user": "me", "password": self.password}
        answer = await self.http.request("POST", LOGIN, form=form)
        return {"Authorization": f"Bearer {json_fields.text(answer.object(), 'token')}"}

    async def get(self) -> object:
        return (await self.http.request("GET", PRIVATE, auth=self.auth)).json()


@pytest.fixture
def client(server: FaultyServer, connect: Connect) -> Client:
    return Client(connect(server, limit=4))


async def gather(client: Client, number: int) -> list[object]:
    requests = (client.get() for _ in range(number))
    return await asyncio.gather(*requests, return_exceptions=True)


async def test_logs_in_on_first_need(client: Client, server: FaultyServer) -> None:
    assert await client.get() == {"private": True}
    assert await client.get() == {"private": True}
    assert server.log.routes() == {f"POST {LOGIN}": 1, f"GET {PRIVATE}": 2}


async def test_many_at_once_share_the_first_login(
    client: Client, server: FaultyServer
) -> None:
    assert await gather(client, 20) == [{"private": True}] * 20
    assert server.log.routes() == {f"POST {LOGIN}": 1, f"GET {PRIVATE}": 20}


async def test_stored_headers_are_used(
    client: Client, server: FaultyServer, product: Product
) -> None:
    product.tokens.add("stored")
    client.auth.headers = {"Authorization": "Bearer stored"}
    await client.get()
    assert server.log.routes() == {f"GET {PRIVATE}": 1}


@pytest.mark.parametrize("limit", [1, 4, 50])
async def test_many_401_share_one_login(
    server: FaultyServer, connect: Connect, product: Product, limit: int
) -> None:
    """Also with one slot only, which the login needs itself."""
    client = Client(connect(server, limit=limit))
    await client.get()
    product.tokens.clear()
    server.log.clear()
    server.inject(delayed(0.01), LOGIN)
    assert await gather(client, 20) == [{"private": True}] * 20
    assert server.log.count("POST", LOGIN) == 1
    # Each was refused once and repeated once.
    assert server.log.count("GET", PRIVATE) == 40
    assert client.auth.logins == 2
    assert client.http.counters.failures == {}


async def test_late_401_does_not_log_in_again(
    client: Client, server: FaultyServer, product: Product
) -> None:
    """A refusal that was long under way finds that somebody logged in meanwhile."""
    await client.get()
    product.tokens.clear()
    refusal = status(401, '{"msg": "invalid_token"}')

    async def late(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return await refusal(request, handler)

    server.inject(late, PRIVATE, times=1)
    first = asyncio.create_task(client.get())
    await server.log.until(lambda log: log.count("GET", PRIVATE) == 2)
    await client.get()
    assert client.auth.logins == 2
    assert await first == {"private": True}
    assert server.log.count("POST", LOGIN) == 2


async def test_401_once_repeats_even_a_command(
    client: Client, server: FaultyServer, product: Product
) -> None:
    """It was refused, so it was not carried out."""
    await client.get()
    product.tokens.clear()
    answer = await client.http.request("POST", PRIVATE, auth=client.auth)
    assert answer.status == 200
    assert server.log.count("POST", PRIVATE) == 2


async def test_401_for_good_logs_in_once_per_request(
    client: Client, server: FaultyServer
) -> None:
    """Right credentials without the right role: logging in does not end it."""
    server.inject(status(401, '{"msg": "invalid_token"}'), PRIVATE)
    with pytest.raises(AuthFailedError) as caught:
        await client.get()
    assert caught.value.detail == "invalid_token"
    assert server.log.routes() == {f"POST {LOGIN}": 1, f"GET {PRIVATE}": 1}
    server.log.clear()
    with pytest.raises(AuthFailedError):
        await client.get()
    assert server.log.routes() == {f"POST {LOGIN}": 1, f"GET {PRIVATE}": 2}
    assert client.http.counters.failures == {"auth_failed": 2}


@pytest.mark.parametrize("known", [False, True])
async def test_refused_login_is_not_tried_again_by_the_others(
    client: Client, server: FaultyServer, product: Product, known: bool
) -> None:
    if known:
        await client.get()
    product.tokens.clear()
    client.password = "wrong horse"
    server.log.clear()
    results = await gather(client, 20)
    assert all(isinstance(result, AuthFailedError) for result in results)
    assert server.log.count("POST", LOGIN) == 1
    # Its words came from the login, without the password that the server repeats.
    assert {str(result) for result in results} == {"wrong password **REDACTED**"}
    # Another request tries again, and so does one after the password was put right.
    with pytest.raises(AuthFailedError):
        await client.get()
    assert server.log.count("POST", LOGIN) == 2
    client.password = "correct horse"
    assert await client.get() == {"private": True}


async def test_late_401_shares_a_refusal(
    client: Client, server: FaultyServer, product: Product
) -> None:
    await client.get()
    product.tokens.clear()
    client.password = "wrong"
    server.inject(delayed(0.1), PRIVATE, times=1)
    first = asyncio.create_task(client.get())
    await server.log.until(lambda log: log.count("GET", PRIVATE) == 2)
    with pytest.raises(AuthFailedError):
        await client.get()
    with pytest.raises(AuthFailedError):
        await first
    assert server.log.count("POST", LOGIN) == 2


async def test_login_that_cannot_be_made_says_why(
    client: Client, server: FaultyServer, product: Product
) -> None:
    """An unreachable server does not cause a reauthentication."""
    await client.get()
    product.tokens.clear()
    server.inject(reset(), LOGIN)
    server.log.clear()
    results = await gather(client, 3)
    assert {type(result) for result in results} == {ConnectionLostError}
    server.heal()
    assert await gather(client, 3) == [{"private": True}] * 3


async def test_cancelled_request_leaves_the_login_to_the_others(
    client: Client, server: FaultyServer
) -> None:
    server.inject(delayed(0.1), LOGIN)
    tasks = [asyncio.create_task(client.get()) for _ in range(3)]
    await server.log.until(lambda log: log.in_flight > 0)
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await asyncio.gather(*tasks[1:]) == [{"private": True}] * 2
    assert server.log.count("POST", LOGIN) == 1


async def test_login_that_nobody_waits_for_ends(
    client: Client, server: FaultyServer
) -> None:
    before = asyncio.all_tasks()
    injection = server.inject(hang(), LOGIN)
    tasks = [asyncio.create_task(client.get()) for _ in range(3)]
    await server.log.until(lambda log: log.in_flight > 0)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    await server.log.until(lambda log: log.in_flight == 0)
    names = {task.get_name() for task in asyncio.all_tasks() - before}
    assert "login" not in names
    server.heal(injection)
    assert await client.get() == {"private": True}


async def test_login_that_fails_unseen_is_not_reported_as_lost(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed login is not logged as an unretrieved error after its last waiter is cancelled."""
    failed = asyncio.Event()

    async def log_in() -> Mapping[str, str]:
        failed.set()
        raise AuthFailedError

    client.auth = Authenticator(log_in)
    task = asyncio.create_task(client.get())
    await failed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_renewing_without_need(client: Client) -> None:
    """Daily renewal of a token."""
    await client.auth.login()
    await client.auth.login()
    assert client.auth.headers == {"Authorization": "Bearer token-2"}
    assert await client.get() == {"private": True}
    assert client.auth.logins == 2


# ------------------------------------------------------------------ websockets


async def test_websocket(
    client: Client, server: FaultyServer, product: Product
) -> None:
    await client.get()
    product.tokens.clear()
    socket = await client.http.websocket(f"{PRIVATE}/ws", auth=client.auth)
    await socket.send_str("hello")
    message = await socket.receive()
    assert (message.type, message.data) == (WSMsgType.TEXT, "heard hello")
    await socket.close()
    assert server.log.count("GET", "*/ws") == 2
    assert client.http.counters.requests == 5
    assert client.http.counters.in_flight == 0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (status(404), NotFoundError),
        (status(200, "no websocket here"), NotHttpError),
        (status(401), AuthFailedError),
        (hang(), TimedOutError),
        (reset(), ConnectionLostError),
    ],
)
async def test_websocket_refused(
    client: Client, server: FaultyServer, fault: Fault, kind: type[BackendError]
) -> None:
    server.inject(fault, "*/ws")
    with pytest.raises(kind) as caught:
        await client.http.websocket(
            f"{PRIVATE}/ws", params={"token": "secret"}, auth=client.auth, timeout=0.5
        )
    assert type(caught.value) is kind
    assert client.http.counters.failures == {caught.value.key: 1}
