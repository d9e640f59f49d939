"""The local client against the simulated gateway."""

import asyncio
from random import Random
from typing import override

import aiohttp
from aiohttp import web
import pytest

from custom_components.junction.backends.http import (
    Clock,
    NotFoundError,
    ServerError,
    UnexpectedJsonError,
)
from custom_components.junction.backends.openmotics.client import local
from custom_components.junction.backends.openmotics.client.concurrency import (
    gather_or_cancel,
)
from custom_components.junction.backends.openmotics.client.errors import (
    BusDownError,
    BusTimeoutError,
    MaintenanceError,
    MissingActionError,
    NotSuperError,
    TimerError,
    UnknownParameterError,
    UnknownPositionError,
    judge_v0,
)
from custom_components.junction.backends.openmotics.client.gateway import Listener
from custom_components.junction.backends.openmotics.client.local import (
    LIMIT,
    LOGOUT_TIMEOUT,
    LocalGateway,
)
from custom_components.junction.backends.openmotics.client.models import (
    Abilities,
    Kind,
    States,
    Topic,
)
from custom_components.junction.backends.openmotics.client.stream import Stream
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from simulators.http_faults import Handler, hang, html_page, status
from simulators.openmotics.server import GatewayServer

from ..conftest import make_client

JSON = "application/json"


async def test_errors_by_status(gateway: GatewayServer, client: LocalGateway) -> None:
    await client.open()
    with pytest.raises(MissingActionError):
        await client.call("no_such_action")
    with pytest.raises(RejectedError, match="Missing parameters"):
        await client.call("set_output", {"id": 0})
    with pytest.raises(RejectedError, match="invalid_parameters"):
        await client.call("set_output", {"id": "abc", "is_on": True})
    with pytest.raises(UnknownParameterError):
        await client.call("set_output", {"id": 0, "is_on": True, "foo": 1})
    with pytest.raises(NotFoundError):
        await client.call("set_output", {"id": 200, "is_on": True})
    with pytest.raises(UnsupportedError):
        await client.call("get_airco_status")
    gateway.state.quirks.maintenance = True
    with pytest.raises(MaintenanceError):
        await client.call("get_version")
    gateway.state.quirks.maintenance = False
    gateway.server.inject(status(500, '{"success":false,"msg":"unknown_error"}'))
    with pytest.raises(ServerError):
        await client.call("get_version")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Internal communication timeout", BusTimeoutError),
        ("Internal communication failure", BusDownError),
        ("maintenance_mode", MaintenanceError),
        ("Feature unavailable", UnsupportedError),
        ("invalid_token", AuthFailedError),
        ("Object not found", NotFoundError),
        ("ventilation level 9 not in [0, 1, 2, 3, 4]", RejectedError),
    ],
)
def test_words_under_a_good_status(words: str, kind: type[BackendError]) -> None:
    assert type(judge_v0(words)) is kind


async def test_fields_that_are_not_known(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """An older gateway gets requests for whole configurations from then on."""
    for row in gateway.state.outputs:
        del row["in_use"]
    await client.open()
    first = await client.configuration()
    assert len(first.outputs) > 15, "everything is in use"
    await client.configuration()
    asked = gateway.server.log.to("POST", "/get_output_configurations")
    assert [bool(request.body) for request in asked] == [True, False, False]


async def test_a_configuration_that_is_none(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """A response without a list must not count as an empty list."""
    await client.open()
    gateway.server.inject(
        status(200, '{"success": true}', content_type=JSON), "/get_room_configurations"
    )
    with pytest.raises(UnexpectedJsonError):
        await client.configuration()


async def test_an_action_that_is_missing_later(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    await client.open()
    await client.configuration()
    words = "The path '/get_sensor_configurations' was not found."
    gateway.server.inject(
        status(404, f'{{"success": false, "msg": "{words}"}}', content_type=JSON),
        "/get_sensor_configurations",
    )
    with pytest.raises(MissingActionError):
        await client.configuration()


async def test_a_classic_gateway(gateway: GatewayServer, client: LocalGateway) -> None:
    gateway.state.quirks.classic = True
    gateway.state.features.remove("thermostats_gateway")
    await client.open()
    assert client.abilities.timers
    assert not client.abilities.unit_off
    with pytest.raises(TimerError):
        await client.set_output(0, True, seconds=300)
    await client.set_output(0, True, seconds=450)
    found = await client.configuration()
    blind = next(one for one in found.shutters if one.id == 8)
    assert blind.positions, "by time, on this master"
    gateway.state.shutters[8] |= {"timer_up": 0.1, "timer_down": 0.1}
    gateway.state.runs[8].position = 0
    await client.place_shutter(8, 50, seconds=1)
    await client.set_thermostat_group(0, cooling=True)
    assert gateway.state.group_modes[0] == "cooling"
    states = await client.status(Topic.THERMOSTATS)
    assert states[Kind.UNIT, "0"]


async def test_a_shutter_that_does_not_find_itself(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    await client.open()
    words = "Timer expired when resetting shutter 8, could not get actual position"
    gateway.server.inject(
        status(200, f'{{"success": false, "msg": "{words}"}}', content_type=JSON),
        "/do_shutter_goto",
        times=1,
    )
    with pytest.raises(UnknownPositionError):
        await client.place_shutter(8, 50, seconds=1)
    with pytest.raises(RejectedError, match="position limit"):
        await client.place_shutter(8, 500, seconds=1)


async def test_a_restart_right_after_the_login(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """The token of the login is void as well: that is not yet a wrong role."""
    await client.open()
    logins = gateway.server.log.count("POST", "/login")
    refused = status(
        401, '{"success": false, "msg": "invalid_token"}', content_type=JSON
    )
    gateway.server.inject(refused, "/get_status", times=2)
    await client.call("get_status")
    assert gateway.server.log.count("POST", "/login") == logins + 1
    gateway.server.inject(refused, "/get_status")
    gateway.server.log.clear()
    with pytest.raises(NotSuperError):
        await client.call("get_status")
    # It does not log in for ever.
    assert gateway.server.log.count("POST", "/login") == 2


async def test_a_login_without_a_lifetime(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """An older gateway does not know how to be asked for one."""
    page = html_page(400, "Unexpected body parameters: timeout")

    async def older(request: web.Request, handler: Handler) -> web.StreamResponse:
        known = b"timeout" not in await request.read()
        return await (handler(request) if known else page(request, handler))

    gateway.server.inject(older, "/login")
    await client.open()
    assert gateway.server.log.count("POST", "/login") == 2


async def test_closing_never_raises(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    await client.open()
    gateway.server.inject(html_page(500), "/logout")
    await client.close()
    await client.close()
    assert gateway.server.log.count("POST", "/logout") == 1


async def test_one_login_for_many(
    gateway: GatewayServer, session: aiohttp.ClientSession
) -> None:
    client = make_client(gateway, session)
    await asyncio.gather(*(client.call("get_version") for _ in range(10)))
    assert gateway.logins == 1
    assert gateway.server.log.most_in_flight <= 3


# Readers.


class Deaf:
    """A gateway whose events break in prescribed ways."""

    abilities = Abilities()

    def __init__(self, *ways: BackendError | None) -> None:
        self.ways = list(ways)

    async def listen(self, listener: Listener) -> None:
        way = self.ways.pop(0)
        if way is None:
            listener.live()
            listener.changed({})
            listener.stale(Topic.OUTPUTS)
            way = UnreachableError()
        raise way


class Watching:
    """Records what it is notified of."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def live(self) -> None:
        self.said.append("live")

    def changed(self, states: States) -> None:
        self.said.append("changed")

    def stale(self, topic: Topic) -> None:
        self.said.append("stale")

    def broken(self, error: BackendError) -> None:
        self.said.append(error.key)


async def test_patience() -> None:
    """Pauses grow, restart after a success, and are long for permanent errors."""
    slept: list[float] = []
    over = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if not gateway.ways:
            over.set()
            await asyncio.Event().wait()

    gateway = Deaf(
        UnsupportedError(),
        *[UnreachableError()] * 8,
        None,
        UnreachableError(),
        AuthFailedError(),
        # One that had events has them again soon.
        UnsupportedError(),
        # Not a second before the server wants to be asked, nor more often for that.
        RateLimitedError(retry_after=300),
        RateLimitedError(retry_after=7),
        RateLimitedError(),
    )

    class Certain(Random):
        @override
        def uniform(self, a: float, b: float) -> float:
            return b

    watching = Watching()
    stream = Stream(
        gateway,  # type: ignore[arg-type]
        watching,
        clock=Clock(sleep=sleep),
        random=Certain(),
    )
    running = asyncio.create_task(stream.run())
    await over.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert slept == [900, 1, 2, 4, 8, 16, 32, 60, 60, 1, 2, 60, 60, 300, 60, 60]
    assert watching.said[9:13] == ["live", "changed", "stale", "unreachable"]
    assert stream.connections == 1
    assert not stream.never


async def test_logout_waits_for_no_other_request(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """Requests that hang hold all places, and go on doing so."""
    await client.open()
    gateway.server.inject(hang(), "/get_version")
    hanging = [asyncio.create_task(client.call("get_version")) for _ in range(LIMIT)]
    async with asyncio.timeout(20):
        while gateway.server.log.count("POST", "/get_version") < LIMIT + 1:
            await asyncio.sleep(0.01)
        await client.close()
    assert not any(task.done() for task in hanging)
    assert gateway.server.log.count("POST", "/logout") == 1
    assert client._auth.headers is None
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_logout_is_brief(
    gateway: GatewayServer, client: LocalGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LOGOUT_TIMEOUT <= 2
    monkeypatch.setattr(local, "LOGOUT_TIMEOUT", 0.1)
    await client.open()
    gateway.server.inject(hang(), "/logout")
    async with asyncio.timeout(20):
        await client.close()
    assert client.transport.counters.failures == {"timed_out": 1}


async def test_cancelled_caller_of_several_requests_stays_cancelled() -> None:
    """Although one of them fails in the same moment."""

    async def fails() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise UnreachableError("reset") from None

    task = asyncio.create_task(gather_or_cancel(fails(), fails()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
