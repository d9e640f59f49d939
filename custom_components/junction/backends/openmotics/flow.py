"""The way to OpenMotics: which of the three, the credentials, whom to trust."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import aiohttp
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_VERIFY_SSL
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

from ...errors import BackendError
from ..flow import BackendFlow
from ..http import (
    Certificate,
    CertificateNotTrustedError,
    ConnectionLostError,
    TlsFailedError,
    base_url,
    fetch_certificate,
    show_fingerprint,
)
from ..trust import CONF_LEGACY_TLS, CONF_PIN, tls_policy
from .connect import list_installations, make_gateway
from .const import (
    CLOUD,
    CONF_ACCEPT_TERMS,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_INSTALLATION,
    CONF_PASSWORD,
    CONF_TRANSPORT,
    CONF_URL,
    CONF_USERNAME,
    LEGACY,
    LOCAL,
    NAME,
)
from .errors import NoInstallationError, TermsNotAcceptedError
from .models import Identity
from .options import OpenMoticsOptionsFlow

CONF_TRUST: Final = "trust"
TRUST_PIN: Final = "pin"
TRUST_ANY: Final = "any"

_TEXT: Final = TextSelector()
_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
LOCAL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_URL): _TEXT,
        vol.Required(CONF_USERNAME): _TEXT,
        vol.Required(CONF_PASSWORD): _SECRET,
    }
)
CLOUD_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_CLIENT_ID): _TEXT,
        vol.Required(CONF_CLIENT_SECRET): _SECRET,
    }
)
LEGACY_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_USERNAME): _TEXT, vol.Required(CONF_PASSWORD): _SECRET}
)
TRUST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TRUST, default=TRUST_PIN): SelectSelector(
            SelectSelectorConfig(
                options=[TRUST_PIN, TRUST_ANY],
                translation_key="openmotics_trust",
                mode=SelectSelectorMode.LIST,
            )
        )
    }
)
TERMS_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_ACCEPT_TERMS, default=False): BooleanSelector()}
)
_SCHEMAS: Final = {LOCAL: LOCAL_SCHEMA, CLOUD: CLOUD_SCHEMA, LEGACY: LEGACY_SCHEMA}
_SECRETS: Final = frozenset({CONF_PASSWORD, CONF_CLIENT_SECRET})


class OpenMoticsFlow(BackendFlow):
    """The steps of OpenMotics.

    ``openmotics`` asks which way, ``openmotics_local``, ``openmotics_cloud`` and
    ``openmotics_legacy_cloud`` for the credentials. ``openmotics_certificate`` and
    ``openmotics_terms`` come where a gateway asks for them, and
    ``openmotics_installation`` where an account sees several.

    All backends' flows are one class in the end, so what is private here has two
    underscores.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = OpenMoticsOptionsFlow

    __data: Mapping[str, Any] = {}
    __certificate: Certificate | None = None
    __installations: Mapping[str, str] = {}

    async def async_step_openmotics(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which way."""
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
        """Ask for the credentials of an application."""
        return await self.__ask(CLOUD, user_input)

    async def async_step_openmotics_legacy_cloud(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an account of the cloud of before."""
        return await self.__ask(LEGACY, user_input)

    async def async_step_reauth_openmotics(self) -> ConfigFlowResult:
        """Ask for other credentials."""
        return await self.__ask_again(self._get_reauth_entry().data)

    async def async_step_reconfigure_openmotics(self) -> ConfigFlowResult:
        """Ask for another address or other credentials."""
        return await self.__ask_again(self._get_reconfigure_entry().data)

    async def __ask_again(self, data: Mapping[str, Any]) -> ConfigFlowResult:
        self.__data = data
        return await self.__ask(data[CONF_TRANSPORT], None)

    async def __ask(
        self, way: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        error: BackendError | None = None
        if user_input is not None:
            given = {key: str(value).strip() for key, value in user_input.items()}
            if CONF_PASSWORD in user_input:
                # A blank may be part of it.
                given[CONF_PASSWORD] = user_input[CONF_PASSWORD]
            try:
                if CONF_URL in given:
                    given[CONF_URL] = str(base_url(given[CONF_URL]))
                self.__start(way, given)
                return await self.__try()
            except BackendError as err:
                error = err
        known = user_input or self.__data
        return self.async_show_form(
            step_id=f"openmotics_{way}",
            data_schema=self.add_suggested_values_to_schema(
                _SCHEMAS[way], {k: v for k, v in known.items() if k not in _SECRETS}
            ),
            errors={"base": error.key} if error else {},
            description_placeholders={
                **_LINKS,
                **(error.placeholders if error else {}),
            },
        )

    def __start(self, way: str, given: Mapping[str, Any]) -> None:
        """Put together what will be the entry; what is trusted stays with its address."""
        kept: dict[str, Any] = {}
        entry = self.entry_in_repair
        if entry is not None:
            kept = {
                key: entry.data[key]
                for key in (CONF_INSTALLATION,)
                if key in entry.data
            }
            if entry.data.get(CONF_URL) == given.get(CONF_URL):
                kept |= {
                    key: entry.data[key]
                    for key in (CONF_VERIFY_SSL, CONF_PIN, CONF_LEGACY_TLS)
                    if key in entry.data
                }
        self.__data = {CONF_TRANSPORT: way, **kept, **given}

    @asynccontextmanager
    async def __session(self) -> AsyncIterator[aiohttp.ClientSession]:
        session = async_create_clientsession(
            self.hass, auto_cleanup=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        try:
            yield session
        finally:
            session.detach()

    async def __try(self) -> ConfigFlowResult:
        """Look who answers; ask for what is still needed, or end the flow."""
        try:
            async with self.__session() as session:
                if self.__data[CONF_TRANSPORT] != LOCAL:
                    return await self.__choose_installation(session)
                identity = await self.__identify(session)
        except (
            CertificateNotTrustedError,
            ConnectionLostError,
            TlsFailedError,
        ) as err:
            # Old gateways may also just hang up on what they do not understand.
            if self.__data.get(CONF_PIN) or self.__data[CONF_TRANSPORT] != LOCAL:
                raise
            async with self.__session() as session:
                try:
                    self.__certificate = await fetch_certificate(
                        session, URL(self.__data[CONF_URL])
                    )
                except BackendError:
                    raise err from None
            return await self.async_step_openmotics_certificate()
        except TermsNotAcceptedError:
            return await self.async_step_openmotics_terms()
        return await self.__finish(identity.id or self.__host, identity.title)

    @property
    def __host(self) -> str:
        """What identifies a gateway that says nothing of itself."""
        return str(URL(self.__data[CONF_URL]).host)

    async def __identify(self, session: aiohttp.ClientSession) -> Identity:
        gateway = make_gateway(session, self.__data, tls_policy(self.__data))
        try:
            return await gateway.open()
        finally:
            await gateway.close()

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
            self.__installations[installation] or "OpenMotics",
        )

    async def __finish(self, installation: str, title: str) -> ConfigFlowResult:
        data = dict(self.__data)
        data.pop(CONF_ACCEPT_TERMS, None)
        data.pop("backend", None)
        return await self.async_finish(NAME, installation, title, data)

    async def async_step_openmotics_installation(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which of several installations."""
        if user_input is not None:
            return await self.__use(user_input[CONF_INSTALLATION])
        options = [
            SelectOptionDict(value=number, label=name or number)
            for number, name in self.__installations.items()
        ]
        return self.async_show_form(
            step_id="openmotics_installation",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_INSTALLATION): SelectSelector(
                        SelectSelectorConfig(
                            options=options, mode=SelectSelectorMode.LIST
                        )
                    )
                }
            ),
        )

    async def async_step_openmotics_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the certificate, and ask whom to trust."""
        shown = self.__certificate
        assert shown is not None  # only led here with one
        error: BackendError | None = None
        if user_input is not None:
            pinned = user_input[CONF_TRUST] == TRUST_PIN
            self.__data = {
                **self.__data,
                CONF_VERIFY_SSL: pinned,
                CONF_PIN: shown.sha256 if pinned else None,
                CONF_LEGACY_TLS: shown.legacy,
            }
            try:
                return await self.__try()
            except BackendError as err:
                error = err
        until = shown.not_after
        return self.async_show_form(
            step_id="openmotics_certificate",
            data_schema=TRUST_SCHEMA,
            errors={"base": error.key} if error else {},
            description_placeholders={
                "host": self.__host,
                "fingerprint": show_fingerprint(shown.sha256),
                "subject": shown.subject or "-",
                "until": f"{until:%Y-%m-%d}" if until else "-",
                **(error.placeholders if error else {}),
            },
        )

    async def async_step_openmotics_terms(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the terms of use are accepted; the gateway insists."""
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
        return self.async_show_form(
            step_id="openmotics_terms",
            data_schema=TERMS_SCHEMA,
            errors={"base": error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )


_LINKS: Final = {
    "cloud_portal": "https://cloud.renson.eu",
    "old_portal": "https://portal.openmotics.com/#cloud/oauth",
}
