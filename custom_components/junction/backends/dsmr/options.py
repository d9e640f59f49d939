"""Options flow for P1 meters."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
import probatio as vol

from ..flow import choice, number
from ..options import BackendOptionsFlow
from .client.dialect import TariffRule
from .settings import (
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

OFFSETS: Final = (AUTOMATIC, "0", "1", "2")


SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_POWER_INTERVAL, default=DEFAULT_POWER_INTERVAL): number(
            0, 300, "s"
        ),
        vol.Required(CONF_SLOW_INTERVAL, default=DEFAULT_SLOW_INTERVAL): number(
            0, 3600, "s"
        ),
        vol.Required(CONF_GRACE, default=DEFAULT_GRACE): number(0, 3600, "s"),
        vol.Required(CONF_TARIFFS, default=AUTOMATIC): choice(
            "dsmr_tariffs", AUTOMATIC, *TariffRule
        ),
        vol.Required(CONF_UTC_OFFSET, default=AUTOMATIC): choice(
            "dsmr_utc_offset", *OFFSETS
        ),
    }
)


class DsmrOptionsFlow(BackendOptionsFlow):
    """Options flow: how often values are updated, and what the meter does not report."""

    async def async_step_dsmr(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options at once."""
        return self.async_change("dsmr", SCHEMA, user_input)
