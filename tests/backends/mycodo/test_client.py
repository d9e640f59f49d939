"""The client against a real server: what it reads, what it sends, what can go wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    CertificateChangedError,
    ConnectionLostError,
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    RedirectedError,
    ServerError,
    TimedOutError,
    TlsPolicy,
)
from custom_components.junction.backends.mycodo.client import MULTI, MycodoClient
from custom_components.junction.backends.mycodo.errors import (
    AlreadyOnError,
    BadUnitError,
    DaemonDownError,
    DaemonFrozenError,
    DatabaseDownError,
    NothingDoneError,
    NotMycodoError,
    ReadOnlyKeyError,
    UselessKeyError,
)
from custom_components.junction.backends.mycodo.models import Reading
from custom_components.junction.backends.mycodo.web import MycodoWeb
from custom_components.junction.errors import (
    AuthFailedError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
)
from simulators import http_faults as faults
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.plan import (
    CLIMATE,
    CONDITIONAL,
    DIMMER,
    FAN,
    GPIO,
    INACTIVE,
    MQTT,
    PID,
    PUMP,
    RELAYS,
    TANK,
)
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, State, uid

from .conftest import INSTALLATION, MakeClient, key_of

AIR = (uid(CLIMATE), "C", 0)


async def test_recognises_a_mycodo_and_what_it_can(client: MycodoClient) -> None:
    assert MULTI in await client.capabilities()
    assert await client.installation() == INSTALLATION


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(404, "nothing here"),
        faults.html_page(200, "Router"),
        faults.status(200, '{"info": {"title": "Petstore"}}'),
        faults.status(200, "[]"),
        faults.empty_body(),
    ],
)
async def test_anything_else_is_no_mycodo(
    mycodo: MycodoServer, client: MycodoClient, fault: faults.Fault
) -> None:
    mycodo.server.inject(fault)
    with pytest.raises(NotMycodoError):
        await client.capabilities()


async def test_lists_the_outputs(client: MycodoClient) -> None:
    found = await client.outputs()
    assert [output.name for output in found.devices][:2] == [
        "Grow light",
        "Relay board",
    ]
    assert found.states[uid(RELAYS)] == {0: False, 1: False, 2: False, 3: False}
    assert found.states[uid(GPIO)] == {0: None}
    names = [c.name for c in found.channels if c.output == uid(RELAYS)]
    assert names == ["Heater", "Fan", "Humidifier", ""]
    # What is secret is not even kept.
    assert "s3cret" not in repr(found)


async def test_lists_everything_else(client: MycodoClient) -> None:
    assert (await client.inputs())[0].period == 5
    assert (await client.functions())[0].period == 5
    assert (await client.triggers())[0].name == "Every minute"
    pid = (await client.pids())[0]
    assert (pid.setpoint, pid.direction, pid.active) == (24.0, "raise", False)
    assert pid.controlled == (uid(CLIMATE), uid(CLIMATE * 100 + 50))
    assert pid.raises == (uid(RELAYS), uid(RELAYS * 100))
    assert pid.lowers is None
    assert (await client.units())[0].text == "µmol/m²/s"
    rows = await client.measurement_rows()
    tank = next(row for row in rows if row.device == uid(TANK))
    assert (tank.meaning, tank.declared_unit) == ("volume", "l")
    assert "[Conditional 01] Frost guard" in {
        choice.item for choice in await client.choices("controllers")
    }
    assert (await client.daemon()).running
    assert await client.controller_active(uid(CLIMATE))
    assert not await client.controller_active(uid(CONDITIONAL))


async def test_an_empty_mycodo_has_nothing(state: State, client: MycodoClient) -> None:
    for rows in (state.outputs, state.inputs, state.functions, state.pids, state.rows):
        rows.clear()
    found = await client.outputs()
    assert (found.devices, found.channels, found.states) == ((), (), {})
    assert await client.inputs() == ()
    assert await client.functions() == ()
    assert await client.pids() == ()
    assert await client.measurement_rows() == ()
    assert await client.choices("inputs/measurements") == ()


async def test_wrong_fields_cost_nothing_but_themselves(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    def damage(found: Any) -> Any:
        found["input settings"][0] |= {"period": "often", "name": None, "extra": [1]}
        found["input settings"][1]["period"] = "15.0"
        found["input settings"].append("what?")
        return found

    mycodo.server.inject(faults.partial_listing(damage), "/api/inputs/")
    inputs = await client.inputs()
    assert len(inputs) == 6
    assert (inputs[0].period, inputs[0].name) == (0.0, "")
    assert inputs[1].period == 15.0


# Keys.


async def test_a_401_is_no_empty_listing(
    session: aiohttp.ClientSession, mycodo: MycodoServer, make_client: MakeClient
) -> None:
    client = make_client()
    mycodo.state.users[0].key = None
    with pytest.raises(AuthFailedError):
        await client.outputs()
    with pytest.raises(AuthFailedError):
        await client.installation()
    with pytest.raises(AuthFailedError):
        await MycodoWeb(client).output_states()
    assert mycodo.server.log.count() == 3


async def test_a_key_that_may_only_look(make_client: MakeClient) -> None:
    client = make_client("monitor")
    assert await client.installation() == INSTALLATION
    assert (await client.outputs()).devices
    for steering in (
        client.daemon(),
        client.controller_active(uid(CLIMATE)),
        client.set_output(uid(RELAYS), 0, state=True),
        client.activate(uid(CLIMATE), True),
        client.force_measurement(uid(CLIMATE)),
        client.create_note("a", "b", [uid(61)]),
        client.create_measurement("x", "C", 0, 1.0),
        MycodoWeb(client).set_value(uid(DIMMER), 0, 1.0),
    ):
        with pytest.raises(ReadOnlyKeyError):
            await steering
    assert await MycodoWeb(client).daemon_alive()


async def test_a_key_that_is_good_for_nothing(make_client: MakeClient) -> None:
    client = make_client("guest")
    with pytest.raises(UselessKeyError):
        await client.installation()
    with pytest.raises(UselessKeyError):
        await client.inputs()


async def test_no_cookie_is_kept(
    session: aiohttp.ClientSession, make_client: MakeClient
) -> None:
    client = make_client("monitor")
    with pytest.raises(ReadOnlyKeyError):
        await client.daemon()
    assert not list(session.cookie_jar)


async def test_an_installation_without_users(
    state: State, mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(
        faults.partial_listing(lambda _: {"user settings": None}), "*/users"
    )
    with pytest.raises(ProtocolError):
        await client.installation()


# Commands.


async def test_outputs_are_switched(mycodo: MycodoServer, client: MycodoClient) -> None:
    states = mycodo.engine.states
    assert "ON at" in await client.set_output(uid(RELAYS), 1, state=True)
    assert states()[uid(RELAYS)]["1"] is True
    with pytest.raises(AlreadyOnError):
        await client.set_output(uid(RELAYS), 1, state=True)
    await client.set_output(uid(RELAYS), 1, state=False)
    assert states()[uid(RELAYS)]["1"] is False
    await client.set_output(uid(FAN), 0, duty_cycle=42.5)
    assert states()[uid(FAN)]["0"] == 42.5
    await client.set_output(uid(PUMP), 0, volume=100)
    assert states()[uid(PUMP)]["0"] is True


@pytest.mark.parametrize(
    ("output", "fields"),
    [
        (FAN, {"state": True}),
        (FAN, {"state": True, "duration": 3}),
        (DIMMER, {"state": True}),
        (DIMMER, {"volume": 3.0}),
        (RELAYS, {"duty_cycle": 50}),
    ],
)
async def test_a_success_that_is_none(
    client: MycodoClient, output: int, fields: dict[str, Any]
) -> None:
    with pytest.raises(NothingDoneError):
        await client.set_output(uid(output), 0, **fields)


async def test_refusals_have_mycodos_words(client: MycodoClient) -> None:
    with pytest.raises(RejectedError, match="Could not turn output on: 7"):
        await client.set_output(uid(RELAYS), 7, state=True)
    with pytest.raises(RejectedError, match="not found"):
        await client.set_output("nope", 0, state=True)
    with pytest.raises(RejectedError, match="duty_cycle does not represent"):
        await client.set_output(uid(FAN), 0, duty_cycle=101)
    # Nothing says that the broker is away.
    assert await client.set_output(uid(MQTT), 0, state=True)


async def test_value_outputs_by_the_web_interface(
    mycodo: MycodoServer, web: MycodoWeb
) -> None:
    assert "value: 5.5" in await web.set_value(uid(DIMMER), 1, 5.5)
    assert mycodo.engine.states()[uid(DIMMER)] == {"0": False, "1": 5.5}
    assert (await web.output_states())[uid(DIMMER)] == {0: False, 1: 5.5}
    with pytest.raises(RejectedError, match="not found"):
        await web.set_value("nope", 0, 1.0)


async def test_controllers_are_started_and_stopped(
    state: State, client: MycodoClient
) -> None:
    for _ in range(2):
        await client.activate(uid(INACTIVE), True)
        assert state.inputs[3].active
    for _ in range(2):
        await client.activate(uid(INACTIVE), False)
        assert not state.inputs[3].active
    with pytest.raises(ServerError):
        await client.activate("nope", True)


async def test_inputs_are_told_to_measure(state: State, client: MycodoClient) -> None:
    await client.force_measurement(uid(CLIMATE))
    with pytest.raises(RejectedError, match="Cannot force"):
        await client.force_measurement(uid(INACTIVE))
    state.daemon_running = False
    # Mycodo answers 200 to this.
    with pytest.raises(DaemonDownError):
        await client.force_measurement(uid(CLIMATE))


async def test_notes(state: State, client: MycodoClient) -> None:
    await client.create_note("From HA", "hello", [uid(61)])
    assert state.notes == [{"name": "From HA", "note": "hello"}]
    with pytest.raises(ServerError):
        await client.create_note("x", "y", ["by-name"])


# Measurements.


async def test_last_value_in_the_stored_unit(client: MycodoClient) -> None:
    reading = await client.last(*AIR, 60)
    assert reading is not None
    assert reading.value == 22.0
    assert reading.time == pytest.approx(client.now(), abs=10)
    # Converted to °F, so that there is nothing in °C, and no error.
    assert await client.last(uid(CLIMATE), "C", 4, 60) is None
    leaf = await client.last(uid(CLIMATE), "F", 4, 60)
    assert leaf is not None and leaf.value == pytest.approx(71.6)
    assert await client.last(uid(INACTIVE), "C", 0, 60) is None
    with pytest.raises(BadUnitError):
        await client.last(uid(CLIMATE), "nonsense", 0, 60)


async def test_many_values_at_once(client: MycodoClient) -> None:
    readings = await client.multi([AIR, (uid(INACTIVE), "C", 0)], 60)
    assert [reading and reading.value for reading in readings] == [22.0, None]
    with pytest.raises(BadUnitError) as caught:
        await client.multi([AIR, (uid(CLIMATE), "zzz", 1)], 60)
    assert caught.value.index == 1


async def test_too_few_answers_are_no_values(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(
        faults.partial_listing(
            lambda found: {"measurements": found["measurements"][:1]}
        ),
        "*/multi",
    )
    assert await client.multi([AIR, AIR], 60) == [await client.last(*AIR, 60), None]


async def test_history_is_in_order(mycodo: MycodoServer, client: MycodoClient) -> None:
    now = int(client.now())
    for second, measure in ((50, "temperature"), (40, "temperature"), (45, None)):
        mycodo.database.write(now - second, "x", "C", 0, measure, second)
    found = await client.historical("x", "C", 0, now - 60, now - 30)
    assert found == [Reading(now - s, float(s)) for s in (50, 45, 40)]
    assert await client.historical("y", "C", 0, now - 60) == []


async def test_values_are_stored(mycodo: MycodoServer, client: MycodoClient) -> None:
    moment = datetime(2026, 11, 20, 8, 0, 0, 392000, tzinfo=UTC)
    await client.create_measurement("outdoor", "C", 0, -4.5)
    await client.create_measurement("outdoor", "C", 0, 3, moment)
    points = mycodo.database.series["C", "outdoor", 0, None]
    assert [value for _, value in points] == [-4.5, 3.0]
    assert points[1][0] == moment.timestamp()
    with pytest.raises(BadUnitError):
        await client.create_measurement("outdoor", "zzz", 0, 1)


async def test_resolved_by_the_server(web: MycodoWeb) -> None:
    leaf = uid(CLIMATE * 100 + 54)
    found = await web.last(uid(CLIMATE), "input", leaf, 60)
    assert found is not None and found.value == pytest.approx(71.6)
    row = uid(INACTIVE * 100 + 50)
    assert await web.last(uid(INACTIVE), "input", row, 60) is None


async def test_the_clock_of_mycodo(state: State, client: MycodoClient) -> None:
    state.offset = -3600.0
    await client.capabilities()
    assert client.skew == pytest.approx(-3600, abs=3)
    assert client.now() == pytest.approx(state.now(), abs=3)
    state.offset = 0.0
    await client.capabilities()
    assert client.skew == 0


# What can go wrong.


async def test_daemon_and_database_are_told_apart(
    state: State, client: MycodoClient, web: MycodoWeb
) -> None:
    state.daemon_running = False
    with pytest.raises(DaemonDownError) as caught:
        await client.outputs()
    assert not isinstance(caught.value, DaemonFrozenError)
    assert not (await client.daemon()).running
    assert not await web.daemon_alive()
    with pytest.raises(DaemonDownError):
        await client.set_output(uid(RELAYS), 0, state=True)
    with pytest.raises(DaemonDownError):
        await client.activate(uid(CLIMATE), True)
    assert await client.inputs()
    state.daemon_running, state.daemon_frozen, state.rpc_timeout = True, True, 0.1
    with pytest.raises(DaemonFrozenError):
        await client.set_output(uid(RELAYS), 0, state=True)
    state.daemon_frozen, state.influx_up = False, False
    with pytest.raises(DatabaseDownError):
        await client.last(*AIR, 60)
    with pytest.raises(DatabaseDownError):
        await client.historical(*AIR, 1)
    assert await client.multi([AIR], 60) == [None]
    assert (await client.outputs()).devices


async def test_a_traceback_is_not_shown(state: State, client: MycodoClient) -> None:
    state.outputs[0].i2c_bus = ""
    with pytest.raises(ServerError) as caught:
        await client.outputs()
    assert (
        caught.value.detail == "ValueError: invalid literal for int() with base 10: ''"
    )


async def test_rate_limit(mycodo: MycodoServer, client: MycodoClient) -> None:
    mycodo.pipeline.limit = 200
    for _ in range(200):
        await client.daemon()
    with pytest.raises(RateLimitedError) as caught:
        await client.daemon()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60
    # Another endpoint has a limit of its own.
    await client.inputs()


FAULTS: list[tuple[faults.Fault, type[Exception]]] = [
    (faults.status(401), AuthFailedError),
    (
        faults.status(502, "<html><title>Error 502: Bad Gateway Error</title>"),
        ServerError,
    ),
    (faults.status(500, ""), ServerError),
    (faults.status(500, "<html><title>Error 500</title>"), ServerError),
    (faults.rate_limited("7"), RateLimitedError),
    (faults.redirect("/elsewhere"), RedirectedError),
    (faults.html_page(), HtmlAnswerError),
    (faults.truncated(), InvalidJsonError),
    (faults.empty_body(), EmptyAnswerError),
    (faults.reset(), ConnectionLostError),
    (faults.reset_mid_body(), ConnectionLostError),
    (faults.status(200, "{}"), ProtocolError),
    (faults.status(200, "[]"), ProtocolError),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_faults_are_told_apart_and_over_when_they_are(
    mycodo: MycodoServer,
    client: MycodoClient,
    fault: faults.Fault,
    error: type[Exception],
) -> None:
    mycodo.server.inject(fault, "/api/inputs/")
    with pytest.raises(error):
        await client.inputs()
    mycodo.server.heal()
    assert len(await client.inputs()) == 6


async def test_the_label_does_not_matter(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(faults.wrong_content_type())
    assert len(await client.inputs()) == 6


@pytest.mark.parametrize("fault", [faults.hang(), faults.slow_drip(0.2)])
async def test_nobody_is_waited_for_for_ever(
    mycodo: MycodoServer,
    client: MycodoClient,
    monkeypatch: pytest.MonkeyPatch,
    fault: faults.Fault,
) -> None:
    mycodo.server.inject(fault)
    monkeypatch.setattr(client.transport, "_timeout", 0.3)
    with pytest.raises(TimedOutError):
        await client.inputs()


async def test_refused_and_back(mycodo: MycodoServer, client: MycodoClient) -> None:
    await client.inputs()
    await mycodo.server.refuse()
    with pytest.raises(Exception, match=r"refused|lost"):
        await client.inputs()
    await mycodo.server.listen()
    assert await client.inputs()


async def test_another_certificate(mycodo: MycodoServer, client: MycodoClient) -> None:
    await client.inputs()
    new = make_v1_certificate()
    await mycodo.server.change_certificate(new)
    mycodo.server.log.clear()
    with pytest.raises(CertificateChangedError) as caught:
        await client.set_output(uid(RELAYS), 0, state=True)
    assert caught.value.certificate.sha256 == new.sha256
    assert mycodo.server.log.count() == 0


@pytest.mark.parametrize(
    "command",
    [
        lambda client: client.set_output(uid(RELAYS), 0, state=True),
        lambda client: client.activate(uid(INACTIVE), True),
        lambda client: MycodoWeb(client).set_value(uid(DIMMER), 0, 3.0),
        lambda client: MycodoWeb(client).hold_pid(uid(PID)),
    ],
)
@pytest.mark.parametrize("executed", [True, False])
async def test_no_command_is_sent_twice(
    mycodo: MycodoServer,
    client: MycodoClient,
    command: Callable[[MycodoClient], Awaitable[Any]],
    executed: bool,
) -> None:
    mycodo.server.inject(faults.reset(executed=executed))
    with pytest.raises(ConnectionLostError):
        await command(client)
    assert mycodo.server.log.count() == 1


async def test_reading_is_tried_again_once(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(faults.reset(), times=1)
    assert await client.inputs()
    assert mycodo.server.log.count() == 2


async def test_a_command_is_never_redirected(
    session: aiohttp.ClientSession, mycodo: MycodoServer
) -> None:
    client = MycodoClient(
        session, URL(mycodo.plain_url), key_of(mycodo), tls=TlsPolicy(verify=False)
    )
    with pytest.raises(RedirectedError) as caught:
        await client.set_output(uid(RELAYS), 0, state=True)
    assert caught.value.to_https
    assert mycodo.server.log.count() == 0
    assert mycodo.engine.executed == []


async def test_two_requests_at_most(mycodo: MycodoServer, client: MycodoClient) -> None:
    mycodo.server.inject(faults.delayed(0.05))
    await asyncio.gather(
        *(client.inputs() for _ in range(6)),
        *(client.set_output(uid(RELAYS), n, state=True) for n in range(4)),
    )
    assert mycodo.server.log.most_in_flight == 2


async def test_the_headers_that_mycodo_wants(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    await client.set_output(uid(RELAYS), 0, state=True)
    (request,) = mycodo.server.log.requests
    assert request.headers["Accept"] == "application/vnd.mycodo.v1+json"
    assert request.headers["X-API-KEY"] == key_of(mycodo)
    assert request.headers["Content-Type"] == "application/json"
    assert not request.query
    assert json.loads(request.body) == {"channel": 0, "state": True}


# The web interface.


async def test_name_and_version(client: MycodoClient, web: MycodoWeb) -> None:
    assert await web.host_name() == "Greenhouse"
    assert await web.version() == "8.16.2"


async def test_name_and_version_are_not_needed(
    mycodo: MycodoServer, web: MycodoWeb
) -> None:
    mycodo.server.inject(faults.status(500, "<html>"))
    assert await web.host_name() is None
    assert await web.version() is None


class TestWithPidWidget:
    @pytest.fixture
    def features(self) -> Features:
        return Features(pid_widget=True)

    async def test_pids_are_steered(self, state: State, web: MycodoWeb) -> None:
        pid = state.pids[0]
        assert await web.has_pid_routes(uid(PID))
        await web.hold_pid(uid(PID))
        assert pid.held
        await web.pause_pid(uid(PID))
        assert pid.paused
        await web.resume_pid(uid(PID))
        assert not pid.held and not pid.paused
        await web.set_setpoint(uid(PID), 25.5)
        assert pid.setpoint == 25.5


async def test_without_pid_widget(web: MycodoWeb) -> None:
    assert not await web.has_pid_routes(uid(PID))
    with pytest.raises(Exception, match="mycodo_no_pid_route"):
        await web.hold_pid(uid(PID))


async def test_errors_never_hold_the_key(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    key = key_of(mycodo)
    mycodo.server.inject(faults.status(460, json.dumps({"message": f"Fail: {key}"})))
    with pytest.raises(RejectedError) as caught:
        await client.set_output(uid(RELAYS), 0, state=True)
    assert key not in str(caught.value)
