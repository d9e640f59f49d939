"""Config flow for OpenMotics."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Final

import aiohttp
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.helpers.selector import BooleanSelector, TextSelector
import probatio as vol
from yarl import URL

from ...const import CONF_BACKEND
from ...errors import BackendError
from ..flow import SECRET, BackendFlow, choice_of, entry_title
from ..http import ConnectionLostError, RedirectedError, base_url, find_in_parents
from ..session import brief_session
from ..trust import CONF_LEGACY_TLS, CONF_PIN, policy_data, tls_policy
from .client import marks_of
from .client.errors import (
    NoInstallationError,
    NotOpenMoticsError,
    TermsNotAcceptedError,
)
from .client.models import Identity
from .entities.identity import MADE, id_of, is_generated_id, is_same, make_id
from .options import OpenMoticsOptionsFlow
from .settings import (
    CLOUD,
    CONF_ACCEPT_TERMS,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_HOUSE,
    CONF_INSTALLATION,
    CONF_PASSWORD,
    CONF_TRANSPORT,
    CONF_URL,
    CONF_USERNAME,
    LEGACY,
    LOCAL,
    NAME,
    TITLE,
    list_installations,
    make_gateway,
)

_TEXT: Final = TextSelector()
_LOGIN: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_USERNAME): _TEXT,
    vol.Required(CONF_PASSWORD): SECRET,
}
_SCHEMAS: Final = {
    LOCAL: vol.Schema({vol.Required(CONF_URL): _TEXT, **_LOGIN}),
    CLOUD: vol.Schema(
        {
            vol.Required(CONF_CLIENT_ID): _TEXT,
            vol.Required(CONF_CLIENT_SECRET): SECRET,
        }
    ),
    LEGACY: vol.Schema(_LOGIN),
}
TERMS_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_ACCEPT_TERMS, default=False): BooleanSelector()}
)
_ADDRESS: Final = (CONF_URL, CONF_VERIFY_SSL, CONF_PIN, CONF_LEGACY_TLS)
"""Address of a gateway, and how to verify its certificate."""
_LINKS: Final = {
    "cloud_portal": "https://cloud.renson.eu",
    "old_portal": "https://portal.openmotics.com/#cloud/oauth",
}


class OpenMoticsFlow(BackendFlow):
    """Config flow of OpenMotics.

    ``openmotics`` asks for the kind of connection; ``openmotics_local``,
    ``openmotics_cloud``, and ``openmotics_legacy_cloud`` ask for the credentials.
    ``openmotics_terms`` is shown if a gateway requires it, and
    ``openmotics_installation`` if an account has several.

    The flow classes of all backends are combined into one, so private names have two
    underscores.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = OpenMoticsOptionsFlow

    __data: Mapping[str, Any] = {}
    __installations: Mapping[str, str] = {}

    async def async_step_openmotics(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the kind of connection."""
        return self.async_show_menu(
            step_id="openmotics",
            menu_options=[f"openmotics_{way}" for way in (LOCAL, CLOUD, LEGACY)],
        )

    async def async_step_openmotics_local(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the gateway and an account on it."""
        return await self.__ask(LOCAL, user_input)

    async def async_step_openmotics_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the client credentials of an application."""
        return await self.__ask(CLOUD, user_input)

    async def async_step_openmotics_legacy_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an account of the legacy cloud."""
        return await self.__ask(LEGACY, user_input)

    async def async_step_reauth_openmotics(self) -> ConfigFlowResult:
        """Ask for new credentials."""
        return await self.__ask_again(self._get_reauth_entry().data)

    async def async_step_reconfigure_openmotics(self) -> ConfigFlowResult:
        """Ask for a new address or new credentials."""
        return await self.__ask_again(self._get_reconfigure_entry().data)

    async def __ask_again(self, data: Mapping[str, Any]) -> ConfigFlowResult:
        self.__data = data
        self.keep(_SCHEMAS[data[CONF_TRANSPORT]], data)
        if CONF_URL in data:
            self.trust(URL(data[CONF_URL]), tls_policy(data))
        return await self.__ask(data[CONF_TRANSPORT], None)

    async def __ask(
        self, way: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        error: BackendError | None = None
        if user_input is not None:
            full = self.complete(_SCHEMAS[way], user_input)
            try:
                self.__start(way, full)
                return await self.__try()
            except BackendError as err:
                again = partial(self.__ask, way, full)
                if asked := await self.__ask_for_trust(err, again):
                    return asked
                error = err
        return self.async_ask(
            step_id=f"openmotics_{way}",
            schema=_SCHEMAS[way],
            error=error,
            filled=user_input or self.__data,
            ours=_LINKS,
        )

    async def __ask_for_trust(
        self, error: BackendError, again: Callable[[], Awaitable[ConfigFlowResult]]
    ) -> ConfigFlowResult | None:
        if self.__data.get(CONF_TRANSPORT) != LOCAL:
            return None
        return await self.async_ask_for_trust(
            error,
            URL(self.__data[CONF_URL]),
            again,
            # Old gateways may close the connection during the TLS handshake.
            suspects=(ConnectionLostError,),
        )

    def __start(self, way: str, user_input: Mapping[str, Any]) -> None:
        """Collect the data of the future entry."""
        given = {key: str(value).strip() for key, value in user_input.items()}
        if CONF_PASSWORD in user_input:
            # Whitespace may be part of a password.
            given[CONF_PASSWORD] = user_input[CONF_PASSWORD]
        if CONF_URL in given:
            given[CONF_URL] = str(base_url(given[CONF_URL]))
        kept: dict[str, Any] = {}
        entry = self.entry_in_repair
        if entry is not None and CONF_INSTALLATION in entry.data:
            kept[CONF_INSTALLATION] = entry.data[CONF_INSTALLATION]
        self.__data = {CONF_TRANSPORT: way, **kept, **given}

    async def __try(self) -> ConfigFlowResult:
        """Connect; ask for missing input, or end the flow."""
        async with brief_session(self.hass) as session:
            if self.__data[CONF_TRANSPORT] != LOCAL:
                return await self.__choose_installation(session)
            try:
                identity, marks = await self.__find(session)
            except TermsNotAcceptedError:
                return await self.async_step_openmotics_terms()
        policy = self.trusted(URL(self.__data[CONF_URL]))
        self.__data = {**self.__data, **policy_data(policy)}
        installation = identity.id
        known = self.__recognize(identity, marks)
        if known is not None:
            installation = id_of(known)
        elif not installation:
            installation = make_id()
        if installation.startswith(MADE):
            self.__data = {**self.__data, CONF_HOUSE: marks}
        return await self.__finish(installation, identity.title)

    async def __find(
        self, session: aiohttp.ClientSession
    ) -> tuple[Identity, list[str]]:
        """Find the gateway at the address, or above the page that the user copied."""

        async def try_url(url: URL) -> tuple[Identity, list[str]]:
            found = await self.__identify(session, {**self.__data, CONF_URL: str(url)})
            self.__data = {**self.__data, CONF_URL: str(url)}
            return found

        url = URL(self.__data[CONF_URL])
        return await find_in_parents(
            url, try_url, (NotOpenMoticsError, RedirectedError)
        )

    async def __identify(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> tuple[Identity, list[str]]:
        """Return the identity, and the marks if they may be needed to recognize the gateway."""
        policy = self.trusted(URL(data[CONF_URL]))
        gateway = make_gateway(session, data, policy)
        try:
            identity = await gateway.open()
            needed = not identity.id or any(map(is_generated_id, self.__others()))
            return identity, (marks_of(await gateway.configuration()) if needed else [])
        finally:
            await gateway.close()

    def __others(self) -> list[ConfigEntry[Any]]:
        """Return the entries of gateways that may be this one."""
        if (entry := self.entry_in_repair) is not None:
            return [entry]
        return [
            entry
            for entry in self._async_current_entries(include_ignore=False)
            if entry.data.get(CONF_BACKEND) == NAME
            and entry.data.get(CONF_TRANSPORT) == LOCAL
        ]

    def __recognize(
        self, identity: Identity, marks: list[str]
    ) -> ConfigEntry[Any] | None:
        """Return the entry of a gateway that is not recognized by an id."""
        url, pin = self.__data[CONF_URL], self.__data.get(CONF_PIN)
        for entry in self.__others():
            # Different ids mean different gateways.
            unsure = is_generated_id(entry) or not identity.id
            if unsure and is_same(entry.data, pin, url, marks):
                return entry
        return None

    async def __choose_installation(
        self, session: aiohttp.ClientSession
    ) -> ConfigFlowResult:
        self.__installations = await list_installations(session, self.__data)
        known = self.__data.get(CONF_INSTALLATION)
        if not self.__installations or (
            known is not None and known not in self.__installations
        ):
            raise NoInstallationError
        if known is not None:
            return await self.__use(known)
        if len(self.__installations) == 1:
            return await self.__use(next(iter(self.__installations)))
        return await self.async_step_openmotics_installation()

    async def __use(self, installation: str) -> ConfigFlowResult:
        self.__data = {**self.__data, CONF_INSTALLATION: installation}
        return await self.__finish(
            f"{self.__data[CONF_TRANSPORT]}:{installation}",
            self.__installations[installation],
        )

    async def __finish(self, installation: str, title: str | None) -> ConfigFlowResult:
        data = dict(self.__data)
        data.pop(CONF_ACCEPT_TERMS, None)
        data.pop("backend", None)
        # The address may have changed; the account of a configured entry stays.
        return await self.async_finish(
            NAME,
            installation,
            entry_title(TITLE, title),
            data,
            moved={key: data[key] for key in _ADDRESS if key in data},
        )

    async def async_step_openmotics_installation(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which installation to add."""
        if user_input is not None:
            return await self.__use(user_input[CONF_INSTALLATION])
        names = {key: name or key for key, name in self.__installations.items()}
        installations = choice_of(names, is_list=True)
        return self.async_ask(
            step_id="openmotics_installation",
            schema=vol.Schema({vol.Required(CONF_INSTALLATION): installations}),
        )

    async def async_step_openmotics_terms(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask to accept the terms of use, which the gateway requires."""
        error: BackendError | None = None
        if user_input is not None:
            if not user_input[CONF_ACCEPT_TERMS]:
                error = TermsNotAcceptedError()
            else:
                self.__data = {**self.__data, CONF_ACCEPT_TERMS: True}
                try:
                    return await self.__try()
                except BackendError as err:
                    error = err
        return self.async_ask(
            step_id="openmotics_terms", schema=TERMS_SCHEMA, error=error
        )


FLOW: Final = OpenMoticsFlow
