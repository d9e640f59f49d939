"""Steps through the config flow of a Cozify hub."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.junction.const import DOMAIN
from simulators.cozify.seed import OWNER
from simulators.cozify.server import CozifyWorld

type Result = Any


async def begin(hass: HomeAssistant) -> Result:
    """Choose Cozify in the menu."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": "cozify"}
    )


async def answer(hass: HomeAssistant, result: Result, **fields: Any) -> Result:
    """Fill in a form."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], fields)


async def to_code(hass: HomeAssistant, **advanced: Any) -> Result:
    """Go to the step that asks for the code."""
    result = await begin(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "cozify")
    result = await answer(hass, result, email=f" {OWNER} ", advanced=advanced)
    assert result["step_id"] == "cozify_code"
    assert result["description_placeholders"]["email"] == OWNER
    return result


async def with_code(hass: HomeAssistant, world: CozifyWorld, result: Result) -> Result:
    """Enter the code that was sent last."""
    return await answer(hass, result, code=f" {world.cloud.code_of(OWNER)} ")
