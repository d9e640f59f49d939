"""The client against a real server: lists, values, and permissions of a key."""

import json
from typing import Any

import aiohttp
import pytest

from custom_components.junction.backends.mycodo.client import MULTI, MycodoClient
from custom_components.junction.backends.mycodo.client.errors import (
    NotMycodoError,
    ReadOnlyKeyError,
    UselessKeyError,
)
from custom_components.junction.backends.mycodo.client.web import MycodoWeb
from custom_components.junction.errors import (
    AuthFailedError,
    ProtocolError,
    RejectedError,
)
from simulators import http_faults as faults
from simulators.mycodo.plan import CLIMATE, CONDITIONAL, DIMMER, GPIO, PID, RELAYS, TANK
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, State, uid

from ..conftest import INSTALLATION, MakeClient, key_of


async def test_recognises_a_mycodo_and_what_it_can(client: MycodoClient) -> None:
    assert MULTI in await client.capabilities()
    assert (await client.users())[0] == INSTALLATION


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
    # Secrets are not kept.
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
        await client.users()
    with pytest.raises(AuthFailedError):
        await MycodoWeb(client).output_states()
    # A refusal is believed the second time.
    assert mycodo.server.log.count() == 6


async def test_a_key_that_may_only_look(make_client: MakeClient) -> None:
    client = make_client("monitor")
    assert (await client.users())[0] == INSTALLATION
    assert (await client.outputs()).devices
    for command in (
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
            await command
    assert await MycodoWeb(client).daemon_alive()


async def test_a_key_that_is_good_for_nothing(make_client: MakeClient) -> None:
    client = make_client("guest")
    with pytest.raises(UselessKeyError):
        await client.users()
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
        await client.users()


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
