"""Keep the cloud token and the hub key valid (docs/protocols/cozify.md#tokens)."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, override

from ....errors import AuthFailedError, BackendError
from ...http import Clock
from .cloud import CloudApi
from .errors import CloudLoginError, HubGoneError
from .tokens import claims

DAY: Final = 86_400.0
RETRY: Final = 300.0
LONGEST_RETRY: Final = 6 * 3600.0
_EARLY: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Cloud token and hub key; both are secret."""

    cloud: str
    hub: str

    @override
    def __repr__(self) -> str:
        """Hide both from logs."""
        return "Tokens(…)"


class Keys:
    """Hold and renew the tokens; new ones are stored before they are used.

    ``store`` is called with both tokens. ``login_needed`` is called once when the cloud
    refuses the cloud token: nothing can be renewed until the user logs in again, but a
    valid hub key continues to work.
    """

    def __init__(
        self,
        cloud: CloudApi,
        hub_id: str,
        tokens: Tokens,
        *,
        store: Callable[[Tokens], None],
        login_needed: Callable[[CloudLoginError], None],
        clock: Clock | None = None,
    ) -> None:
        """Initialize; nothing is sent yet."""
        self._cloud = cloud
        self._hub_id = hub_id
        self._store = store
        self._login_needed = login_needed
        self._clock = clock or Clock()
        self._lock = asyncio.Lock()
        self.tokens = tokens
        self.refreshes = 0
        self.refresh_failures = 0
        self.renewals = 0
        self.dead = False
        """Whether the cloud refused the cloud token."""

    async def renew_hub_key(self, refused: str) -> bool:
        """Renew the hub key; return whether it differs from the refused one.

        Raises CloudLoginError if the cloud token is invalid, HubGoneError if the
        account no longer has the hub, and what the cloud client raises.
        """
        async with self._lock:
            if self.tokens.hub != refused:
                # Another request was refused too, and has renewed it.
                return True
            with self._watching():
                keys = await self._cloud.hub_keys(self.tokens.cloud)
            if (key := keys.get(self._hub_id)) is None:
                raise HubGoneError
            self.renewals += 1
            if key == refused:
                return False
            self._take(Tokens(self.tokens.cloud, key))
            return True

    async def refresh(self) -> None:
        """Renew the cloud token. Raises CloudLoginError, and what the client raises."""
        async with self._lock:
            with self._watching():
                token = await self._cloud.refresh(self.tokens.cloud)
            self._take(Tokens(token, self.tokens.hub))
            self.refreshes += 1

    async def run(self) -> None:
        """Renew the cloud token once a day; return when the cloud refuses it."""
        pause, failed = self._first_pause(), 0
        while not self.dead:
            await self._clock.sleep(pause)
            try:
                await self.refresh()
            except AuthFailedError:
                return
            except BackendError:
                # Not an error until the token expires: the next attempt may succeed.
                self.refresh_failures += 1
                pause = min(RETRY * 2**failed, LONGEST_RETRY)
                failed += 1
            else:
                pause, failed = DAY, 0

    def _first_pause(self) -> float:
        """Return the seconds until the token is a day old, or less if it expires early."""
        said, now = claims(self.tokens.cloud), self._clock.utcnow()
        if said.expires is not None and said.expires - now < _EARLY:
            return 0.0
        if said.issued is None:
            return DAY
        age = (now - said.issued).total_seconds()
        return min(max(DAY - age, 0.0), DAY)

    def _take(self, tokens: Tokens) -> None:
        self._store(tokens)
        self.tokens = tokens

    @contextmanager
    def _watching(self) -> Generator[None]:
        """Call ``login_needed`` once if the cloud refuses the login."""
        if self.dead:
            raise CloudLoginError
        try:
            yield
        except CloudLoginError as err:
            self.dead = True
            self._login_needed(err)
            raise
