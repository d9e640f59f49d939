"""Config flow for Cozify."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from homeassistant.config_entries import (
    SOURCE_IMPORT,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlowResult,
    OptionsFlow,
)
import probatio as vol
from yarl import URL

from ...const import CONF_BACKEND
from ...errors import BackendError
from ..flow import BackendFlow, choice_of, entry_title
from ..http import base_url
from .client import CLOUDS, FoundHub, InvalidEmailError, NoHubsError
from .entities.login import Login
from .options import CozifyOptionsFlow
from .settings import (
    ADDRESS_SCHEMA,
    CODE_SCHEMA,
    CONF_ADVANCED,
    CONF_CLOUD,
    CONF_CODE,
    CONF_EMAIL,
    CONF_HOST,
    CONF_HUB_ID,
    CONF_HUB_KEY,
    CONF_HUBS,
    CONF_NEW_CODE,
    EMAIL_SCHEMA,
    LOGIN_SCHEMA,
    NAME,
    NEW_ADDRESS_SCHEMA,
    TITLE,
)


class CozifyFlow(BackendFlow):
    """Config flow of Cozify.

    ``cozify`` asks for the email address, ``cozify_code`` for the code sent to it,
    ``cozify_hubs`` which of several hubs to add, ``cozify_address`` for the address of
    a hub that was not found, ``cozify_new_address`` for that of a hub that moved.
    ``cozify_login`` explains why a new login is needed.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = CozifyOptionsFlow

    __login: Login | None = None
    __hubs: Mapping[str, FoundHub] = {}
    __chosen: list[str] = []
    __host: str = ""

    async def async_step_cozify(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the email address, and request a code."""
        error: BackendError | None = None
        if user_input is not None:
            self.__account.email = user_input[CONF_EMAIL].strip()
            try:
                typed = user_input[CONF_ADVANCED].get(CONF_CLOUD, "").strip()
                await self.__account.find_cloud(base_url(typed) if typed else None)
                return await self.async_step_cozify_code()
            except BackendError as err:
                error = err
        return self.async_ask(
            step_id="cozify",
            schema=EMAIL_SCHEMA,
            error=error,
            field=CONF_EMAIL if isinstance(error, InvalidEmailError) else "base",
            filled=user_input,
            ours={"cloud": str(CLOUDS[0])},
        )

    async def async_step_cozify_code(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the code. A new one is sent only on request, as it invalidates the first."""
        error: BackendError | None = None
        if user_input is not None:
            code = user_input.get(CONF_CODE, "").strip()
            try:
                if user_input[CONF_NEW_CODE] or not code:
                    await self.__account.send_code()
                else:
                    await self.__account.use(code)
                    return await self.__go_on()
            except BackendError as err:
                error = err
        return self.async_ask(
            step_id="cozify_code",
            schema=CODE_SCHEMA,
            error=error,
            ours={"email": self.__account.email},
        )

    async def async_step_cozify_hubs(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which of the hubs to add."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self.__chosen = user_input[CONF_HUBS]
            if self.__chosen:
                return await self.__add()
            errors[CONF_HUBS] = "cozify_choose_one"
        names = {hub.id: hub.name for hub in self.__hubs.values()}
        hubs = choice_of(names, multiple=True, is_list=True)
        return self.async_show_form(
            step_id="cozify_hubs",
            data_schema=vol.Schema(
                {vol.Required(CONF_HUBS, default=list(names)): hubs}
            ),
            errors=errors,
        )

    async def async_step_cozify_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address of a hub that was not found.

        Without input, search again, or use the cloud.
        """
        return await self.__ask_address("cozify_address", user_input)

    async def async_step_cozify_new_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another address of a configured hub."""
        return await self.__ask_address("cozify_new_address", user_input)

    async def __ask_address(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        error: BackendError | None = None
        hub = self.__hubs[self.__chosen[0]]
        if user_input is not None:
            typed = user_input.get(CONF_HOST, "").strip()
            try:
                email = user_input.get(CONF_EMAIL) or self.__account.email
                if email != self.__account.email:
                    self.__host = typed
                    await self.__account.send_code(email)
                    return await self.async_step_cozify_code()
                return await self.__finish(await self.__account.find_hub(hub, typed))
            except BackendError as err:
                error = err
        moves = self.source == SOURCE_RECONFIGURE
        return self.async_ask(
            step_id=step_id,
            schema=NEW_ADDRESS_SCHEMA if moves else ADDRESS_SCHEMA,
            error=error,
            field=CONF_EMAIL if isinstance(error, InvalidEmailError) else "base",
            filled=user_input
            or {
                CONF_EMAIL: self.__account.email,
                **({CONF_HOST: str(hub.host)} if hub.host else {}),
            },
            name=hub.name,
        )

    async def async_step_reauth_cozify(self) -> ConfigFlowResult:
        """Ask for a new login."""
        self.__renew(self._get_reauth_entry())
        return await self.async_step_cozify_login()

    async def async_step_cozify_login(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Explain the login; no code is sent before the user confirms."""
        error: BackendError | None = None
        if user_input is not None:
            try:
                await self.__account.send_code(user_input.get(CONF_EMAIL))
                return await self.async_step_cozify_code()
            except BackendError as err:
                error = err
        return self.async_ask(
            step_id="cozify_login",
            schema=LOGIN_SCHEMA,
            error=error,
            field=CONF_EMAIL if isinstance(error, InvalidEmailError) else "base",
            filled=user_input or {CONF_EMAIL: self.__account.email},
            ours={"email": self.__account.email},
        )

    async def async_step_reconfigure_cozify(self) -> ConfigFlowResult:
        """Ask for another address, or another account of which the hub is part now."""
        entry = self._get_reconfigure_entry()
        self.__renew(entry)
        data = entry.data
        hub = FoundHub(
            data[CONF_HUB_ID],
            entry.title,
            data[CONF_HUB_KEY],
            URL(data[CONF_HOST]) if data.get(CONF_HOST) else None,
        )
        self.__hubs, self.__chosen = {hub.id: hub}, [hub.id]
        return await self.async_step_cozify_new_address()

    async def async_step_import_cozify(
        self, import_data: dict[str, Any]
    ) -> ConfigFlowResult:
        """Add a hub that was selected together with another."""
        data = dict(import_data)
        title = data.pop("title")
        return await self.async_finish(
            NAME, data[CONF_HUB_ID], entry_title(TITLE, title), data
        )

    # Steps between the forms.

    def __renew(self, entry: ConfigEntry[Any]) -> None:
        self.__login = Login(self.hass, entry.data)

    @property
    def __account(self) -> Login:
        """Return the login of this dialog, which begins without an account."""
        if self.__login is None:
            self.__login = Login(self.hass, {})
        return self.__login

    async def __go_on(self) -> ConfigFlowResult:
        """Continue after the login."""
        if self.source == SOURCE_REAUTH:
            return await self.__finish_reauth()
        if self.source == SOURCE_RECONFIGURE:
            hub = self.__hubs[self.__chosen[0]]
            self.__hubs = {hub.id: replace(hub, key=self.__account.key_of(hub.id))}
            return await self.async_step_cozify_new_address({CONF_HOST: self.__host})
        self.__hubs = await self.__account.find_hubs()
        if not self.__hubs:
            raise NoHubsError
        known = {entry.unique_id for entry in self._async_current_entries()}
        new = {
            key: hub for key, hub in self.__hubs.items() if f"{NAME}:{key}" not in known
        }
        if len(new) > 1:
            self.__hubs = new
            return await self.async_step_cozify_hubs()
        # The only hub; if it is configured already, the flow ends with a message.
        self.__chosen = list(new or self.__hubs)[:1]
        return await self.__add()

    async def __finish_reauth(self) -> ConfigFlowResult:
        """Store the new tokens for all hubs of the account, so that one code is enough."""
        entry = self._get_reauth_entry()
        hub = entry.data[CONF_HUB_ID]
        login = self.__account.tokens(hub)
        self.__account.share(entry, self._async_current_entries())
        return await self.async_finish(NAME, hub, entry.title, login)

    async def __add(self) -> ConfigFlowResult:
        """Add the selected hubs; ask for the address of one that was not found."""
        first, *others = sorted(
            (self.__hubs[hub] for hub in self.__chosen),
            key=lambda hub: hub.host is None,
        )
        self.__chosen = [first.id]
        for other in others:
            data = {
                **self.__account.data(other),
                CONF_BACKEND: NAME,
                "title": other.name,
            }
            self.hass.async_create_task(
                self.hass.config_entries.flow.async_init(
                    self.handler, context={"source": SOURCE_IMPORT}, data=data
                )
            )
        if first.host is None:
            return await self.async_step_cozify_address()
        return await self.__finish(first)

    async def __finish(self, hub: FoundHub) -> ConfigFlowResult:
        data = self.__account.data(hub)
        if self.source == SOURCE_RECONFIGURE:
            if not self.__account.is_new:
                # The tokens may have been renewed since this flow began.
                data = {CONF_HOST: data[CONF_HOST]}
            else:
                entry = self._get_reconfigure_entry()
                self.__account.share(entry, self._async_current_entries())
        return await self.async_finish(NAME, hub.id, entry_title(TITLE, hub.name), data)


FLOW: Final = CozifyFlow
