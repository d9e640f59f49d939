"""Login of a Cozify account, which several hubs may live by."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant
from yarl import URL

from ....errors import BackendError
from ...session import brief_session
from ..client import CloudApi
from ..settings import CONF_CLOUD_TOKEN, CONF_EMAIL, CONF_HUB_ID, CONF_HUB_KEY


def share_login(
    hass: HomeAssistant,
    entries: Iterable[ConfigEntry[Any]],
    email: str,
    token: str,
    keys: Mapping[str, str],
) -> None:
    """Give new tokens to the entries of an account, and reload them.

    ``keys`` are those of its hubs by their ids. Nobody is asked for another code then.
    """
    for entry in entries:
        if entry.data.get(CONF_EMAIL) != email:
            continue
        if (key := keys.get(entry.data.get(CONF_HUB_ID, ""))) is None:
            continue
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_CLOUD_TOKEN: token, CONF_HUB_KEY: key}
        )
        for flow in entry.async_get_active_flows(hass, {SOURCE_REAUTH}):
            hass.config_entries.flow.async_abort(flow["flow_id"])
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def async_end_login(
    hass: HomeAssistant, entry: ConfigEntry[Any], bases: Sequence[URL]
) -> None:
    """End the login of an entry that is gone, unless another hub may still live by it.

    ``bases`` are where the cloud may be.
    """
    email = entry.data[CONF_EMAIL]
    others = hass.config_entries.async_entries(entry.domain)
    if any(other.data.get(CONF_EMAIL) == email for other in others):
        return
    async with brief_session(hass) as session:
        cloud = CloudApi(session, bases)
        # Else it ends by itself some day.
        with suppress(BackendError):
            await cloud.log_out(entry.data[CONF_CLOUD_TOKEN])
