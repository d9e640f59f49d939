"""Any request to a DSMR-reader by one action, and none to a meter."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.dsmr_reader import DsmrReaderServer, State
from simulators.http_faults import status

from ...api_docs import call, examples, is_not_sent, refuses_hostile_paths, rows, run
from ..forward.helpers import telegram
from .helpers import KEY

EXAMPLES = examples("## DSMR-reader")
READS = [
    path
    for row in rows("### From DSMR-reader's API")
    for method, path in row.requests
    if method == "GET"
]


def test_examples_are_found() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES)
async def test_examples(
    hass: HomeAssistant, loaded: MockConfigEntry, example: dict[str, Any]
) -> None:
    found = await run(hass, loaded, example)
    assert found["status"] in {200, 201}
    assert found["headers"]["content-type"].startswith("application/json")
    assert KEY not in str(found)


async def test_what_the_examples_do(
    hass: HomeAssistant, loaded: MockConfigEntry, state: State
) -> None:
    days, meter, tariff, reading = EXAMPLES
    assert len((await run(hass, loaded, days))["body"]["results"]) == 2
    assert (await run(hass, loaded, meter))["body"]["id"] == 1
    await run(hass, loaded, tariff)
    assert state.meter["electricity_tariff"] == 2
    created = (await run(hass, loaded, reading))["body"]
    assert created["electricity_delivered_2"] == "2000.000"


@pytest.mark.parametrize("path", READS)
async def test_paths(hass: HomeAssistant, loaded: MockConfigEntry, path: str) -> None:
    for typed in (path, f"/api/{path}", path.removeprefix("v2/")):
        found = await call(hass, loaded, path=typed)
        assert found["status"] == 200
        assert found["body"]


async def test_a_telegram_goes_as_a_form(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: DsmrReaderServer,
    state: State,
) -> None:
    before = state.meter.get("timestamp")
    text = telegram(datetime.now(UTC))
    fields: dict[str, Any] = {
        "method": "POST",
        "path": "api/v1/datalogger/dsmrreading",
        "body": {"telegram": text},
    }
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, loaded, **fields)
    assert raised.value.translation_key == "call_not_confirmed"
    found = await call(hass, loaded, **fields, confirm=True)
    assert (found["status"], found["body"]) == (201, None)
    assert state.meter["timestamp"] != before
    # The server stores a repeated request twice, so a lost one is not repeated.
    server.server.inject(status(502), "*/v1/*", times=1)
    sent = server.server.log.count("POST")
    with pytest.raises(HomeAssistantError):
        await call(hass, loaded, **fields, confirm=True)
    assert server.server.log.count("POST") == sent + 1


async def test_readings_of_the_future(
    hass: HomeAssistant, loaded: MockConfigEntry, server: DsmrReaderServer
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=3)
    for said in (
        ahead.isoformat(),
        ahead.astimezone().replace(tzinfo=None).isoformat(),
    ):
        body = {**EXAMPLES[3]["data"]["body"], "timestamp": said}
        sent = server.server.log.count("POST")
        with pytest.raises(ServiceValidationError) as raised:
            await call(
                hass,
                loaded,
                method="POST",
                path="v2/datalogger/dsmrreading",
                body=body,
                confirm=True,
            )
        assert raised.value.translation_key == "field_invalid"
        assert server.server.log.count("POST") == sent


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "field_missing"),
        ({"path": "statistics/day", "method": "POST"}, "call_not_confirmed"),
        (
            {"path": "statistics/day", "method": "DELETE"},
            "call_not_confirmed_deletes",
        ),
        ({"path": "statistics/day", "command": {}}, "call_foreign_field"),
        ({"path": "statistics/day", "target": "cloud"}, "call_foreign_field"),
    ],
)
async def test_what_is_not_sent(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: DsmrReaderServer,
    fields: dict[str, Any],
    key: str,
) -> None:
    await is_not_sent(hass, loaded, fields, key, server.server.log.count)


async def test_hostile_paths(
    hass: HomeAssistant, loaded: MockConfigEntry, server: DsmrReaderServer
) -> None:
    await refuses_hostile_paths(hass, loaded, server.server.log.count)


async def test_changes_are_read(
    hass: HomeAssistant, loaded: MockConfigEntry, server: DsmrReaderServer
) -> None:
    path = "*/meter-statistics"
    before = server.server.log.count("GET", path)
    await call(hass, loaded, path="application/version")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert server.server.log.count("GET", path) == before
    await run(hass, loaded, EXAMPLES[2])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert server.server.log.count("GET", path) == before + 1


async def test_what_the_server_refuses_is_an_error(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, path="nothing/there")
    assert raised.value.translation_key == "not_found"
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, method="POST", path="statistics/day", confirm=True)
    assert raised.value.translation_key == "dsmr_reader_data"
