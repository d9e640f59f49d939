"""The way to a Mycodo: its address and a key, and whether to trust its certificate."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import aiohttp
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL, CONF_WEBHOOK_ID
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
    base_url,
    fetch_certificate,
    show_fingerprint,
)
from ..trust import CONF_PIN, tls_policy
from .client import MycodoClient
from .const import NAME
from .options import MycodoOptionsFlow
from .web import MycodoWeb

CONF_TRUST: Final = "trust"
TRUST_PIN: Final = "pin"
TRUST_ANY: Final = "any"

_SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
ADDRESS_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_URL): TextSelector(), vol.Required(CONF_API_KEY): _SECRET}
)
# The key that is known need not be typed again.
MOVED_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_URL): TextSelector(), vol.Optional(CONF_API_KEY): _SECRET}
)
KEY_SCHEMA: Final = vol.Schema({vol.Required(CONF_API_KEY): _SECRET})
TRUST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TRUST, default=TRUST_PIN): SelectSelector(
            SelectSelectorConfig(
                options=[TRUST_PIN, TRUST_ANY],
                translation_key="mycodo_trust",
                mode=SelectSelectorMode.LIST,
            )
        )
    }
)


class MycodoFlow(BackendFlow):
    """The steps of a Mycodo.

    ``mycodo`` asks for address and key, ``mycodo_certificate`` what to do about a
    certificate that nobody vouches for, ``mycodo_key`` for another key.
    """

    options_flow: ClassVar[type[OptionsFlow] | None] = MycodoOptionsFlow

    _typed: str = ""
    _url: URL = URL()
    _key: str = ""
    _policy: TlsPolicy = TlsPolicy()
    _shown: Certificate | None = None

    async def async_step_mycodo(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for address and key."""
        error: BackendError | None = None
        entry = self.entry_in_repair
        if user_input is not None:
            self._typed = user_input[CONF_URL].strip()
            self._key = user_input.get(CONF_API_KEY, "").strip() or self._key
            try:
                self._url = base_url(self._typed)
                self._policy = TlsPolicy()
                return await self._try()
            except CertificateNotTrustedError as err:
                try:
                    return await self._ask_for_trust()
                except BackendError:
                    error = err
            except BackendError as err:
                error = err
        schema = ADDRESS_SCHEMA if entry is None else MOVED_SCHEMA
        return self.async_show_form(
            step_id="mycodo",
            data_schema=self.add_suggested_values_to_schema(
                schema, {CONF_URL: self._typed} if self._typed else {}
            ),
            errors={"base": error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    async def async_step_mycodo_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the certificate, and ask what to do about it."""
        shown = self._shown
        assert shown is not None  # only led here with one
        error: BackendError | None = None
        if user_input is not None:
            pinned = user_input[CONF_TRUST] == TRUST_PIN
            self._policy = TlsPolicy(
                verify=pinned, pin=shown.sha256 if pinned else None
            )
            try:
                return await self._try()
            except BackendError as err:
                error = err
        until = shown.not_after
        return self.async_show_form(
            step_id="mycodo_certificate",
            data_schema=TRUST_SCHEMA,
            errors={"base": error.key} if error else {},
            description_placeholders={
                **(error.placeholders if error else {}),
                "host": self._url.host or "",
                "fingerprint": show_fingerprint(shown.sha256),
                "subject": shown.subject or "-",
                "until": f"{until:%Y-%m-%d}" if until else "-",
            },
        )

    async def async_step_mycodo_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another key."""
        error: BackendError | None = None
        if user_input is not None:
            self._key = user_input[CONF_API_KEY].strip()
            try:
                return await self._try()
            except BackendError as err:
                error = err
        return self.async_show_form(
            step_id="mycodo_key",
            data_schema=KEY_SCHEMA,
            errors={"base": error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    async def async_step_reauth_mycodo(self) -> ConfigFlowResult:
        """Ask for another key; the address stays."""
        self._take(self._get_reauth_entry().data)
        return await self.async_step_mycodo_key()

    async def async_step_reconfigure_mycodo(self) -> ConfigFlowResult:
        """Ask for another address, and for another key if there is one."""
        self._take(self._get_reconfigure_entry().data)
        return await self.async_step_mycodo()

    def _take(self, data: Mapping[str, Any]) -> None:
        self._typed = data[CONF_URL]
        self._url = URL(self._typed)
        self._key = data[CONF_API_KEY]
        self._policy = tls_policy(data)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[MycodoClient]:
        session = async_create_clientsession(
            self.hass, auto_cleanup=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        try:
            yield MycodoClient(session, self._url, self._key, tls=self._policy)
        finally:
            session.detach()

    async def _ask_for_trust(self) -> ConfigFlowResult:
        async with self._client() as client:
            self._shown = await fetch_certificate(client.session, self._url)
        return await self.async_step_mycodo_certificate()

    async def _try(self) -> ConfigFlowResult:
        """Look who answers, and end the flow if it is a Mycodo that takes the key."""
        async with self._client() as client:
            try:
                await client.capabilities()
            except RedirectedError as err:
                if not err.to_https:
                    raise
                # Plain HTTP is good for nothing but this answer (reference §0.6).
                self._url = self._url.with_scheme("https").with_port(None)
                return await self._try()
            installation = await client.installation()
            name = await MycodoWeb(client).host_name()
        return await self.async_finish(
            NAME,
            installation,
            name or "Mycodo",
            {
                CONF_URL: str(self._url),
                CONF_API_KEY: self._key,
                CONF_VERIFY_SSL: self._policy.verify,
                CONF_PIN: self._policy.pin,
                CONF_WEBHOOK_ID: self._webhook_id(installation),
            },
        )

    def _webhook_id(self, installation: str) -> str:
        """Return the webhook of the installation, which stands in its Mycodo by now."""
        for entry in self._async_current_entries():
            if entry.unique_id == f"{NAME}:{installation}":
                known: str = entry.data[CONF_WEBHOOK_ID]
                return known
        return webhook.async_generate_id()
