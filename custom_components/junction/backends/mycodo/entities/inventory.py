"""Points of one Mycodo, and the measurements that they need."""

from collections.abc import Callable, Iterable
from typing import Any

from homeassistant.components.sensor import SensorStateClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ....const import DOMAIN
from ....model import NumberPoint, PointKey, SensorPoint, Topology
from ..client import (
    ChannelKey,
    CommandConfirmer,
    Commands,
    DaemonFunctions,
    MycodoClient,
    OutputKind,
    PidCommands,
    PidValue,
    Poller,
    WrongEntityError,
    output_kind,
)
from ..settings import Settings, channel_id
from .channel import ON_FOR, PID_VALUES, pid_value
from .description import DescribedPoint, Source
from .devices import Host, devices, points
from .outputs import OutputEntities

_MEASURED = (SensorStateClass.MEASUREMENT, SensorStateClass.MEASUREMENT_ANGLE)


class Inventory:
    """Create points from the listing, and know which of them are enabled.

    ``command`` confirms actions on outputs, ``measured`` is called with inputs that
    were told to measure. ``functions`` are those of the daemon's own port, None without
    it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        poller: Poller,
        client: MycodoClient,
        pids: PidCommands,
        commands: Commands,
        *,
        command: CommandConfirmer,
        measured: Callable[[str], None],
        functions: DaemonFunctions | None = None,
    ) -> None:
        """Initialize without points."""
        self._hass = hass
        self._entry = entry
        self._poller = poller
        self._client = client
        self._pids = pids
        self._functions = functions
        self._outputs = OutputEntities(commands)
        self.command = command
        self._measured = measured
        self._structure: tuple[object, ...] | None = None
        self._suspected: frozenset[str] = frozenset()
        self._suspected_at = 0
        self.described: tuple[DescribedPoint, ...] = ()
        self.topology = Topology(complete=False)

    def states(
        self, group: Iterable[DescribedPoint] | None = None
    ) -> dict[PointKey, object]:
        """Return the states of points, of all by default."""
        mycodo = self._poller.state
        return {
            described.point.key: described.state(mycodo)
            for described in (self.described if group is None else group)
        }

    def rebuild(self) -> None:
        """Rebuild devices and points if anything but a state changed."""
        poller = self._poller
        channel = self._functions is not None
        settings = Settings.read(
            self._entry.options,
            can_control=poller.can_control,
            pid_routes=poller.pid_routes or channel,
            channel=channel,
        )
        structure = (*poller.listing.structure(), settings, poller.complete)
        looked_again = self._suspected and poller.refreshes > self._suspected_at
        if structure == self._structure and not looked_again:
            return
        self._structure = structure
        self.described = points(
            poller.listing,
            settings,
            self._client,
            self._pids,
            self._outputs,
            self._measured,
            self._functions,
        )
        host = Host(self._entry.data[CONF_URL], poller.name, poller.version)
        self.topology = Topology(
            devices=tuple(devices(poller.listing, host)),
            points=tuple(described.point for described in self.described),
            complete=poller.complete and self._nothing_suspicious(),
        )

    def _nothing_suspicious(self) -> bool:
        """Return whether everything that was removed was missing twice in a row.

        A single list without a row is no proof.
        """
        prefix = f"{self._entry.unique_id}/"
        registered = {
            entity.unique_id.removeprefix(prefix)
            for entity in er.async_entries_for_config_entry(
                er.async_get(self._hass), self._entry.entry_id
            )
        }
        gone = registered - {
            "/".join(described.point.key) for described in self.described
        }
        refreshes = self._poller.refreshes
        if not gone or (gone <= self._suspected and refreshes > self._suspected_at):
            self._suspected = frozenset()
            return True
        if not gone <= self._suspected:
            self._suspected, self._suspected_at = frozenset(gone), refreshes
            self._poller.list_again()
        return False

    # Enabled entities.

    def unique_id(self, described: DescribedPoint) -> str:
        """Return the unique id of a point's entity."""
        return f"{self._entry.unique_id}/{'/'.join(described.point.key)}"

    def wanted(self) -> set[str]:
        """Return the measurement rows of enabled entities."""
        return {
            row
            for described in self.described
            if described.source is not Source.TOTAL
            and described.needs
            and self._enabled(described)
            for row in described.needs
        }

    def totals(self) -> dict[str, int]:
        """Return the rows with a daily total, each with its channel."""
        return {
            described.subject: described.channel
            for described in self.described
            if described.source is Source.TOTAL and self._enabled(described)
        }

    def timed_channels(self) -> set[ChannelKey]:
        """Return the output channels whose time on is shown by enabled entities."""
        return {
            (one.subject, one.channel)
            for one in self.described
            if one.source is Source.CHANNEL
            and one.point.description.key == ON_FOR
            and self._enabled(one)
        }

    def pid_values_wanted(self) -> set[PidValue]:
        """Return the PID values of enabled entities."""
        return {
            pid_value(one)
            for one in self.described
            if one.point.description.key in PID_VALUES and self._enabled(one)
        }

    def _entity_id(self, described: DescribedPoint) -> str | None:
        return er.async_get(self._hass).async_get_entity_id(
            described.point.platform, DOMAIN, self.unique_id(described)
        )

    def _enabled(self, described: DescribedPoint) -> bool:
        if (entity_id := self._entity_id(described)) is None:
            return described.point.description.entity_registry_enabled_default
        return not er.async_get(self._hass).entities[entity_id].disabled

    # For options and actions.

    def channels(self) -> dict[str, tuple[str, OutputKind]]:
        """Return (name, kind) of the output channels, by their id in the options."""
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

    def of_unknown_direction(self) -> dict[str, str]:
        """Return the names of PWM channels whose inversion Mycodo does not report."""
        configured = {
            found.key: found.configured
            for found in self._poller.listing.outputs.channels
        }
        return {
            channel_id(*key): names[0]
            for key, known in configured.items()
            if not known
            and (names := self.channels().get(channel_id(*key))) is not None
            and names[1] is OutputKind.PWM
        }

    def limits(self, channel: str) -> dict[str, float]:
        """Return the current range of a value output."""
        for described in self.described:
            if isinstance(described.point, NumberPoint) and channel == channel_id(
                described.subject, described.channel
            ):
                found = described.point.description
                return {
                    "low": found.native_min_value or 0.0,
                    "high": found.native_max_value or 0.0,
                    "step": found.native_step or 0.1,
                }
        return {}

    def channel_of(self, entity_id: str, kind: OutputKind) -> ChannelKey:
        """Return the output channel of an entity.

        Raises WrongEntityError if it is not an output channel, or one of another kind,
        for which Mycodo would answer "success" and do nothing.
        """
        entity = er.async_get(self._hass).async_get(entity_id)
        rows = self._poller.listing.rows_by_device()
        for described in self.described:
            if (
                entity is not None
                and described.source is Source.OUTPUTS
                and entity.unique_id == self.unique_id(described)
                and output_kind(rows.get(described.subject, ())) is kind
            ):
                return described.subject, described.channel
        raise WrongEntityError(entity=entity_id)

    def importable(self) -> dict[str, DescribedPoint]:
        """Return the enabled sensors whose history can be imported, by entity id."""
        found = {}
        for described in self.described:
            point = described.point
            if (
                described.source is Source.MEASUREMENT
                and isinstance(point, SensorPoint)
                and point.description.state_class in _MEASURED
                and self._enabled(described)
                and (entity_id := self._entity_id(described)) is not None
            ):
                found[entity_id] = described
        return found
