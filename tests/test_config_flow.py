"""The parts of the config flow that belong to no backend."""

import sys
import threading
from typing import Any

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import config_flow
from custom_components.junction.backends import BACKENDS, load_flow, loaded_flow
from custom_components.junction.backends.flow import BackendFlow
from custom_components.junction.config_flow import JunctionConfigFlow
from custom_components.junction.const import CONF_BACKEND, DOMAIN

from . import fake_backend, fake_house
from .fake_backend import House


async def submit(
    hass: HomeAssistant, step: ConfigFlowResult, **data: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(step["flow_id"], data)
    await hass.async_block_till_done()
    return result


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Choose the fake backend in the menu."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id="fake")


async def test_menu_offers_every_backend(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["type"] is FlowResultType.MENU
    assert menu["step_id"] == "user"
    assert menu["menu_options"] == list(BACKENDS)
    assert "fake" in menu["menu_options"]


@pytest.mark.parametrize("name", sorted(BACKENDS))
def test_every_backend_has_a_flow_that_can_be_entered(name: str) -> None:
    """Every backend has a config flow, and the registry agrees with it."""
    assert hasattr(JunctionConfigFlow(), f"async_step_{name}")
    flow = load_flow(name)
    assert hasattr(flow, f"async_step_{name}")
    assert hasattr(flow, f"async_step_reconfigure_{name}")
    assert hasattr(flow, f"async_step_usb_{name}") is BACKENDS[name].plugged
    assert (flow.options_flow is not None) is BACKENDS[name].options
    assert tuple(flow.subentry_flows) == BACKENDS[name].subentries
    for subentry in flow.subentry_flows.values():
        assert hasattr(subentry, "async_step_reconfigure")


def test_only_steps_of_backends_are_there_before_one_is_chosen() -> None:
    for name in ("async_step_typewriter", "fake", "dsmr"):
        assert not hasattr(JunctionConfigFlow(), name)


async def test_steps_are_loaded_in_a_thread_when_they_are_asked_for(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only then, and only those of the backend that was chosen."""
    loaded: list[tuple[str, bool]] = []

    def load(name: str) -> type[BackendFlow]:
        loaded.append((name, threading.current_thread() is threading.main_thread()))
        return load_flow(name)

    monkeypatch.setattr(config_flow, "loaded_flow", lambda _: None)
    monkeypatch.setattr(config_flow, "load_flow", load)
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert loaded == []
    form = await submit(hass, menu, next_step_id="mycodo")
    assert form["step_id"] == "mycodo"
    assert loaded == [("mycodo", False)]


def test_steps_are_not_there_before_they_are_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert loaded_flow("mycodo") is load_flow("mycodo")
    monkeypatch.delitem(sys.modules, BACKENDS["mycodo"].flow)
    assert loaded_flow("mycodo") is None


async def test_new_installation(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fake_backend.HOUSES, "fake:9", fake_house.full_house())
    form = await begin(hass)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "fake")
    result = await submit(hass, form, serial="9", host="198.51.100.9")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    created = result["result"]
    assert created.unique_id == "fake:9"
    assert created.title == "Fake house"
    assert created.data == {CONF_BACKEND: "fake", "host": "198.51.100.9"}
    assert created.options == {"interval": 20.0}
    assert (created.version, created.minor_version) == (1, 1)
    assert created.state is ConfigEntryState.LOADED


async def test_known_installation_gets_the_new_address(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    form = await begin(hass)
    result = await submit(hass, form, serial="4711", host="198.51.100.8")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert loaded.data["host"] == "198.51.100.8"
    assert loaded.data["token"] == "hush-hush"
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1
    # The new address is used at once.
    assert house.calls["connect"] == 2


@pytest.mark.parametrize("kind", ["reauth", "reconfigure"])
async def test_repair(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, kind: str
) -> None:
    start = (
        loaded.start_reauth_flow if kind == "reauth" else loaded.start_reconfigure_flow
    )
    form = await start(hass)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, f"{kind}_fake")

    result = await submit(hass, form, serial="4712", host="198.51.100.8")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"
    assert loaded.data["host"] == "198.51.100.7"

    form = await start(hass)
    result = await submit(hass, form, serial="4711", host="198.51.100.8")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == f"{kind}_successful"
    assert loaded.data == {
        CONF_BACKEND: "fake",
        "host": "198.51.100.8",
        "token": "hush-hush",
    }
    assert loaded.unique_id == "fake:4711"
    assert house.calls["connect"] == 2


@pytest.mark.parametrize("kind", ["reauth", "reconfigure"])
async def test_repair_of_an_unknown_backend(hass: HomeAssistant, kind: str) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id="future:1", data={CONF_BACKEND: "future"}
    )
    entry.add_to_hass(hass)
    start = (
        entry.start_reauth_flow if kind == "reauth" else entry.start_reconfigure_flow
    )
    result = await start(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unknown_backend"


async def test_options(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert loaded.supports_options
    form = await hass.config_entries.options.async_init(loaded.entry_id)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "init")
    result = await hass.config_entries.options.async_configure(
        form["flow_id"], {"interval": 45.0}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {"interval": 45.0}
    # In force at once.
    assert house.calls["connect"] == 2
    assert loaded.runtime_data.interval == 45


@pytest.mark.parametrize(
    ("source", "data"),
    [
        (SOURCE_USER, {CONF_BACKEND: "future"}),
        # Without it the list of all integrations could not be shown.
        (SOURCE_IGNORE, {}),
    ],
)
async def test_entry_without_a_known_backend_has_no_options(
    hass: HomeAssistant, source: str, data: dict[str, str]
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, source=source, data=data)
    entry.add_to_hass(hass)
    assert entry.as_json_fragment
    assert not entry.supports_options
    assert entry.supported_subentry_types == {}


async def test_subentries(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert loaded.supported_subentry_types == {"more": {"supports_reconfigure": True}}
    result = await hass.config_entries.subentries.async_init(
        (loaded.entry_id, "more"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [added] = loaded.subentries.values()
    assert added.title == "More"
    again = await loaded.start_subentry_reconfigure_flow(hass, added.subentry_id)
    assert again["reason"] == "reconfigure_successful"
    assert [sub.title for sub in loaded.subentries.values()] == ["Changed"]


async def test_reauth_names_the_entry(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    loaded.async_start_reauth(hass)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["title_placeholders"] == {"name": "Fake house"}
