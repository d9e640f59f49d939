"""The options of a hub."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio as vol

from .const import CONF_COVERS_INVERTED, CONF_ENERGY_UNIT, CONF_REMOTE, Remote

OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_REMOTE, default=Remote.FALLBACK.value): SelectSelector(
            SelectSelectorConfig(
                options=[mode.value for mode in Remote],
                translation_key="cozify_remote",
                mode=SelectSelectorMode.LIST,
            )
        ),
        vol.Required(CONF_COVERS_INVERTED, default=False): BooleanSelector(),
        vol.Required(CONF_ENERGY_UNIT, default="kwh"): SelectSelector(
            SelectSelectorConfig(
                options=["kwh", "wh"],
                translation_key="cozify_energy_unit",
                mode=SelectSelectorMode.LIST,
            )
        ),
    }
)


class CozifyOptionsFlow(OptionsFlowWithReload):
    """Offers the options."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Begin with the one form there is."""
        return await self.async_step_cozify(user_input)

    async def async_step_cozify(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="cozify",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, self.config_entry.options
            ),
        )
