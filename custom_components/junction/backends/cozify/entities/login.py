"""Login to a Cozify account, for the config flow."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from yarl import URL

from ...http import HtmlAnswerError, NotFoundError, RedirectedError, find_in_parents
from ...session import brief_session
from ..client import CLOUDS, CloudApi, FoundHub, HubGoneError, find_all, find_one
from ..settings import (
    CONF_CLOUD,
    CONF_CLOUD_TOKEN,
    CONF_EMAIL,
    CONF_HOST,
    CONF_HUB_ID,
    CONF_HUB_KEY,
)
from .account import share_login


class Login:
    """Email address, cloud, and tokens of an account while a dialog is open."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Start with the data of an entry, which is empty for a new account."""
        self.email: str = data.get(CONF_EMAIL, "")
        self._hass = hass
        self._cloud_url: str | None = data.get(CONF_CLOUD)
        self._token: str = data.get(CONF_CLOUD_TOKEN, "")
        self._keys: Mapping[str, str] = {}
        self._used: tuple[str, str] | None = None

    @property
    def is_new(self) -> bool:
        """Return whether a code was used, so that the tokens are newer than an entry's."""
        return self._used is not None

    async def find_cloud(self, typed: URL | None) -> None:
        """Request a code from the cloud at an address, or above the page that was copied.

        Raises BackendError, as all methods that make requests.
        """

        async def try_url(url: URL | None) -> None:
            self._cloud_url = str(url) if url else None
            await self.send_code()

        if typed is None:
            return await try_url(None)
        wrong = (NotFoundError, HtmlAnswerError, RedirectedError)
        try:
            await find_in_parents(typed, try_url, wrong)
        except wrong:
            # The default path, if the user entered only a host.
            usual = CLOUDS[0].raw_path
            if typed.raw_path.rstrip("/") == usual.rstrip("/"):
                raise
            await try_url(typed.with_path(usual, encoded=True))

    async def send_code(self, email: str | None = None) -> None:
        """Have a code sent to the email address, or to another one from now on."""
        email = email or self.email
        async with self._cloud() as cloud:
            await cloud.request_code(email)
        self.email = email

    async def use(self, code: str) -> None:
        """Log in with a code, and read the keys of the account's hubs."""
        async with self._cloud() as cloud:
            if self._used != (self.email, code):
                self._token = await cloud.log_in(self.email, code)
                # A code works only once, and the next request may fail.
                self._used = (self.email, code)
            self._keys = await cloud.hub_keys(self._token)

    async def find_hubs(self) -> Mapping[str, FoundHub]:
        """Return the account's hubs by their ids, with their addresses if found."""
        async with self._cloud() as cloud, brief_session(self._hass) as session:
            return await find_all(cloud, session, self._keys)

    async def find_hub(self, hub: FoundHub, typed: str) -> FoundHub:
        """Return a hub with its address: the typed one, or any if that is empty."""
        async with self._cloud() as cloud, brief_session(self._hass) as session:
            return await find_one(cloud, session, hub, self._token, typed)

    def key_of(self, hub: str) -> str:
        """Return the key of a hub. Raises HubGoneError if the account does not have it."""
        if (key := self._keys.get(hub)) is None:
            raise HubGoneError
        return key

    def share(
        self, entry: ConfigEntry[Any], entries: Collection[ConfigEntry[Any]]
    ) -> None:
        """Give the new tokens to those of the entries that have the same account."""
        share_login(
            self._hass,
            [other for other in entries if other.entry_id != entry.entry_id],
            {self.email, entry.data[CONF_EMAIL]},
            {CONF_EMAIL: self.email, CONF_CLOUD_TOKEN: self._token},
            self._keys,
        )

    def tokens(self, hub: str) -> dict[str, Any]:
        """Return what an entry stores of a new login. Raises HubGoneError."""
        return {
            CONF_EMAIL: self.email,
            CONF_CLOUD_TOKEN: self._token,
            CONF_HUB_KEY: self.key_of(hub),
        }

    def data(self, hub: FoundHub) -> dict[str, Any]:
        """Return the data of an entry."""
        return {
            CONF_EMAIL: self.email,
            CONF_CLOUD: self._cloud_url,
            CONF_CLOUD_TOKEN: self._token,
            CONF_HUB_KEY: hub.key,
            CONF_HUB_ID: hub.id,
            CONF_HOST: str(hub.host) if hub.host else None,
        }

    @asynccontextmanager
    async def _cloud(self) -> AsyncIterator[CloudApi]:
        async with brief_session(self._hass) as session:
            bases = [URL(self._cloud_url)] if self._cloud_url else CLOUDS
            yield CloudApi(session, bases)
