"""Any function of the hub and the cloud, through one action."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.cozify.client.calls import (
    Effect,
    cloud_effect,
    hub_effect,
)
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...api_docs import call, examples, is_not_sent, refuses_hostile_paths
from .conftest import until

EXAMPLES = examples("## Cozify")
LAMP = seed.LAMP_RGBW


def test_documented_examples_are_found() -> None:
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("example", EXAMPLES)
async def test_documented_examples(
    hass: HomeAssistant,
    world: CozifyWorld,
    loaded: MockConfigEntry,
    example: dict[str, Any],
) -> None:
    assert example["action"] == "junction.call_api"
    fields = {**example["data"], "entry": loaded.entry_id}
    found = await hass.services.async_call(
        "junction", "call_api", fields, blocking=True, return_response=True
    )
    assert found is not None
    assert found["status"] == 200
    for secret in world.mint.issued:
        assert secret not in str(found)


async def test_reading(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    found = await call(hass, loaded, path="hub/tz")
    assert found["body"] == "Europe/Helsinki"
    assert found["headers"]["content-type"].startswith("application/json")
    found = await call(hass, loaded, path="hub/poll", query={"ts": 0})
    assert found["body"]["full"] is True


async def test_commanding(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    fulls = loaded.runtime_data.backend.poller.fulls
    await call(hass, loaded, command={"id": LAMP, "type": "CMD_DEVICE_OFF"})
    await until(lambda: world.device(LAMP)["state"]["isOn"] is False)
    # Changed objects are read again.
    await until(lambda: loaded.runtime_data.backend.poller.fulls > fulls)


async def test_secrets_are_shown_when_asked_for(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    found = await call(
        hass, loaded, target="cloud", path="user/hubkeys", show_secrets=True
    )
    assert found["body"] == {seed.HUB_ID: loaded.data["hub_key"]}


IGNORE = {"id": LAMP, "type": "CMD_IGNORE_DEVICE"}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"command": IGNORE}, "call_not_confirmed"),
        (
            {"command": [{"id": LAMP, "type": "CMD_DEVICE_ON"}, IGNORE]},
            "call_not_confirmed",
        ),
        ({"method": "DELETE", "path": "rooms"}, "call_not_confirmed"),
        ({"path": "HUB/scan"}, "call_not_confirmed"),
        (
            {"target": "cloud", "method": "PUT", "path": "user/logout"},
            "call_refused_login",
        ),
        (
            {"target": "cloud", "path": "hub/remote/hub", "confirm": True},
            "call_refused_login",
        ),
        ({"target": "cloud", "command": IGNORE}, "field_invalid"),
        ({"path": "../hub"}, "field_invalid"),
        ({"path": "//evil.example/x"}, "field_invalid"),
        ({"path": "hub/tz", "command": IGNORE}, "fields_one_of"),
        ({}, "fields_one_of"),
        ({"path": "hub/tz", "method": "TRACE"}, "field_invalid"),
    ],
)
async def test_what_is_not_sent(
    hass: HomeAssistant,
    world: CozifyWorld,
    loaded: MockConfigEntry,
    fields: dict[str, Any],
    key: str,
) -> None:
    def sent() -> tuple[int, int]:
        return world.hub.server.log.count(), world.cloud_server.log.count()

    await is_not_sent(hass, loaded, fields, key, sent)


async def test_hostile_paths(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    for target, log in (
        ("hub", world.hub.server.log),
        ("cloud", world.cloud_server.log),
    ):
        await refuses_hostile_paths(hass, loaded, log.count, target=target)
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, loaded, path="hub/tz", function="get_version")
    assert raised.value.translation_key == "call_foreign_field"


async def test_confirmed(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    await call(hass, loaded, command=IGNORE, confirm=True)
    assert world.hub.state.commands[-1] == ("devices/command", IGNORE)


async def test_what_the_hub_refuses_is_an_error(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, path="nothing/there")
    assert raised.value.translation_key == "not_found"
    world.hub.server.inject(faults.status(503), "*/hub/tz", times=1)
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, path="hub/tz")
    assert raised.value.translation_key == "server_error"


@pytest.mark.parametrize(
    ("method", "path", "body", "effect"),
    [
        ("GET", "devices", None, Effect.NONE),
        ("GET", "hub/scan", None, Effect.CONFIGURES),
        ("GET", "hub/stopscan/x", None, Effect.CONFIGURES),
        ("PUT", "devices/command", [{"type": "CMD_DEVICE"}], Effect.COMMAND),
        ("PUT", "devices/command", [], Effect.COMMAND),
        ("PUT", "devices/command", None, Effect.CONFIGURES),
        ("PUT", "devices/command", "CMD_DEVICE", Effect.CONFIGURES),
        ("PUT", "rules/command", [{"type": "RULE_ON_COMMAND"}], Effect.COMMAND),
        ("PUT", "scenes/command", [{"type": "CMD_SCENE"}], Effect.CONFIGURES),
        ("POST", "devices/command", [{"type": "CMD_DEVICE"}], Effect.CONFIGURES),
        ("PUT", "alarms/close", None, Effect.COMMAND),
        ("DELETE", "alarms", None, Effect.CONFIGURES),
    ],
)
def test_effects_on_the_hub(
    method: str, path: str, body: object, effect: Effect
) -> None:
    assert hub_effect(method, path, body) is effect


@pytest.mark.parametrize(
    ("method", "path", "effect"),
    [
        ("GET", "user/hubkeys", Effect.NONE),
        ("PUT", "user", Effect.CONFIGURES),
        ("PUT", "User/Logout", Effect.LOGIN),
        ("GET", "hub/remote/cc/1.14/devices", Effect.LOGIN),
        ("GET", "hub/lan_ip", Effect.NONE),
    ],
)
def test_effects_on_the_cloud(method: str, path: str, effect: Effect) -> None:
    assert cloud_effect(method, path) is effect
