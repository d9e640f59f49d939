"""Any request to Mycodo's REST API by one action."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.http_faults import status
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import uid

from ...api_docs import (
    call,
    examples,
    filled,
    is_not_sent,
    refuses_hostile_paths,
    rows,
    run,
)
from .conftest import until

EXAMPLES = examples("## Mycodo")
LIGHT, CLIMATE, PID = uid(1), uid(21), uid(41)
THINGS = {
    "DEVICE": CLIMATE,
    "{output}": LIGHT,
    "{input}": CLIMATE,
    "{function}": uid(31),
    "{pid}": PID,
    "{controller}": CLIMATE,
    "{measurement}": uid(150),
    "{trigger}": uid(34),
    "{unit}": uid(51),
    "{user}": uid(900),
    "{custom}": uid(52),
    "{start}": "1795161600",
    "{end}": "1795165200",
}
READS = [
    path
    for row in rows("### From Mycodo's REST API")
    for method, path in row.requests
    # Details of inputs fail in Mycodo itself since 8.16.1, and it has no camera.
    if method == "GET"
    and not row.is_refused
    and path != "inputs/{input}"
    and not path.startswith("cameras/")
]


def test_examples_are_found() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES)
async def test_examples(
    hass: HomeAssistant, loaded: MockConfigEntry, example: dict[str, Any]
) -> None:
    found = await run(hass, loaded, example, DEVICE=CLIMATE)
    assert found["status"] == 200
    assert "json" in found["headers"]["content-type"]


async def test_what_the_examples_do(
    hass: HomeAssistant, loaded: MockConfigEntry, mycodo: MycodoServer
) -> None:
    inputs, turn_on, several, log = EXAMPLES
    found = await run(hass, loaded, inputs)
    assert found["body"]["input settings"][0]["unique_id"] == CLIMATE
    await run(hass, loaded, turn_on)
    assert mycodo.engine.states()[LIGHT]["0"]
    found = await run(hass, loaded, several, DEVICE=CLIMATE)
    assert found["body"]["measurements"][0]["value"] is not None
    assert "Started" in (await run(hass, loaded, log))["body"]["message"]


@pytest.mark.parametrize("path", READS)
async def test_paths(
    hass: HomeAssistant, loaded: MockConfigEntry, mycodo: MycodoServer, path: str
) -> None:
    """Every path of the page that reads is there, and no answer holds a key."""
    found = await call(hass, loaded, path=filled(path, THINGS), confirm=True)
    assert found["status"] == 200
    assert found["body"] is not None
    assert not [u.key for u in mycodo.state.users if u.key and u.key in str(found)]


async def test_the_root_that_people_copy_along(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    for path in ("api/outputs/", "/api/outputs", "outputs/"):
        found = await call(hass, loaded, path=path)
        assert found["body"]["output devices"]


async def test_pictures_come_as_base64(
    hass: HomeAssistant, loaded: MockConfigEntry, mycodo: MycodoServer
) -> None:
    mycodo.server.inject(
        status(200, "\x00picture", content_type="image/jpeg"), "*/capture_image/*"
    )
    found = await call(hass, loaded, path="cameras/capture_image/1")
    assert (found["body"], found["encoding"]) == ("AHBpY3R1cmU=", "base64")


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "field_missing"),
        ({"path": "daemon/terminate", "method": "POST"}, "call_not_confirmed_disturbs"),
        ({"path": "log/tail/daemon/5"}, "call_not_confirmed_secrets"),
        (
            {"path": "dependency/install/device/x", "confirm": True},
            "call_refused_software",
        ),
        (
            {"path": "Export_Import/export_settings", "confirm": True},
            "call_refused_backup",
        ),
        ({"path": "settings/users", "method": "POST"}, "call_not_confirmed"),
        ({"path": "outputs/1", "method": "DELETE"}, "call_not_confirmed_deletes"),
        ({"path": "outputs", "function": "output_on"}, "call_foreign_field"),
        ({"path": "outputs", "parameters": {}}, "call_foreign_field"),
    ],
)
async def test_what_is_not_sent(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    mycodo: MycodoServer,
    fields: dict[str, Any],
    key: str,
) -> None:
    await is_not_sent(hass, loaded, fields, key, mycodo.server.log.count)


async def test_hostile_paths(
    hass: HomeAssistant, loaded: MockConfigEntry, mycodo: MycodoServer
) -> None:
    await refuses_hostile_paths(hass, loaded, mycodo.server.log.count)


async def test_changes_are_read(
    hass: HomeAssistant, loaded: MockConfigEntry, mycodo: MycodoServer
) -> None:
    """A command to an output costs the outputs, everything else all lists."""
    refreshes = loaded.runtime_data.backend.poller.refreshes
    await call(hass, loaded, path="outputs")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert loaded.runtime_data.backend.poller.refreshes == refreshes
    listed = mycodo.server.log.count("GET", "*/inputs/")
    await run(hass, loaded, EXAMPLES[1])
    await until(lambda: loaded.runtime_data.backend.poller.refreshes > refreshes)
    assert mycodo.server.log.count("GET", "*/inputs/") == listed
    await call(
        hass,
        loaded,
        method="POST",
        path=f"controllers/{CLIMATE}",
        body={"activate": False},
    )
    await until(lambda: mycodo.server.log.count("GET", "*/inputs/") > listed)


async def test_what_mycodo_refuses_is_an_error(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, path="nothing/there")
    assert raised.value.translation_key == "not_found"


@pytest.mark.parametrize("user", ["monitor"])
async def test_a_key_that_may_only_look(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await run(hass, loaded, EXAMPLES[1])
    assert raised.value.translation_key == "mycodo_read_only"
