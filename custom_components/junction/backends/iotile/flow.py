"""The way to an IOTile Cloud: a server, and an account there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import aiohttp
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import (
    CONF_EMAIL,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_VERIFY_SSL,
)
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.selector import (
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
    RedirectedError,
    TlsPolicy,
    fetch_certificate,
    show_fingerprint,
)
from ..trust import CONF_PIN, tls_policy
from .client import IOTileClient, Login, server_url
from .const import CONF_PROJECTS, DEFAULT_URL, NAME, TITLE
from .errors import ArchFXError, BadEmailError, NoDataRoleError
from .models import Project
from .options import IOTileOptionsFlow, project_choices, several

CONF_TRUST: Final = "trust"
TRUST_PIN: Final = "pin"
TRUST_ANY: Final = "any"

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
TRUST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TRUST, default=TRUST_PIN): SelectSelector(
            SelectSelectorConfig(
                options=[TRUST_PIN, TRUST_ANY],
                translation_key="iotile_trust",
                mode=SelectSelectorMode.LIST,
            )
        )
    }
)


class IOTileFlow(BackendFlow):
    """The steps of an IOTile Cloud.

    ``iotile`` asks for server and account, ``iotile_certificate`` what to do about a
    certificate that nobody vouches for, ``iotile_projects`` what of it to show,
    ``iotile_account`` for the password again. The password itself is never kept.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = IOTileOptionsFlow

    _iotile_typed: str = DEFAULT_URL
    _iotile_url: URL = URL()
    _iotile_email: str = ""
    _iotile_password: str = ""
    _iotile_policy: TlsPolicy = TlsPolicy()
    _iotile_shown: Certificate | None = None
    _iotile_login: Login | None = None
    _iotile_projects: list[Project] = []  # replaced, never changed

    async def async_step_iotile(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for server and account."""
        error: BackendError | None = None
        if user_input is not None:
            self._iotile_typed = user_input[CONF_URL].strip()
            self._iotile_take_account(user_input)
            try:
                self._iotile_url = server_url(self._iotile_typed)
                self._iotile_policy = TlsPolicy()
                return await self._iotile_try()
            except ArchFXError:
                return self.async_abort(reason=ArchFXError.key)
            except CertificateNotTrustedError as err:
                try:
                    return await self._iotile_ask_for_trust()
                except BackendError:
                    error = err
            except BackendError as err:
                error = err
        suggested = {CONF_URL: self._iotile_typed, CONF_EMAIL: self._iotile_email}
        return self._iotile_form("iotile", SERVER_SCHEMA, suggested, error)

    async def async_step_iotile_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account; the server stays."""
        error: BackendError | None = None
        if user_input is not None:
            self._iotile_take_account(user_input)
            try:
                return await self._iotile_try()
            except BackendError as err:
                error = err
        suggested = {CONF_EMAIL: self._iotile_email}
        return self._iotile_form("iotile_account", ACCOUNT_SCHEMA, suggested, error)

    async def async_step_iotile_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the certificate, and ask what to do about it."""
        shown = self._iotile_shown
        assert shown is not None  # only led here with one
        error: BackendError | None = None
        if user_input is not None:
            pinned = user_input[CONF_TRUST] == TRUST_PIN
            self._iotile_policy = TlsPolicy(
                verify=pinned, pin=shown.sha256 if pinned else None
            )
            try:
                return await self._iotile_try()
            except BackendError as err:
                error = err
        until = shown.not_after
        return self.async_show_form(
            step_id="iotile_certificate",
            data_schema=TRUST_SCHEMA,
            errors={"base": error.key} if error else {},
            description_placeholders={
                **(error.placeholders if error else {}),
                "host": self._iotile_url.host or "",
                "fingerprint": show_fingerprint(shown.sha256),
                "subject": shown.subject or "-",
                "until": f"{until:%Y-%m-%d}" if until else "-",
            },
        )

    async def async_step_iotile_projects(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which projects to show."""
        if user_input is not None:
            return await self._iotile_finish(user_input.get(CONF_PROJECTS, []))
        choices = project_choices(self._iotile_projects)
        return self.async_show_form(
            step_id="iotile_projects",
            data_schema=vol.Schema(
                {vol.Optional(CONF_PROJECTS, default=list): several(choices)}
            ),
        )

    async def async_step_reauth_iotile(self) -> ConfigFlowResult:
        """Ask for the password again."""
        self._iotile_take(self._get_reauth_entry().data)
        return await self.async_step_iotile_account()

    async def async_step_reconfigure_iotile(self) -> ConfigFlowResult:
        """Ask for another server, where the same account lives now."""
        self._iotile_take(self._get_reconfigure_entry().data)
        return await self.async_step_iotile()

    def _iotile_take(self, data: Mapping[str, Any]) -> None:
        self._iotile_typed = data[CONF_URL]
        self._iotile_url = URL(self._iotile_typed)
        self._iotile_email = data[CONF_EMAIL]
        self._iotile_policy = tls_policy(data)

    def _iotile_take_account(self, user_input: Mapping[str, Any]) -> None:
        self._iotile_email = user_input[CONF_EMAIL].strip()
        self._iotile_password = user_input[CONF_PASSWORD]

    def _iotile_form(
        self,
        step: str,
        schema: vol.Schema,
        suggested: Mapping[str, Any],
        error: BackendError | None,
    ) -> ConfigFlowResult:
        field = CONF_EMAIL if isinstance(error, BadEmailError) else "base"
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors={field: error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    @asynccontextmanager
    async def _iotile_client(
        self, token: str | None = None
    ) -> AsyncIterator[IOTileClient]:
        session = async_create_clientsession(
            self.hass, auto_cleanup=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        try:
            yield IOTileClient(
                session, self._iotile_url, token, tls=self._iotile_policy
            )
        finally:
            session.detach()

    async def _iotile_ask_for_trust(self) -> ConfigFlowResult:
        async with self._iotile_client() as client:
            self._iotile_shown = await fetch_certificate(
                client.session, self._iotile_url
            )
        return await self.async_step_iotile_certificate()

    async def _iotile_try(self) -> ConfigFlowResult:
        """Look who answers before the password goes there, and what the account may."""
        async with self._iotile_client() as client:
            try:
                await client.probe()
            except RedirectedError as err:
                if not err.to_https:
                    raise
                self._iotile_url = self._iotile_url.with_scheme("https").with_port(None)
                return await self._iotile_try()
            login = await client.login(self._iotile_email, self._iotile_password)
        async with self._iotile_client(login.token) as client:
            projects = await client.projects()
            orgs = {project.org for project in projects if project.org}
            roles = [await client.membership(org) for org in sorted(orgs)]
        if roles and not any(role.reads for role in roles):
            raise NoDataRoleError(role=roles[0].role)
        self._iotile_login, self._iotile_projects = login, projects
        self._iotile_password = ""
        if self.entry_in_repair is None and len(projects) > 1:
            await self.async_set_unique_id(f"{NAME}:{login.installation}")
            self._abort_if_unique_id_configured(updates=self._iotile_data())
            return await self.async_step_iotile_projects()
        return await self._iotile_finish([])

    async def _iotile_finish(self, projects: list[str]) -> ConfigFlowResult:
        login = self._iotile_login
        assert login is not None  # only led here with one
        return await self.async_finish(
            NAME,
            login.installation,
            f"{TITLE} ({login.name})" if login.name else TITLE,
            self._iotile_data(),
            {CONF_PROJECTS: projects} if self.entry_in_repair is None else None,
        )

    def _iotile_data(self) -> dict[str, Any]:
        login = self._iotile_login
        assert login is not None  # only led here with one
        return {
            CONF_URL: str(self._iotile_url),
            CONF_EMAIL: login.email,
            CONF_TOKEN: login.token,
            CONF_VERIFY_SSL: self._iotile_policy.verify,
            CONF_PIN: self._iotile_policy.pin,
        }
