"""What there is: read when it is due, and never emptied by half a listing."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ....const import DOMAIN
from ....errors import AuthFailedError, BackendError, RateLimitedError, UnreachableError
from ...http import Clock
from ..client import Identity, Poller, Stream
from ..client.poller import CONFIGURATION, CONFIRMATION
from .inventory import Inventory


class ConfigurationReader:
    """Reads the configuration of an installation into its inventory."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        inventory: Inventory,
        poller: Poller,
        stream: Stream,
        clock: Clock,
    ) -> None:
        """Read nothing yet."""
        self._hass = hass
        self._entry = entry
        self._inventory = inventory
        self._installation = inventory.installation
        self._poller = poller
        self._stream = stream
        self._clock = clock
        self._due = 0.0
        self._identify = False
        self._unknown_at = 0.0

    async def read_if_due(self) -> None:
        """Read again what there is; if that fails, what was known stays."""
        if self._clock.monotonic() < self._due:
            return
        try:
            identity = self._installation.identity
            # A cloud tells with it whether it reaches the gateway.
            if self._identify or self._installation.service:
                identity = await self._installation.gateway.open()
            await self.read(identity)
        except AuthFailedError, RateLimitedError:
            raise
        except BackendError as err:
            if isinstance(err, UnreachableError) and not self._installation.live:
                raise
            self._due = self._clock.monotonic() + CONFIRMATION
        else:
            self._identify = False

    async def read(self, identity: Identity) -> None:
        """Read what there is now; ``identity`` is who answered."""
        installation = self._installation
        found = await installation.gateway.configuration()
        self._due = self._clock.monotonic() + CONFIGURATION
        installation.presses = (
            installation.gateway.abilities.presses and not self._stream.never
        )
        if self._inventory.configure(found, identity, self._registered()):
            # What is new has to be asked for.
            self._poller.mark()
        if not self._inventory.topology.complete:
            self._due = self._clock.monotonic() + CONFIRMATION

    def mark(self) -> None:
        """Make a read due now."""
        self._due = 0.0

    def reopened(self) -> None:
        """Note that the connection is new: it may be another version by now."""
        self._identify = True
        self._due = 0.0

    def suspect(self) -> bool:
        """Note that something unknown spoke; return whether a read is worth it now.

        Not more than once a minute.
        """
        now = self._clock.monotonic()
        if now < self._unknown_at:
            return False
        self._unknown_at = now + CONFIRMATION
        self._due = 0.0
        return True

    def _registered(self) -> frozenset[str]:
        """Return the ids of the devices that Home Assistant has."""
        prefix = f"{self._entry.unique_id}/"
        return frozenset(
            identifier.removeprefix(prefix)
            for device in dr.async_entries_for_config_entry(
                dr.async_get(self._hass), self._entry.entry_id
            )
            for domain, identifier in device.identifiers
            if domain == DOMAIN and identifier.startswith(prefix)
        )
