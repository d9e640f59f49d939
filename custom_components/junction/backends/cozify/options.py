"""Options flow for Cozify."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import BooleanSelector
import probatio as vol

from ..flow import choice
from ..options import BackendOptionsFlow
from .client import Remote
from .settings import CONF_COVERS_INVERTED, CONF_ENERGY_UNIT, CONF_REMOTE

OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_REMOTE, default=Remote.FALLBACK.value): choice(
            "cozify_remote", *(mode.value for mode in Remote), is_list=True
        ),
        vol.Required(CONF_COVERS_INVERTED, default=False): BooleanSelector(),
        vol.Required(CONF_ENERGY_UNIT, default="kwh"): choice(
            "cozify_energy_unit", "kwh", "wh", is_list=True
        ),
    }
)


class CozifyOptionsFlow(BackendOptionsFlow):
    """Options flow of a hub."""

    async def async_step_cozify(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options."""
        return self.async_change("cozify", OPTIONS_SCHEMA, user_input)
