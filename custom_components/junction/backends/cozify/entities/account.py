"""Login of a Cozify account, which several hubs may share."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    emails: Collection[str],
    login: Mapping[str, str],
    keys: Mapping[str, str],
) -> None:
    """Store a new login in all entries of an account, and reload them.

    ``emails`` are the addresses of the account, before and now. ``keys`` are the hub keys
    by hub id. The user then needs no further code.
    """
    for entry in entries:
        if entry.data.get(CONF_EMAIL) not in emails:
            continue
        if (key := keys.get(entry.data.get(CONF_HUB_ID, ""))) is None:
            continue
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, **login, CONF_HUB_KEY: key}
        )
        for flow in entry.async_get_active_flows(hass, {SOURCE_REAUTH}):
            hass.config_entries.flow.async_abort(flow["flow_id"])
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def async_end_login(
    hass: HomeAssistant, entry: ConfigEntry[Any], bases: Sequence[URL]
) -> None:
    """Invalidate the login of a removed entry, unless another hub may still use it.

    ``bases`` are the possible addresses of the cloud.
    """
    email = entry.data[CONF_EMAIL]
    others = hass.config_entries.async_entries(entry.domain)
    if any(other.data.get(CONF_EMAIL) == email for other in others):
        return
    async with brief_session(hass) as session:
        cloud = CloudApi(session, bases)
        # Otherwise the token expires by itself.
        with suppress(BackendError):
            await cloud.log_out(entry.data[CONF_CLOUD_TOKEN])
