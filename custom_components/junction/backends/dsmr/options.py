"""The options of a P1 meter."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
)
import probatio as vol

from .const import (
    AUTOMATIC,
    CONF_GRACE,
    CONF_POWER_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_TARIFFS,
    CONF_UTC_OFFSET,
    DEFAULT_GRACE,
    DEFAULT_POWER_INTERVAL,
    DEFAULT_SLOW_INTERVAL,
)
from .dialect import TariffRule

OFFSETS: Final = (AUTOMATIC, "0", "1", "2")


def _seconds(maximum: int) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=0,
            max=maximum,
            step=1,
            unit_of_measurement="s",
            mode=NumberSelectorMode.BOX,
        )
    )


SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_POWER_INTERVAL, default=DEFAULT_POWER_INTERVAL): _seconds(
            300
        ),
        vol.Required(CONF_SLOW_INTERVAL, default=DEFAULT_SLOW_INTERVAL): _seconds(3600),
        vol.Required(CONF_GRACE, default=DEFAULT_GRACE): _seconds(3600),
        vol.Required(CONF_TARIFFS, default=AUTOMATIC): SelectSelector(
            SelectSelectorConfig(
                options=[AUTOMATIC, *TariffRule], translation_key="dsmr_tariffs"
            )
        ),
        vol.Required(CONF_UTC_OFFSET, default=AUTOMATIC): SelectSelector(
            SelectSelectorConfig(
                options=list(OFFSETS), translation_key="dsmr_utc_offset"
            )
        ),
    }
)


class DsmrOptionsFlow(OptionsFlowWithReload):
    """How often values are shown, and what the meter does not say itself."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the one form; its step is named by the backend, as its texts are."""
        return await self.async_step_dsmr(user_input)

    async def async_step_dsmr(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for everything at once."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="dsmr",
            data_schema=self.add_suggested_values_to_schema(
                SCHEMA, self.config_entry.options
            ),
        )
