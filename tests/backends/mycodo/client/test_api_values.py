"""The client against a real server: commands and measurements."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.junction.backends.http import ServerError
from custom_components.junction.backends.mycodo.client.api import MycodoClient
from custom_components.junction.backends.mycodo.client.errors import (
    AlreadyOnError,
    BadUnitError,
    DaemonDownError,
    NothingDoneError,
    UnknownTagError,
)
from custom_components.junction.backends.mycodo.client.models import Reading
from custom_components.junction.backends.mycodo.client.web import MycodoWeb
from custom_components.junction.errors import RejectedError
from simulators import http_faults as faults
from simulators.mycodo.plan import CLIMATE, DIMMER, FAN, INACTIVE, MQTT, PUMP, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State, uid

AIR = (uid(CLIMATE), "C", 0)
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
    # Nothing indicates that the broker is offline.
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
    with pytest.raises(UnknownTagError):
        await client.create_note("x", "y", ["by-name"])


async def test_notes_while_the_web_server_restarts(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(faults.status(502, "<html>"), "/api/notes/create")
    with pytest.raises(ServerError):
        await client.create_note("x", "y", [uid(61)])


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
