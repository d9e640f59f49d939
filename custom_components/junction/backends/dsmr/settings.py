"""Settings of a P1 meter: names in the entry, and defaults."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SerialPortSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol

from .client.dialect import TariffRule
from .client.encryption import parse_keys
from .client.listener import LinkState, P1Listener
from .client.models import Telegram
from .client.transport import LineSettings
from .entities.connection import CONNECTION_POINTS
from .entities.description import Pace
from .entities.inventory import Inventory

NAME: Final = "dsmr"

CONF_PORT: Final = "port"
"""Path or URL; by this name Home Assistant shows which entry uses a port."""
CONF_BAUDRATE: Final = "baudrate"
CONF_EVEN_PARITY: Final = "even_parity"
"""Whether the line has even parity; missing without it."""
CONF_KEY: Final = "encryption_key"
CONF_AUTHENTICATION_KEY: Final = "authentication_key"
CONF_EQUIPMENT: Final = "equipment_id"
"""The meter's own id as printed; None without one."""
CONF_EXCHANGES: Final = "exchanges"
"""Number of times that the user confirmed a replaced meter."""

CONF_POWER_INTERVAL: Final = "power_interval"
CONF_SLOW_INTERVAL: Final = "slow_interval"
CONF_GRACE: Final = "grace"
CONF_TARIFFS: Final = "tariffs"
CONF_UTC_OFFSET: Final = "utc_offset"

DEFAULT_POWER_INTERVAL: Final = 10
DEFAULT_SLOW_INTERVAL: Final = 30
DEFAULT_GRACE: Final = 60
AUTOMATIC: Final = "auto"


CONF_ENCRYPTION: Final = "encryption"

KEYS: Final = frozenset({CONF_KEY, CONF_AUTHENTICATION_KEY})

_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_KEY_FIELDS: Final = {
    vol.Optional(CONF_KEY): _SECRET,
    vol.Optional(CONF_AUTHENTICATION_KEY): _SECRET,
}
PORT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PORT): SerialPortSelector(),
        vol.Required(CONF_ENCRYPTION): section(
            vol.Schema(_KEY_FIELDS), {"collapsed": True}
        ),
    }
)
KEY_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_KEY): _SECRET, vol.Optional(CONF_AUTHENTICATION_KEY): _SECRET}
)


def inventory_for(
    options: Mapping[str, Any], known: Mapping[str, Any] | None
) -> Inventory:
    """Return the inventory for an entry's options; ``known`` is passed on."""
    tariffs = options.get(CONF_TARIFFS, AUTOMATIC)
    return Inventory(
        {
            Pace.POWER: options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL),
            Pace.SLOW: options.get(CONF_SLOW_INTERVAL, DEFAULT_SLOW_INTERVAL),
        },
        rule=None if tariffs == AUTOMATIC else TariffRule(tariffs),
        known=known,
        fixed=CONNECTION_POINTS,
    )


def _line(data: Mapping[str, Any]) -> LineSettings | None:
    speed = data.get(CONF_BAUDRATE)
    return (
        None
        if speed is None
        else LineSettings(speed, data.get(CONF_EVEN_PARITY, False))
    )


def listener_for(
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    on_telegram: Callable[[Telegram], None],
    on_link: Callable[[LinkState], None],
) -> P1Listener:
    """Return the client for an entry's data and options."""
    offset = options.get(CONF_UTC_OFFSET, AUTOMATIC)
    return P1Listener(
        data[CONF_PORT],
        on_telegram=on_telegram,
        on_link=on_link,
        line=_line(data),
        keys=parse_keys(data.get(CONF_KEY), data.get(CONF_AUTHENTICATION_KEY)),
        standard_offset=(
            None if offset == AUTOMATIC else timedelta(hours=float(offset))
        ),
    )
