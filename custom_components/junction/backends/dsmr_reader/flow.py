"""Config flow for DSMR-reader."""

from collections.abc import Mapping
from functools import partial
import hashlib
from typing import Any, ClassVar, Final
from uuid import uuid4

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import BooleanSelector
import probatio as vol
from yarl import URL

from ...const import CONF_BACKEND
from ...errors import BackendError
from ..flow import BackendFlow
from ..forward.client.api import ReaderApi
from ..forward.connection import (
    async_probe,
    flat,
    free_title,
    sections,
    without_proxy,
    wrong_section,
)
from ..forward.fields import CONNECTION
from ..forward.settings import CONF_API_KEY, CONF_PROXY, CONF_URL
from ..trust import policy_data, tls_policy
from .client.api import ReaderClient
from .client.models import Reading
from .options import ReaderOptionsFlow
from .settings import CONF_HISTORY, DEFAULT_HISTORY, NAME

CONF_FINGERPRINT: Final = "fingerprint"

NEW_SCHEMA: Final = vol.Schema(
    {
        **CONNECTION,
        vol.Required(CONF_HISTORY, default=DEFAULT_HISTORY): BooleanSelector(),
    }
)
SCHEMA: Final = vol.Schema(CONNECTION)
KEY_SCHEMA: Final = vol.Schema(
    {
        key: value
        for key, value in CONNECTION.items()
        if key in (CONF_API_KEY, CONF_PROXY)
    }
)


class DsmrReaderFlow(BackendFlow):
    """Config flow of a DSMR-reader.

    Servers have no id. The first reading, which no cleanup deletes, is used instead; a
    server without readings gets a random one.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = ReaderOptionsFlow

    async def async_step_dsmr_reader(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address and the key."""
        error: BackendError | None = None
        entry = self.entry_in_repair
        if user_input is not None:
            url = URL()
            try:
                data = flat(self.complete(SCHEMA, user_input))
                url = URL(data[CONF_URL])
                options = {CONF_HISTORY: data.pop(CONF_HISTORY, DEFAULT_HISTORY)}
                if entry is None:
                    self._async_abort_entries_match(
                        {CONF_BACKEND: NAME, CONF_URL: data[CONF_URL]}
                    )
                data |= policy_data(self.trusted(url))
                fingerprint = await self._fingerprint(data)
            except BackendError as err:
                again = partial(self.async_step_dsmr_reader, user_input)
                if asked := await self.async_ask_for_trust(err, url, again):
                    return asked
                error = err
            else:
                return await self._finish(data, fingerprint, options)
        filled: Mapping[str, Any] | None = user_input
        if filled is None and entry is not None:
            filled = sections(entry.data)
        return self.async_ask(
            step_id="dsmr_reader",
            schema=NEW_SCHEMA if entry is None else SCHEMA,
            error=error,
            wrong=wrong_section(error),
            filled=filled,
        )

    async def async_step_reconfigure_dsmr_reader(self) -> ConfigFlowResult:
        """Ask for the server's new address."""
        self._take_trust(self._get_reconfigure_entry().data)
        return await self.async_step_dsmr_reader()

    async def async_step_reauth_dsmr_reader(self) -> ConfigFlowResult:
        """Ask for the new key."""
        self._take_trust(self._get_reauth_entry().data)
        return await self.async_step_dsmr_reader_key()

    def _take_trust(self, data: Mapping[str, Any]) -> None:
        self.keep(SCHEMA, data)
        self.trust(URL(data[CONF_URL]), tls_policy(data))

    async def async_step_dsmr_reader_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new key, or the proxy's password; the address stays."""
        error: BackendError | None = None
        entry = self._get_reauth_entry()
        if user_input is not None:
            full = self.complete(KEY_SCHEMA, user_input)
            data = flat({**full, CONF_URL: entry.data[CONF_URL]})
            url = URL(data[CONF_URL])
            data |= policy_data(self.trusted(url))
            try:
                await async_probe(self.hass, data)
            except BackendError as err:
                again = partial(self.async_step_dsmr_reader_key, user_input)
                if asked := await self.async_ask_for_trust(err, url, again):
                    return asked
                error = err
            else:
                return self.async_update_reload_and_abort(
                    entry, data=without_proxy(entry.data) | data
                )
        return self.async_ask(
            step_id="dsmr_reader_key",
            schema=KEY_SCHEMA,
            error=error,
            wrong=wrong_section(error),
            filled=sections(entry.data) if user_input is None else user_input,
            server=entry.title,
        )

    async def _fingerprint(self, data: dict[str, Any]) -> str | None:
        """Return the id of the server; None while it has no readings."""
        api, version = await async_probe(self.hass, data)
        return _told_apart(await _oldest(api, version))

    async def _finish(
        self, data: dict[str, Any], fingerprint: str | None, options: dict[str, Any]
    ) -> ConfigFlowResult:
        entry = self.entry_in_repair
        if entry is None:
            data[CONF_FINGERPRINT] = fingerprint
            title = free_title(one.title for one in self._async_current_entries())
            return await self.async_finish(
                NAME, fingerprint or uuid4().hex, title, data, options
            )
        before = entry.data.get(CONF_FINGERPRINT)
        moved = data[CONF_URL] != entry.data[CONF_URL]
        if moved and before is not None and before != fingerprint:
            return self.async_abort(reason="unique_id_mismatch")
        if self._is_other_entry(entry.entry_id, data[CONF_URL]):
            return self.async_abort(reason="already_configured")
        data[CONF_FINGERPRINT] = fingerprint or before
        return self.async_update_reload_and_abort(
            entry, data=without_proxy(entry.data) | data
        )

    def _is_other_entry(self, own: str, url: str) -> bool:
        return any(
            other.entry_id != own and other.data.get(CONF_URL) == url
            for other in self._async_current_entries()
            if other.data.get(CONF_BACKEND) == NAME
        )


async def _oldest(api: ReaderApi, version: str | None) -> Reading | None:
    client = ReaderClient(api)
    client.take_version(version)
    return await client.oldest()


def _told_apart(reading: Reading | None) -> str | None:
    if reading is None:
        return None
    told = f"{reading.time.isoformat()}/{reading.registers}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


FLOW: Final = DsmrReaderFlow
