"""The options of a P1 meter."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
import probatio as vol

from ..flow import choice, number
from ..options import BackendOptionsFlow
from .client import LinkState, P1Client
from .const import (
    AUTOMATIC,
    CONF_AUTHENTICATION_KEY,
    CONF_BAUDRATE,
    CONF_GRACE,
    CONF_KEY,
    CONF_PORT,
    CONF_POWER_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_TARIFFS,
    CONF_UTC_OFFSET,
    DEFAULT_GRACE,
    DEFAULT_POWER_INTERVAL,
    DEFAULT_SLOW_INTERVAL,
)
from .dialect import TariffRule
from .encryption import parse_keys
from .entities.board import Board
from .entities.link import LINK_POINTS
from .entities.source import Pace
from .models import Telegram

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
    """How often values are shown, and what the meter does not say itself."""

    async def async_step_dsmr(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for everything at once."""
        return self.async_change("dsmr", SCHEMA, user_input)


def board_of(options: Mapping[str, Any], known: Mapping[str, Any] | None) -> Board:
    """Return the board that an entry's options ask for; ``known`` as it takes it."""
    tariffs = options.get(CONF_TARIFFS, AUTOMATIC)
    return Board(
        {
            Pace.POWER: options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL),
            Pace.SLOW: options.get(CONF_SLOW_INTERVAL, DEFAULT_SLOW_INTERVAL),
        },
        rule=None if tariffs == AUTOMATIC else TariffRule(tariffs),
        known=known,
        fixed=LINK_POINTS,
    )


def client_of(
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    on_telegram: Callable[[Telegram], None],
    on_link: Callable[[LinkState], None],
) -> P1Client:
    """Return the client that an entry's data and options ask for."""
    offset = options.get(CONF_UTC_OFFSET, AUTOMATIC)
    return P1Client(
        data[CONF_PORT],
        on_telegram=on_telegram,
        on_link=on_link,
        baudrate=data.get(CONF_BAUDRATE),
        keys=parse_keys(data.get(CONF_KEY), data.get(CONF_AUTHENTICATION_KEY)),
        standard_offset=(
            None if offset == AUTOMATIC else timedelta(hours=float(offset))
        ),
    )
