"""Read the configuration when due, and handle incomplete lists."""

from collections.abc import Iterator
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ....compat import own_identifiers
from ....errors import AuthFailedError, BackendError, RateLimitedError
from ...http import Clock
from ..client import Configuration, Identity, Poller, Stream, marks_of
from ..client.models import Key, Kind
from ..client.poller import CONFIRMATION, DOUBT
from ..settings import CONF_HOUSE
from .identity import is_generated_id
from .inventory import Inventory

_POINT: Final = re.compile(r"(?P<kind>output|shutter|group_action)_(?P<number>\d+)")
"""Ids of points that the cloud may hide from users."""
_KIND: Final = re.compile(
    r"(?P<kind>thermostat_group|group_action|output|lamp|input|shutter(?!_group)|sensor"
    r"|thermostat|ventilation)_"
)
"""Prefixes of the ids of points."""


class ConfigurationReader:
    """Read the configuration of an installation into its inventory."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        inventory: Inventory,
        poller: Poller,
        stream: Stream,
        clock: Clock,
    ) -> None:
        """Initialize; nothing is read yet."""
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
        """Read the configuration if it is due; if that fails, the old one stays."""
        if self._clock.monotonic() < self._due:
            return
        try:
            identity = self._installation.identity
            # The cloud's identity says whether it reaches the gateway.
            if self._identify or self._installation.service:
                identity = await self._installation.gateway.open()
            await self.read(identity)
        except AuthFailedError, RateLimitedError:
            raise
        except BackendError:
            # The reading of states determines whether the gateway is reachable.
            self._due = self._clock.monotonic() + CONFIRMATION
        else:
            self._identify = False

    async def read(self, identity: Identity) -> None:
        """Read the configuration; ``identity`` is that of the gateway."""
        installation = self._installation
        found = await installation.gateway.configuration(self._shown())
        self._due = self._clock.monotonic() + (installation.gateway.abilities.survey)
        installation.presses = (
            installation.gateway.abilities.presses and not self._stream.never
        )
        if self._inventory.configure(
            found, identity, self._registered(), self._kinds()
        ):
            # New objects have no states yet.
            self._poller.mark()
        self._remember(found)
        if self._inventory.is_doubtful:
            self._due = self._clock.monotonic() + DOUBT

    def _remember(self, found: Configuration) -> None:
        """Store the marks by which a gateway without an id is recognized."""
        if self._installation.service or not is_generated_id(self._entry):
            return
        marks = marks_of(found)
        if marks and marks != self._entry.data.get(CONF_HOUSE):
            self._hass.config_entries.async_update_entry(
                self._entry, data={**self._entry.data, CONF_HOUSE: marks}
            )

    def mark(self) -> None:
        """Make the configuration due now."""
        self._due = 0.0

    def reopened(self) -> None:
        """Handle a new connection: the version may have changed."""
        self._identify = True
        self._due = 0.0

    def on_unknown_object(self) -> bool:
        """Handle a state of an unknown object; return whether to read the configuration now.

        At most once a minute.
        """
        now = self._clock.monotonic()
        if now < self._unknown_at:
            return False
        self._unknown_at = now + CONFIRMATION
        self._due = 0.0
        return True

    def _registered(self) -> frozenset[str]:
        """Return the ids of the devices in the registry."""
        prefix = f"{self._entry.unique_id}/"
        return frozenset(
            identifier.removeprefix(prefix)
            for device in dr.async_entries_for_config_entry(
                dr.async_get(self._hass), self._entry.entry_id
            )
            for identifier in own_identifiers(device)
            if identifier.startswith(prefix)
        )

    def _points(self) -> Iterator[str]:
        """Yield the ids of the points in the entity registry."""
        prefix = f"{self._entry.unique_id}/"
        for entity in er.async_entries_for_config_entry(
            er.async_get(self._hass), self._entry.entry_id
        ):
            if entity.unique_id.startswith(prefix):
                yield entity.unique_id.rpartition("/")[2]

    def _shown(self) -> frozenset[Key]:
        """Return the keys of the entities in the registry, disabled ones included."""
        found = map(_POINT.fullmatch, self._points())
        return frozenset(
            (Kind(match["kind"]), match["number"]) for match in found if match
        )

    def _kinds(self) -> frozenset[Kind]:
        """Return the kinds of the entities in the registry."""
        found = map(_KIND.match, self._points())
        return frozenset(Kind(match["kind"]) for match in found if match)
