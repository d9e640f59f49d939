"""A Mycodo whose daemon has a port of its own, and an entry that uses it."""

from collections.abc import AsyncIterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.mycodo.entities import daemon as installing
from custom_components.junction.const import DOMAIN
from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import CONDITIONAL, TRIGGER
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Input, State, uid

from .conftest import Poll

DISPLAY, ACTIONS, ACTION = 95, 96, 97
NOWHERE = "ffffffff-0000-4000-8000-000000000000"
LAMP = "switch.grow_light"
HEATING = "climate.heating"
CHANNEL = "binary_sensor.greenhouse_daemon_channel"


@pytest.fixture
def state(state: State) -> State:
    state.pids[0].active = True
    state.triggers[0].active = True
    state.conditionals[0].active = True
    state.functions.append(
        Input(
            DISPLAY,
            uid(DISPLAY),
            "Display",
            "display_generic_lcd_16x2_i2c",
            10.0,
            lambda _: {},
        )
    )
    return state


@pytest.fixture
async def daemon(mycodo: MycodoServer) -> AsyncIterator[DaemonServer]:
    """Return a daemon that listens."""
    server = DaemonServer(mycodo.pipeline)
    server.displays = {uid(DISPLAY)}
    server.actions = {uid(ACTION): " Pause PID (Heating)."}
    server.functions_with_actions = dict.fromkeys(
        (uid(ACTIONS), uid(TRIGGER), uid(CONDITIONAL)), (" Pause PID (Heating).",)
    )
    server.conditions = {"c000": 21.5, "c004": "off"}
    server.conditions_dict = {"c002": [(1795871263.5, 21.5), (1795871268.5, 21.6)]}
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def options(daemon: DaemonServer) -> dict[str, Any]:
    return {
        "daemon": True,
        "daemon_host": "127.0.0.1",
        "daemon_port": daemon.port,
        "execute_actions": [uid(ACTIONS)],
    }


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record requirements that Home Assistant would install; they are installed already."""
    asked: list[list[str]] = []

    async def process(hass: HomeAssistant, name: str, requirements: list[str]) -> None:
        asked.append(requirements)

    monkeypatch.setattr(installing, "async_process_requirements", process)
    return asked


@pytest.fixture
async def loaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    poll: Poll,
) -> MockConfigEntry:
    """Return an entry that is set up, with every entity enabled."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    for found in er.async_entries_for_config_entry(entity_registry, entry.entry_id):
        if found.disabled:
            entity_registry.async_update_entity(found.entity_id, disabled_by=None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await poll()
    return entry


async def call(
    hass: HomeAssistant, entry: MockConfigEntry, function: str, **fields: Any
) -> Any:
    """Call the action, and return its result."""
    found = await hass.services.async_call(
        DOMAIN,
        "mycodo_daemon",
        {"entry": entry.entry_id, "function": function, **fields},
        blocking=True,
        return_response=True,
    )
    assert found is not None
    return found["result"]
