"""Config flow for Mycodo."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar, Final

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_WEBHOOK_ID
from homeassistant.helpers.selector import TextSelector
import probatio as vol
from yarl import URL

from ...errors import BackendError, RejectedError
from ..flow import SECRET, BackendFlow, entry_title
from ..http import ConnectRefusedError, RedirectedError, base_url, find_in_parents
from ..session import brief_session
from ..trust import policy_data, tls_policy
from .client import HttpsOnlyError, MycodoClient, MycodoWeb, NotMycodoError
from .entities.identity import known_installation
from .options import MycodoOptionsFlow
from .settings import NAME, TITLE

ADDRESS_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_URL): TextSelector(), vol.Required(CONF_API_KEY): SECRET}
)
KEY_SCHEMA: Final = vol.Schema({vol.Required(CONF_API_KEY): SECRET})


class MycodoFlow(BackendFlow):
    """Config flow of a Mycodo.

    ``mycodo`` asks for address and key, ``mycodo_key`` for another key.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = MycodoOptionsFlow

    __typed: str = ""
    __url: URL = URL()
    __key: str = ""

    async def async_step_mycodo(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for address and key."""
        error: BackendError | None = None
        if user_input is not None:
            full = self.complete(ADDRESS_SCHEMA, user_input)
            self.__typed = full[CONF_URL].strip()
            self.__key = full[CONF_API_KEY].strip()
            try:
                self.__url = base_url(self.__typed)
                return await self.__try()
            except BackendError as err:
                again = partial(self.async_step_mycodo, user_input)
                if asked := await self.async_ask_for_trust(err, self.__url, again):
                    return asked
                error = err
        return self.async_ask(
            step_id="mycodo",
            schema=ADDRESS_SCHEMA,
            error=error,
            filled={CONF_URL: self.__typed} if self.__typed else None,
        )

    async def async_step_mycodo_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another key."""
        error: BackendError | None = None
        if user_input is not None:
            self.__key = self.complete(KEY_SCHEMA, user_input)[CONF_API_KEY].strip()
            try:
                return await self.__try()
            except BackendError as err:
                again = partial(self.async_step_mycodo_key, user_input)
                if asked := await self.async_ask_for_trust(err, self.__url, again):
                    return asked
                error = err
        return self.async_ask(step_id="mycodo_key", schema=KEY_SCHEMA, error=error)

    async def async_step_reauth_mycodo(self) -> ConfigFlowResult:
        """Ask for another key for the same address."""
        self.__take(self._get_reauth_entry().data)
        return await self.async_step_mycodo_key()

    async def async_step_reconfigure_mycodo(self) -> ConfigFlowResult:
        """Ask for another address, and optionally another key."""
        self.__take(self._get_reconfigure_entry().data)
        return await self.async_step_mycodo()

    def __take(self, data: Mapping[str, Any]) -> None:
        self.__typed = data[CONF_URL]
        self.__url = URL(self.__typed)
        self.keep(KEY_SCHEMA, data)
        self.trust(self.__url, tls_policy(data))

    @asynccontextmanager
    async def __client(self) -> AsyncIterator[MycodoClient]:
        async with brief_session(self.hass) as session:
            policy = self.trusted(self.__url)
            yield MycodoClient(session, self.__url, self.__key, tls=policy)

    async def __try(self) -> ConfigFlowResult:
        """Check the server and the key, and end the flow if both are valid."""
        await self.__find()
        async with self.__client() as client:
            users = await client.users()
            installation = known_installation(
                self.hass, users, await client.identities()
            )
            name = await MycodoWeb(client).host_name()
        installation = installation or users[0]
        return await self.async_finish(
            NAME,
            installation,
            entry_title(TITLE, name),
            {
                CONF_URL: str(self.__url),
                CONF_API_KEY: self.__key,
                **policy_data(self.trusted(self.__url)),
                CONF_WEBHOOK_ID: self.__webhook_id(installation),
            },
        )

    async def __find(self) -> None:
        """Find Mycodo at the entered address, or above a page of its web interface."""
        typed = self.__url

        async def try_url(url: URL) -> None:
            self.__url = url
            await self.__recognize()

        try:
            await find_in_parents(
                typed, try_url, (NotMycodoError, RejectedError, RedirectedError)
            )
        except BackendError:
            self.__url = typed
            raise

    async def __recognize(self) -> None:
        """Check whether a Mycodo answers; follow its redirect to HTTPS."""
        async with self.__client() as client:
            try:
                await client.capabilities()
            except RedirectedError as err:
                if not err.to_https:
                    raise
            else:
                return
        # Over plain HTTP the server only redirects, without its port
        # (docs/protocols/mycodo.md#transport).
        self.__url = self.__url.with_scheme("https").with_port(None)
        async with self.__client() as client:
            try:
                await client.capabilities()
            except ConnectRefusedError as err:
                host = self.__url.host or ""
                raise HttpsOnlyError(host=host, example=f"https://{host}:8443") from err

    def __webhook_id(self, installation: str) -> str:
        """Return the existing webhook id of the installation, because it is entered in Mycodo."""
        for entry in self._async_current_entries():
            if entry.unique_id == f"{NAME}:{installation}":
                known: str = entry.data[CONF_WEBHOOK_ID]
                return known
        return webhook.async_generate_id()


FLOW: Final = MycodoFlow
