"""Config flow for IOTile Cloud."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_TOKEN, CONF_URL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol
from yarl import URL

from ...errors import BackendError
from ..flow import BackendFlow, choice_of
from ..http import RedirectedError, find_in_parents
from ..session import brief_session
from ..trust import policy_data, tls_policy
from .client.account import Login, server_url
from .client.api import IOTileClient
from .client.errors import (
    ArchFXError,
    BadEmailError,
    NoDataRoleError,
    NotIOTileError,
    PasswordNeededError,
)
from .client.models import Project
from .options import IOTileOptionsFlow, project_names
from .settings import CONF_HISTORY, CONF_PROJECTS, DEFAULT_URL, NAME, TITLE

_EMAIL: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.EMAIL, autocomplete="username")
)
_SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_ACCOUNT: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_EMAIL): _EMAIL,
    vol.Required(CONF_PASSWORD): _SECRET,
}
SERVER_SCHEMA: Final = vol.Schema({vol.Required(CONF_URL): TextSelector(), **_ACCOUNT})
ACCOUNT_SCHEMA: Final = vol.Schema(_ACCOUNT)
# The password is not stored, and optional if a token is.
_KNOWN: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_EMAIL): _EMAIL,
    vol.Optional(CONF_PASSWORD): _SECRET,
}
MOVED_SCHEMA: Final = vol.Schema({vol.Required(CONF_URL): TextSelector(), **_KNOWN})
KNOWN_SCHEMA: Final = vol.Schema(_KNOWN)


class IOTileFlow(BackendFlow):
    """Config flow of an IOTile Cloud.

    ``iotile`` asks for server and account, ``iotile_projects`` for the projects to
    show, ``iotile_account`` for the password again. The password itself is never
    stored.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = IOTileOptionsFlow

    __typed: str = DEFAULT_URL
    __url: URL = URL()
    __email: str = ""
    __password: str = ""
    __token: str = ""
    __login: Login | None = None
    __projects: list[Project] = []  # replaced, never mutated

    async def async_step_iotile(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for server and account."""
        error: BackendError | None = None
        if user_input is not None:
            self.__typed = user_input[CONF_URL].strip()
            self.__take_account(user_input)
            try:
                self.__url = server_url(self.__typed)
                return await self.__try()
            except ArchFXError:
                return self.async_abort(reason=ArchFXError.key)
            except BackendError as err:
                again = partial(self.async_step_iotile, user_input)
                if asked := await self.async_ask_for_trust(err, self.__url, again):
                    return asked
                error = err
        return self.async_ask(
            step_id="iotile",
            schema=SERVER_SCHEMA if self.entry_in_repair is None else MOVED_SCHEMA,
            error=error,
            field=_field(error),
            filled={CONF_URL: self.__typed, CONF_EMAIL: self.__email},
        )

    async def async_step_iotile_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account; the server stays."""
        error: BackendError | None = None
        if user_input is not None:
            self.__take_account(user_input)
            try:
                return await self.__try()
            except BackendError as err:
                again = partial(self.async_step_iotile_account, user_input)
                if asked := await self.async_ask_for_trust(err, self.__url, again):
                    return asked
                error = err
        return self.async_ask(
            step_id="iotile_account",
            schema=KNOWN_SCHEMA,
            error=error,
            field=_field(error),
            filled={CONF_EMAIL: self.__email},
        )

    async def async_step_iotile_projects(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which projects to show, and whether to import the history of meters."""
        if user_input is not None:
            return await self.__finish(
                {
                    CONF_PROJECTS: user_input.get(CONF_PROJECTS, []),
                    CONF_HISTORY: user_input[CONF_HISTORY],
                }
            )
        fields: dict[vol.Marker, Any] = {}
        if len(self.__projects) > 1:
            names = project_names(self.__projects)
            fields[vol.Optional(CONF_PROJECTS, default=list)] = choice_of(
                names, multiple=True
            )
        fields[vol.Required(CONF_HISTORY, default=True)] = BooleanSelector()
        return self.async_ask(step_id="iotile_projects", schema=vol.Schema(fields))

    async def async_step_reauth_iotile(self) -> ConfigFlowResult:
        """Ask for the password again."""
        self.__take(self._get_reauth_entry().data)
        return await self.async_step_iotile_account()

    async def async_step_reconfigure_iotile(self) -> ConfigFlowResult:
        """Ask for the new server of the same account."""
        self.__take(self._get_reconfigure_entry().data)
        return await self.async_step_iotile()

    def __take(self, data: Mapping[str, Any]) -> None:
        self.__typed = data[CONF_URL]
        self.__url = URL(self.__typed)
        self.__email = data[CONF_EMAIL]
        self.__token = data[CONF_TOKEN]
        self.trust(self.__url, tls_policy(data))

    def __take_account(self, user_input: Mapping[str, Any]) -> None:
        email = user_input[CONF_EMAIL].strip()
        if email != self.__email:
            self.__token = ""
        self.__email = email
        self.__password = self.complete(ACCOUNT_SCHEMA, user_input).get(
            CONF_PASSWORD, ""
        )

    @asynccontextmanager
    async def __client(self, token: str | None = None) -> AsyncIterator[IOTileClient]:
        async with brief_session(self.hass) as session:
            policy = self.trusted(self.__url)
            yield IOTileClient(session, self.__url, token, tls=policy)

    async def __try(self) -> ConfigFlowResult:
        """Check the server before sending the password, and then the account's permissions."""
        await self.__find()
        login = await self.__log_in()
        async with self.__client(login.token) as client:
            projects = await client.projects()
            orgs = {project.org for project in projects if project.org}
            roles = [await client.membership(org) for org in sorted(orgs)]
        if roles and not any(role.reads for role in roles):
            raise NoDataRoleError(role=roles[0].role)
        self.__login, self.__projects = login, projects
        self.__password = ""
        if self.entry_in_repair is None:
            await self.async_set_unique_id(f"{NAME}:{login.installation}")
            self._abort_if_unique_id_configured(updates=self.__data())
            return await self.async_step_iotile_projects()
        return await self.__finish(None)

    async def __find(self) -> None:
        """Find the cloud at the entered address, or above a page that the user copied."""
        typed = self.__url

        async def try_url(url: URL) -> None:
            self.__url = url
            async with self.__client() as client:
                await client.probe()

        try:
            await find_in_parents(typed, try_url, (NotIOTileError, RedirectedError))
        except BackendError as err:
            self.__url = typed
            if not isinstance(err, RedirectedError) or not err.to_https:
                raise
            self.__url = typed.with_scheme("https").with_port(None)
            await self.__find()

    async def __log_in(self) -> Login:
        """Log in with the password, or with stored data if none was entered."""
        if self.__password:
            async with self.__client() as client:
                return await client.login(self.__email, self.__password)
        if not self.__token:
            raise PasswordNeededError
        async with self.__client(self.__token) as client:
            return await client.resume(self.__email, self.__token)

    async def __finish(self, options: dict[str, Any] | None) -> ConfigFlowResult:
        login = self.__login
        assert login is not None  # the step is only reached with a login
        return await self.async_finish(
            NAME,
            login.installation,
            f"{TITLE} ({login.name})" if login.name else TITLE,
            self.__data(),
            options,
        )

    def __data(self) -> dict[str, Any]:
        login = self.__login
        assert login is not None  # the step is only reached with a login
        return {
            CONF_URL: str(self.__url),
            CONF_EMAIL: login.email,
            CONF_TOKEN: login.token,
            **policy_data(self.trusted(self.__url)),
        }


def _field(error: BackendError | None) -> str:
    return CONF_EMAIL if isinstance(error, BadEmailError) else "base"


FLOW: Final = IOTileFlow
