"""A seventh backend is one folder, one registry line, one flow and its texts."""

from collections.abc import AsyncGenerator, Generator
import json
from pathlib import Path
import re
from typing import Any

from aiohttp import web
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.junction import backends
from custom_components.junction.const import DOMAIN
from simulators.http_server import FaultyServer

from . import template_backend, texts
from .template_backend import adapter, flow

FOLDER = Path(template_backend.__file__).parent
PACKAGE = Path(backends.__file__).parent.parent
KEY = "open-sesame"
RELAY, TEMPERATURE = "switch.cellar_pump", "sensor.cellar_temperature"

pytestmark = pytest.mark.usefixtures("socket_enabled", "registered")


class Controller:
    """The far side, on loopback."""

    def __init__(self) -> None:
        self.key = KEY
        self.status: dict[str, Any] = {
            "serial": "T-1",
            "name": "Cellar",
            "temperature": 12.5,
            "relays": {"1": {"name": "Pump", "on": False}},
        }
        application = web.Application(middlewares=[self._guard])
        application.router.add_get("/status", self._status)
        application.router.add_post("/relays/{relay}", self._switch)
        self.server = FaultyServer(application)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("X-Key") != self.key:
            return web.json_response({"error": "wrong key"}, status=401)
        response: web.StreamResponse = await handler(request)
        return response

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(self.status)

    async def _switch(self, request: web.Request) -> web.Response:
        relay = self.status["relays"][request.match_info["relay"]]
        relay["on"] = (await request.json())["on"]
        return web.json_response({})


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Add the registration and texts that a real backend has."""
    here = backends.Registered(
        adapter=adapter.__name__, flow=flow.__name__, options=False
    )
    monkeypatch.setitem(backends.BACKENDS, "template", here)
    own = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
    for key, text in texts.flatten(own).items():
        monkeypatch.setitem(texts.texts(), key, text)
    texts.parents.cache_clear()
    yield
    texts.parents.cache_clear()


@pytest.fixture
async def controller() -> AsyncGenerator[Controller]:
    made = Controller()
    async with made.server:
        yield made


async def submit(
    hass: HomeAssistant, step: ConfigFlowResult, **data: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(step["flow_id"], data)
    await hass.async_block_till_done()
    return result


async def add(hass: HomeAssistant, controller: Controller) -> ConfigEntry[Any]:
    """Add it like a user: through the menu, with an error in between."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["type"] is FlowResultType.MENU
    assert "template" in menu["menu_options"]
    form = await submit(hass, menu, next_step_id="template")
    assert form["step_id"] == "template"
    url = controller.server.url
    form = await submit(hass, form, url="not an address", key=KEY)
    assert form["errors"] == {"base": "invalid_address"}
    form = await submit(hass, form, url=url, key="wrong")
    assert form["errors"] == {"base": "auth_failed"}
    done = await submit(hass, form, url=url, key=KEY)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    entry = done["result"]
    assert entry.unique_id == "template:T-1"
    assert entry.state is ConfigEntryState.LOADED
    return entry


def shown(hass: HomeAssistant, entity: str) -> str:
    state = hass.states.get(entity)
    assert state is not None
    return state.state


async def test_from_the_menu_to_a_confirmed_command(
    hass: HomeAssistant, controller: Controller
) -> None:
    entry = await add(hass, controller)
    assert (shown(hass, TEMPERATURE), shown(hass, RELAY)) == ("12.5", "off")
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.name, device.serial_number) == ("Cellar", "T-1")

    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": RELAY}, blocking=True
    )
    assert controller.status["relays"]["1"]["on"] is True
    assert shown(hass, RELAY) == "on"

    controller.status |= {"relays": {}, "temperature": None}
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()
    assert shown(hass, TEMPERATURE) == "unknown"
    assert hass.states.get(RELAY) is None

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_new_key_new_address_and_the_same_entities(
    hass: HomeAssistant, controller: Controller
) -> None:
    entry = await add(hass, controller)
    controller.key = "another"
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()
    (asked,) = hass.config_entries.flow.async_progress()
    assert (asked["context"]["source"], asked["step_id"]) == ("reauth", "template")
    form = await hass.config_entries.flow.async_configure(asked["flow_id"])
    done = await submit(hass, form, url=controller.server.url, key="another")
    assert done["reason"] == "reauth_successful"
    assert shown(hass, TEMPERATURE) == "12.5"

    await controller.server.move()
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    done = await submit(hass, form, url=controller.server.url, key="another")
    assert done["reason"] == "reconfigure_successful"
    assert entry.data["url"] == controller.server.url
    assert shown(hass, TEMPERATURE) == "12.5"


async def test_another_product_is_refused(
    hass: HomeAssistant, controller: Controller
) -> None:
    del controller.status["serial"]
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    form = await submit(hass, menu, next_step_id="template")
    form = await submit(hass, form, url=controller.server.url, key=KEY)
    assert form["errors"] == {"base": "unexpected_json"}


def test_nothing_above_the_backends_names_one() -> None:
    """Shared code names neither this backend nor any other: only the registry does."""
    names = "|".join(backends.BACKENDS)
    for file in PACKAGE.glob("*.py"):
        found = re.findall(rf"\b({names})\b", file.read_text(encoding="utf-8"))
        assert not found, f"{file.name} names {found}"
    assert "template_backend" not in "".join(
        file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")
    )


def test_it_is_small_and_its_client_knows_nothing_of_home_assistant() -> None:
    client = [
        path.read_text(encoding="utf-8")
        for path in (FOLDER / "client").iterdir()
        if path.suffix == ".py"
    ]
    rest = [
        (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        for name in ("adapter", "flow")
    ]
    assert sum(len(text.splitlines()) for text in client + rest) < 270
    assert len(client) == 3
    assert not [
        text
        for text in client
        if "import homeassistant" in text or "from homeassistant" in text
    ]
