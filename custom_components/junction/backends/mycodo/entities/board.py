"""The points of one Mycodo, and which measurements they need."""

from collections.abc import Callable, Iterable
from typing import Any

from homeassistant.components.sensor import SensorStateClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ....const import DOMAIN
from ....model import NumberPoint, PointKey, SensorPoint, Topology
from ..client import MycodoClient
from ..errors import WrongEntityError
from ..listing import OutputKind, output_kind
from ..poller import Poller
from ..steering import ChannelKey, Confirmed, Steering
from ..web import MycodoWeb
from .built import Built, Source
from .outputs import OutputEntities
from .sensors import EDGE
from .topology import Host, devices, points
from .wishes import Wishes, channel_id

_MEASURED = (SensorStateClass.MEASUREMENT, SensorStateClass.MEASUREMENT_ANGLE)


class Board:
    """Makes points from what the poller lists, and knows which of them are wanted.

    ``command`` confirms commands to outputs, ``measured`` is told of inputs that were told
    to measure.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        poller: Poller,
        client: MycodoClient,
        web: MycodoWeb,
        steering: Steering,
        *,
        command: Confirmed,
        measured: Callable[[str], None],
    ) -> None:
        """Have no points yet."""
        self._hass = hass
        self._entry = entry
        self._poller = poller
        self._client = client
        self._web = web
        self._outputs = OutputEntities(steering, command)
        self.command = command
        self._measured = measured
        self._structure: tuple[object, ...] | None = None
        self._suspected: frozenset[str] = frozenset()
        self._suspected_at = 0
        self.built: tuple[Built, ...] = ()
        self.topology = Topology(complete=False)

    def states(self, group: Iterable[Built] | None = None) -> dict[PointKey, object]:
        """Return the states of points, by default of all."""
        truth = self._poller.truth
        return {
            built.point.key: built.state(truth)
            for built in (self.built if group is None else group)
        }

    def rebuild(self) -> None:
        """Make devices and points anew if anything but a state changed."""
        poller = self._poller
        wishes = Wishes.read(
            self._entry.options, steer=poller.steer, pid_routes=poller.pid_routes
        )
        structure = (*poller.listing.structure(), wishes, poller.complete)
        looked_again = self._suspected and poller.surveys > self._suspected_at
        if structure == self._structure and not looked_again:
            return
        self._structure = structure
        self.built = points(
            poller.listing,
            wishes,
            self._client,
            self._web,
            self._outputs,
            self._measured,
        )
        host = Host(self._entry.data[CONF_URL], poller.name, poller.version)
        self.topology = Topology(
            devices=tuple(devices(poller.listing, host)),
            points=tuple(built.point for built in self.built),
            complete=poller.complete and self._nothing_suspicious(),
        )

    def _nothing_suspicious(self) -> bool:
        """Return whether all that vanished was looked for twice.

        One listing that lacks a row proves nothing; a second one does.
        """
        prefix = f"{self._entry.unique_id}/"
        registered = {
            entity.unique_id.removeprefix(prefix)
            for entity in er.async_entries_for_config_entry(
                er.async_get(self._hass), self._entry.entry_id
            )
        }
        gone = registered - {"/".join(built.point.key) for built in self.built}
        surveys = self._poller.surveys
        if not gone or (gone <= self._suspected and surveys > self._suspected_at):
            self._suspected = frozenset()
            return True
        if not gone <= self._suspected:
            self._suspected, self._suspected_at = frozenset(gone), surveys
            self._poller.list_again()
        return False

    # What is wanted.

    def unique_id(self, built: Built) -> str:
        """Return the unique id of a point's entity."""
        return f"{self._entry.unique_id}/{'/'.join(built.point.key)}"

    def wanted(self) -> set[str]:
        """Return the measurement rows that enabled entities show."""
        return {
            row
            for built in self.built
            if built.source is not Source.TOTAL and built.needs and self._enabled(built)
            for row in built.needs
        }

    def totals(self) -> dict[str, int]:
        """Return the rows whose sum of the day is shown, each with its channel."""
        return {
            built.subject: built.channel
            for built in self.built
            if built.source is Source.TOTAL and self._enabled(built)
        }

    def edges(self) -> list[Built]:
        """Return the points that tell of edges."""
        return [b for b in self.built if b.point.description.key == EDGE]

    def _entity_id(self, built: Built) -> str | None:
        return er.async_get(self._hass).async_get_entity_id(
            built.point.platform, DOMAIN, self.unique_id(built)
        )

    def _enabled(self, built: Built) -> bool:
        if (entity_id := self._entity_id(built)) is None:
            return built.point.description.entity_registry_enabled_default
        return not er.async_get(self._hass).entities[entity_id].disabled

    # What options and actions ask.

    def channels(self) -> dict[str, tuple[str, OutputKind]]:
        """Return (name, kind) of the output channels, by the id that options use."""
        listing = self._poller.listing
        names = {output.id: output.name for output in listing.outputs.devices}
        rows = listing.rows_by_device()
        return {
            channel_id(found.output, found.channel): (
                f"{names[found.output]} – {found.name or found.channel + 1}",
                kind,
            )
            for found in listing.outputs.channels
            if found.output in names
            and (kind := output_kind(rows.get(found.output, ()))) is not None
        }

    def limits(self, channel: str) -> dict[str, float]:
        """Return the range of a value output as it is now."""
        for built in self.built:
            if isinstance(built.point, NumberPoint) and channel == channel_id(
                built.subject, built.channel
            ):
                found = built.point.description
                return {
                    "low": found.native_min_value or 0.0,
                    "high": found.native_max_value or 0.0,
                    "step": found.native_step or 0.1,
                }
        return {}

    def channel_of(self, entity_id: str) -> ChannelKey:
        """Return the output channel of an entity; raises WrongEntityError."""
        entity = er.async_get(self._hass).async_get(entity_id)
        for built in self.built:
            if (
                entity is not None
                and built.source is Source.OUTPUTS
                and entity.unique_id == self.unique_id(built)
            ):
                return built.subject, built.channel
        raise WrongEntityError(entity=entity_id)

    def importable(self) -> dict[str, Built]:
        """Return the enabled sensors whose past can be imported, by entity id."""
        found = {}
        for built in self.built:
            point = built.point
            if (
                built.source is Source.MEASUREMENT
                and isinstance(point, SensorPoint)
                and point.description.state_class in _MEASURED
                and self._enabled(built)
                and (entity_id := self._entity_id(built)) is not None
            ):
                found[entity_id] = built
        return found
