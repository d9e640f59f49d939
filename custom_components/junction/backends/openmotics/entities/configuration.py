"""Configuration of an installation, read when due, and kept when a listing is incomplete."""

from collections.abc import Iterator
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ....const import DOMAIN
from ....errors import AuthFailedError, BackendError, RateLimitedError
from ...http import Clock
from ..client import Configuration, Identity, Poller, Stream, marks_of
from ..client.models import Key, Kind
from ..client.poller import CONFIRMATION, DOUBT
from ..settings import CONF_HOUSE
from .identity import is_made
from .inventory import Inventory

_POINT: Final = re.compile(r"(?P<kind>output|shutter|group_action)_(?P<number>\d+)")
"""The ids of points that a cloud may hide from people."""
_KIND: Final = re.compile(
    r"(?P<kind>thermostat_group|group_action|output|lamp|input|shutter(?!_group)|sensor"
    r"|thermostat|ventilation)_"
)
"""How the ids of points begin."""


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
        except BackendError:
            # Whether anything is reached at all, the reading of states finds out.
            self._due = self._clock.monotonic() + CONFIRMATION
        else:
            self._identify = False

    async def read(self, identity: Identity) -> None:
        """Read what there is now; ``identity`` is who answered."""
        installation = self._installation
        found = await installation.gateway.configuration(self._shown())
        self._due = self._clock.monotonic() + (installation.gateway.abilities.survey)
        installation.presses = (
            installation.gateway.abilities.presses and not self._stream.never
        )
        if self._inventory.configure(
            found, identity, self._registered(), self._kinds()
        ):
            # What is new has to be asked for.
            self._poller.mark()
        self._remember(found)
        if self._inventory.is_doubtful:
            self._due = self._clock.monotonic() + DOUBT

    def _remember(self, found: Configuration) -> None:
        """Keep what a gateway without an id is recognized by."""
        if self._installation.service or not is_made(self._entry):
            return
        marks = marks_of(found)
        if marks and marks != self._entry.data.get(CONF_HOUSE):
            self._hass.config_entries.async_update_entry(
                self._entry, data={**self._entry.data, CONF_HOUSE: marks}
            )

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

    def _points(self) -> Iterator[str]:
        """Yield the ids of the points that Home Assistant has entities of."""
        prefix = f"{self._entry.unique_id}/"
        for entity in er.async_entries_for_config_entry(
            er.async_get(self._hass), self._entry.entry_id
        ):
            if entity.unique_id.startswith(prefix):
                yield entity.unique_id.rpartition("/")[2]

    def _shown(self) -> frozenset[Key]:
        """Return the keys of what Home Assistant shows, enabled or not."""
        found = map(_POINT.fullmatch, self._points())
        return frozenset(
            (Kind(match["kind"]), match["number"]) for match in found if match
        )

    def _kinds(self) -> frozenset[Kind]:
        """Return of what kinds Home Assistant has something."""
        found = map(_KIND.match, self._points())
        return frozenset(Kind(match["kind"]) for match in found if match)
