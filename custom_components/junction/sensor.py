"""Sensors."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import RestoreSensor
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import restore_state
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util
from propcache.api import cached_property

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import Detailed, SensorPoint, SensorValue

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of an entry."""
    async_add_points(entry, async_add_entities, SensorPoint, JunctionSensor)


class JunctionSensor(JunctionEntity[SensorPoint, SensorValue], RestoreSensor):
    """A reading.

    A restored value stands in for a state of None only: whether something may be shown
    at all (and for how long after a start) is the backend's to say.
    """

    _restored: SensorValue | None = None
    _value: SensorValue | None = None

    @cached_property
    @override
    def capability_attributes(self) -> dict[str, Any] | None:
        """What the point fixes; Home Assistant asks at every write."""
        return super().capability_attributes

    @property
    @override
    def native_value(self) -> SensorValue | None:
        """The reading; it changes at nearly every write, so it is not worth caching."""
        return self._value

    @override
    def _show(self, state: SensorValue | None) -> None:
        if state is None:
            state = self._restored
        elif self._restored is not None:
            self._restored = None
        self._value = state

    @override
    def _show_details(self, state: Detailed[Any]) -> None:
        super()._show_details(state)
        self._attr_last_reset = state.last_reset

    @override
    async def async_added_to_hass(self) -> None:
        """Fall back on the value of before the restart while there is no other."""
        if self.point.restore is not None and self.current is None:
            await self._restore(dt_util.utcnow() - self.point.restore)
        await super().async_added_to_hass()

    async def _restore(self, oldest: datetime) -> None:
        stored = restore_state.async_get(self.hass).last_states.get(self.entity_id)
        data = await self.async_get_last_sensor_data()
        if stored is None or data is None:
            return
        # A counter at rest was true until Home Assistant stopped, however long ago it
        # moved; one that was lost was true until then.
        lost = stored.state.state == STATE_UNAVAILABLE
        true_until = stored.state.last_updated if lost else stored.last_seen
        if (
            true_until >= oldest
            and data.native_unit_of_measurement
            == self.entity_description.native_unit_of_measurement
        ):
            self._restored = data.native_value
