"""The way to a hub: a login by e-mail and one-time code, and the hub in the network."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import aiohttp
from homeassistant.config_entries import (
    SOURCE_IMPORT,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol
from yarl import URL

from ...const import CONF_BACKEND
from ...errors import BackendError
from ..flow import BackendFlow
from ..http import base_url
from .cloud import CloudClient
from .const import (
    CLOUDS,
    CONF_CLOUD,
    CONF_CLOUD_TOKEN,
    CONF_EMAIL,
    CONF_HOST,
    CONF_HUB_ID,
    CONF_HUB_KEY,
    HUB_PORT,
    NAME,
)
from .errors import HubGoneError, NoHubsError, WrongHubError
from .identify import identify, parse_meta
from .options import CozifyOptionsFlow
from .tokens import claims

CONF_CODE: Final = "code"
CONF_NEW_CODE: Final = "new_code"
CONF_HUBS: Final = "hubs"
CONF_ADVANCED: Final = "advanced"

EMAIL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_EMAIL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.EMAIL, autocomplete="email")
        ),
        vol.Required(CONF_ADVANCED): section(
            vol.Schema({vol.Optional(CONF_CLOUD): TextSelector()}), {"collapsed": True}
        ),
    }
)
CODE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_CODE): TextSelector(
            TextSelectorConfig(autocomplete="one-time-code")
        ),
        vol.Optional(CONF_NEW_CODE, default=False): BooleanSelector(),
    }
)
ADDRESS_SCHEMA: Final = vol.Schema({vol.Optional(CONF_HOST): TextSelector()})


@dataclass(frozen=True, slots=True)
class _Found:
    """A hub of the account; ``host`` is None where it was not found in the network."""

    id: str
    name: str
    key: str
    host: URL | None = None


class CozifyFlow(BackendFlow):
    """The steps of Cozify.

    ``cozify`` asks for the e-mail address, ``cozify_code`` for the code that is sent
    there, ``cozify_hubs`` which of several hubs, ``cozify_address`` where a hub is that
    was not found. ``cozify_login`` tells why a login is needed again.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = CozifyOptionsFlow

    _cozify_email: str = ""
    _cozify_cloud_url: str | None = None
    _cozify_token: str = ""
    _cozify_keys: Mapping[str, str] = {}
    _cozify_hubs: Mapping[str, _Found] = {}
    _cozify_chosen: list[str] = []

    async def async_step_cozify(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the e-mail address, and have a code sent there."""
        error: BackendError | None = None
        if user_input is not None:
            self._cozify_email = user_input[CONF_EMAIL].strip()
            try:
                typed = user_input[CONF_ADVANCED].get(CONF_CLOUD, "").strip()
                self._cozify_cloud_url = str(base_url(typed)) if typed else None
                await self._cozify_send_code()
                return await self.async_step_cozify_code()
            except BackendError as err:
                error = err
        return self._cozify_form(
            "cozify",
            self.add_suggested_values_to_schema(EMAIL_SCHEMA, user_input or {}),
            error,
            cloud=str(CLOUDS[0]),
        )

    async def async_step_cozify_code(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the code. Another one is sent only when asked for: it ends the first."""
        error: BackendError | None = None
        if user_input is not None:
            code = user_input.get(CONF_CODE, "").strip()
            try:
                if user_input[CONF_NEW_CODE] or not code:
                    await self._cozify_send_code()
                else:
                    await self._cozify_log_in(code)
                    return await self._cozify_go_on()
            except BackendError as err:
                error = err
        return self._cozify_form(
            "cozify_code", CODE_SCHEMA, error, email=self._cozify_email
        )

    async def async_step_cozify_hubs(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which of the hubs to add."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._cozify_chosen = user_input[CONF_HUBS]
            if self._cozify_chosen:
                return await self._cozify_add()
            errors[CONF_HUBS] = "cozify_choose_one"
        options = [
            SelectOptionDict(value=hub.id, label=hub.name)
            for hub in self._cozify_hubs.values()
        ]
        schema = vol.Schema(
            {
                vol.Required(
                    CONF_HUBS, default=list(self._cozify_hubs)
                ): SelectSelector(
                    SelectSelectorConfig(
                        options=options, multiple=True, mode=SelectSelectorMode.LIST
                    )
                )
            }
        )
        return self.async_show_form(
            step_id="cozify_hubs", data_schema=schema, errors=errors
        )

    async def async_step_cozify_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where a hub is; nothing means to look for it, or to use the cloud."""
        error: BackendError | None = None
        hub = self._cozify_hubs[self._cozify_chosen[0]]
        if user_input is not None:
            typed = user_input.get(CONF_HOST, "").strip()
            try:
                hub = await self._cozify_find_one(hub, typed)
                return await self._cozify_finish(hub)
            except BackendError as err:
                error = err
        suggested = user_input or ({CONF_HOST: str(hub.host)} if hub.host else {})
        return self._cozify_form(
            "cozify_address",
            self.add_suggested_values_to_schema(ADDRESS_SCHEMA, suggested),
            error,
            name=hub.name,
        )

    async def async_step_reauth_cozify(self) -> ConfigFlowResult:
        """Ask for a new login."""
        self._cozify_take(self._get_reauth_entry())
        return await self.async_step_cozify_login()

    async def async_step_cozify_login(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Tell what is needed; a code is not sent before somebody is there to see it."""
        error: BackendError | None = None
        if user_input is not None:
            try:
                await self._cozify_send_code()
                return await self.async_step_cozify_code()
            except BackendError as err:
                error = err
        return self._cozify_form(
            "cozify_login", vol.Schema({}), error, email=self._cozify_email
        )

    async def async_step_reconfigure_cozify(self) -> ConfigFlowResult:
        """Ask for another address."""
        entry = self._get_reconfigure_entry()
        self._cozify_take(entry)
        data = entry.data
        hub = _Found(
            data[CONF_HUB_ID],
            entry.title,
            data[CONF_HUB_KEY],
            URL(data[CONF_HOST]) if data.get(CONF_HOST) else None,
        )
        self._cozify_hubs, self._cozify_chosen = {hub.id: hub}, [hub.id]
        return await self.async_step_cozify_address()

    async def async_step_import_cozify(
        self, import_data: dict[str, Any]
    ) -> ConfigFlowResult:
        """Add a hub that was chosen together with another."""
        data = dict(import_data)
        title = data.pop("title")
        return await self.async_finish(NAME, data[CONF_HUB_ID], title, data)

    # How.

    def _cozify_form(
        self, step: str, schema: vol.Schema, error: BackendError | None, **words: str
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step,
            data_schema=schema,
            errors={"base": error.key} if error else {},
            description_placeholders={**(error.placeholders if error else {}), **words},
        )

    def _cozify_take(self, entry: ConfigEntry[Any]) -> None:
        self._cozify_email = entry.data[CONF_EMAIL]
        self._cozify_cloud_url = entry.data.get(CONF_CLOUD)
        self._cozify_token = entry.data[CONF_CLOUD_TOKEN]

    @asynccontextmanager
    async def _cozify_session(self) -> AsyncIterator[aiohttp.ClientSession]:
        session = async_create_clientsession(
            self.hass, auto_cleanup=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        try:
            yield session
        finally:
            session.detach()

    @asynccontextmanager
    async def _cozify_cloud(self) -> AsyncIterator[CloudClient]:
        async with self._cozify_session() as session:
            bases = [URL(self._cozify_cloud_url)] if self._cozify_cloud_url else CLOUDS
            yield CloudClient(session, bases)

    async def _cozify_send_code(self) -> None:
        async with self._cozify_cloud() as cloud:
            await cloud.request_code(self._cozify_email)

    async def _cozify_log_in(self, code: str) -> None:
        async with self._cozify_cloud() as cloud:
            self._cozify_token = await cloud.log_in(self._cozify_email, code)
            self._cozify_keys = await cloud.hub_keys(self._cozify_token)

    async def _cozify_go_on(self) -> ConfigFlowResult:
        """Go on after the login."""
        if self.source == SOURCE_REAUTH:
            return await self._cozify_finish_reauth()
        await self._cozify_find_all()
        if not self._cozify_hubs:
            raise NoHubsError
        known = {entry.unique_id for entry in self._async_current_entries()}
        new = {
            key: hub
            for key, hub in self._cozify_hubs.items()
            if f"{NAME}:{key}" not in known
        }
        if len(new) > 1:
            self._cozify_hubs = new
            return await self.async_step_cozify_hubs()
        # The only one; one that is set up already ends the flow with news of it.
        self._cozify_chosen = list(new or self._cozify_hubs)[:1]
        return await self._cozify_add()

    async def _cozify_finish_reauth(self) -> ConfigFlowResult:
        """Give the new tokens to all hubs of the account: one code is enough."""
        entry = self._get_reauth_entry()
        hub = entry.data[CONF_HUB_ID]
        if (key := self._cozify_keys.get(hub)) is None:
            raise HubGoneError
        for other in self._async_current_entries():
            if (
                other.entry_id != entry.entry_id
                and other.data.get(CONF_EMAIL) == self._cozify_email
                and (other_key := self._cozify_keys.get(other.data[CONF_HUB_ID]))
                is not None
            ):
                self.hass.config_entries.async_update_entry(
                    other,
                    data={
                        **other.data,
                        CONF_CLOUD_TOKEN: self._cozify_token,
                        CONF_HUB_KEY: other_key,
                    },
                )
                for flow in other.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
                    self.hass.config_entries.flow.async_abort(flow["flow_id"])
                self.hass.config_entries.async_schedule_reload(other.entry_id)
        return await self.async_finish(
            NAME,
            hub,
            entry.title,
            {CONF_CLOUD_TOKEN: self._cozify_token, CONF_HUB_KEY: key},
        )

    async def _cozify_find_all(self) -> None:
        """Find out which hub of the account is where."""
        hubs = {
            hub: _Found(hub, claims(key).hub_name or f"Cozify {hub[:8]}", key)
            for hub, key in self._cozify_keys.items()
        }
        async with self._cozify_cloud() as cloud, self._cozify_session() as session:
            for url in await self._cozify_addresses(cloud):
                try:
                    meta = await identify(session, url)
                except BackendError:
                    # A HAN reader, or somebody else's.
                    continue
                if (hub := hubs.get(meta.hub_id)) is not None:
                    hubs[hub.id] = _Found(hub.id, meta.name, hub.key, url)
        self._cozify_hubs = hubs

    async def _cozify_addresses(self, cloud: CloudClient) -> list[URL]:
        try:
            return await cloud.addresses()
        except BackendError:
            # Then a person is asked for it.
            return []

    async def _cozify_find_one(self, hub: _Found, typed: str) -> _Found:
        """Find a hub at an address, or anywhere if there is none.

        Raises WrongHubError, NotCozifyError, HanReaderError, UnreachableError and what
        the cloud says when it is the only way.
        """
        async with self._cozify_cloud() as cloud, self._cozify_session() as session:
            urls = await self._cozify_addresses(cloud)
            if typed:
                urls = [base_url(typed, scheme="http", port=HUB_PORT)]
            for url in urls:
                try:
                    meta = await identify(session, url)
                except BackendError:
                    if typed:
                        raise
                    continue
                if meta.hub_id == hub.id:
                    return _Found(hub.id, meta.name, hub.key, url)
                if typed:
                    raise WrongHubError
            answer = await cloud.relay("GET", "hub", self._cozify_token, hub.key)
            return _Found(hub.id, parse_meta(answer).name, hub.key)

    async def _cozify_add(self) -> ConfigFlowResult:
        """Add the hubs that were chosen; ask for the address of one that was not found."""
        first, *others = sorted(
            (self._cozify_hubs[hub] for hub in self._cozify_chosen),
            key=lambda hub: hub.host is None,
        )
        self._cozify_chosen = [first.id]
        for other in others:
            data = {**self._cozify_data(other), CONF_BACKEND: NAME, "title": other.name}
            self.hass.async_create_task(
                self.hass.config_entries.flow.async_init(
                    self.handler, context={"source": SOURCE_IMPORT}, data=data
                )
            )
        if first.host is None:
            return await self.async_step_cozify_address()
        return await self._cozify_finish(first)

    async def _cozify_finish(self, hub: _Found) -> ConfigFlowResult:
        data = self._cozify_data(hub)
        if self.source == SOURCE_RECONFIGURE:
            # The tokens may have been renewed since this flow began.
            data = {CONF_HOST: data[CONF_HOST]}
        return await self.async_finish(NAME, hub.id, hub.name, data)

    def _cozify_data(self, hub: _Found) -> dict[str, Any]:
        return {
            CONF_EMAIL: self._cozify_email,
            CONF_CLOUD: self._cozify_cloud_url,
            CONF_CLOUD_TOKEN: self._cozify_token,
            CONF_HUB_KEY: hub.key,
            CONF_HUB_ID: hub.id,
            CONF_HOST: str(hub.host) if hub.host else None,
        }
