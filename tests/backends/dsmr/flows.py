"""Steps through the config flow of a P1 meter."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.translation import async_get_translations

from custom_components.junction.const import DOMAIN

from .running import until

LONGEST = 120
"""Seconds after which listening has ended."""

FORM = FlowResultType.FORM
MENU = FlowResultType.MENU
ABORT = FlowResultType.ABORT
CREATED = FlowResultType.CREATE_ENTRY
LISTENING = FlowResultType.SHOW_PROGRESS


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Choose the meter in the menu; return the form that asks for the port."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is MENU
    assert "dsmr" in result["menu_options"]
    result = await flow.async_configure(result["flow_id"], {"next_step_id": "dsmr"})
    assert (result["type"], result["step_id"]) == (FORM, "dsmr")
    assert not result["errors"]
    return result


async def listen(
    hass: HomeAssistant, flow: ConfigFlowResult, port: str, **keys: str
) -> ConfigFlowResult:
    """Submit a port and return the result of listening."""
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"port": port, "encryption": keys}
    )
    return await heard(hass, result)


async def enter_key(
    hass: HomeAssistant, flow: ConfigFlowResult, **keys: str
) -> ConfigFlowResult:
    """Submit keys and return the result of listening with them."""
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], keys)
    return await heard(hass, result)


async def heard(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until the progress step ends, like the frontend."""
    if result["type"] is not LISTENING:
        return result
    assert result["step_id"] == result["progress_action"] == "dsmr_listen"
    await listened(hass, result)
    return await hass.config_entries.flow.async_configure(result["flow_id"])


async def listened(hass: HomeAssistant, result: ConfigFlowResult) -> str:
    """Wait until listening ends, without a browser; return the step that follows."""
    manager, flow_id = hass.config_entries.flow, result["flow_id"]

    def step() -> str:
        return manager.async_get(flow_id)["step_id"]

    await until(lambda: step() != "dsmr_listen", LONGEST)
    return step()


async def confirm(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Confirm the detected meter."""
    assert (result["type"], result["step_id"]) == (FORM, "dsmr_found"), result
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {})
    await hass.async_block_till_done()
    return result


async def read(hass: HomeAssistant, result: ConfigFlowResult) -> str:
    """Return the error of a form as the user reads it."""
    assert result["type"] is FORM, result
    assert result["errors"] is not None
    texts = await async_get_translations(hass, "en", "config", {DOMAIN})
    text = texts[f"component.{DOMAIN}.config.error.{result['errors']['base']}"]
    return text.format(**(result["description_placeholders"] or {}))


def as_shown(address: str) -> str:
    """Return an address as people read it."""
    return address.removeprefix("socket://")


def fields(result: ConfigFlowResult) -> dict[str, Any]:
    """Return the fields of a form and their suggested values."""
    assert result["data_schema"] is not None
    return {
        str(marker): (marker.description or {}).get("suggested_value")
        for marker in result["data_schema"].schema
    }
