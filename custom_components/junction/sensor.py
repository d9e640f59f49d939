"""Sensor platform."""

from datetime import datetime
from math import inf
from typing import Any, Final, override

from homeassistant.components.sensor import RestoreSensor, SensorExtraStoredData
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from propcache.api import cached_property

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import UNAVAILABLE, Detailed, Pace, SensorPoint, SensorValue, pace_of
from .moments import read_moment

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0

_TRUE_UNTIL: Final = "true_until"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensor entities of a config entry."""
    async_add_points(entry, async_add_entities, SensorPoint, JunctionSensor)


class JunctionSensor(JunctionEntity[SensorPoint, SensorValue], RestoreSensor):
    """Sensor of a point.

    A restored value is shown only while the state is None. Whether it may be shown at
    all, and for how long after a start, is up to the backend.
    """

    # How often to write the state, when it was last written, and what ends the wait.
    _pace: Pace | None = None
    _written: float = -inf
    _waiting: CALLBACK_TYPE | None = None

    _restored: SensorValue | None = None
    _restored_until: datetime | None = None
    _value: SensorValue | None = None

    @cached_property
    @override
    def capability_attributes(self) -> dict[str, Any] | None:
        """Return the capabilities of the point; Home Assistant reads them at every write."""
        return super().capability_attributes

    @property
    @override
    def native_value(self) -> SensorValue | None:
        """Return the reading; it changes at nearly every write, so caching costs more."""
        return self._value

    @override
    def _describe(self) -> None:
        self._pace = pace_of(self.entity_description)
        # The name or the unit may have changed, so write the state at once.
        self._written = -inf

    @callback
    @override
    def _write(self) -> None:
        # Each change of a sensor comes this way, so the state is looked up once only.
        state = self._reported
        if (pace := self._pace) is not None:
            now = self.hass.loop.time()
            left = self._written + pace.seconds - now
            if left > 0 and not self._is_significant(pace, state):
                if self._waiting is None:
                    self._waiting = async_call_later(self.hass, left, self._waited)
                return
            if self._waiting is not None:
                self._stop_waiting()
            self._written = now
        self._write_reported(state)

    def _is_significant(self, pace: Pace, state: object) -> bool:
        return (state is not UNAVAILABLE) is not self._attr_available or pace.means(
            self._value, self.point.read(state)
        )

    @callback
    def _waited(self, _now: datetime) -> None:
        self._waiting = None
        self._written = -inf
        self._write()

    @callback
    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting()
            self._waiting = None

    @override
    def _show(self, state: SensorValue | None) -> None:
        if state is None:
            state = self._restored
        elif self._restored is not None:
            self._restored = self._restored_until = None
        self._value = state

    @override
    def _show_details(self, state: Detailed[Any]) -> None:
        super()._show_details(state)
        self._attr_last_reset = state.last_reset

    @property
    @override
    def extra_restore_state_data(self) -> SensorExtraStoredData:
        """Return the data to restore; Home Assistant calls this at each dump and at removal."""
        return _KeptReading(
            self.native_value,
            self.native_unit_of_measurement,
            self._restored_until or self._valid_until(),
        )

    def _valid_until(self) -> datetime:
        """Return until when the reading is known to be valid.

        An idle counter is valid until now, however long ago it changed; one whose
        connection was lost was valid until then.
        """
        shown = self.hass.states.get(self.entity_id)
        if shown is not None and shown.state == STATE_UNAVAILABLE:
            return shown.last_updated
        return dt_util.utcnow()

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the value from before the restart if there is no newer one."""
        self.async_on_remove(self._stop_waiting)
        if self.point.restore is not None and self.current is None:
            await self._restore(dt_util.utcnow() - self.point.restore)
        await super().async_added_to_hass()

    async_entity_id_changed = JunctionEntity.async_entity_id_changed

    async def _restore(self, oldest: datetime) -> None:
        last = await self.async_get_last_state()
        data = await self.async_get_last_sensor_data()
        extra = await self.async_get_last_extra_data()
        if last is None or data is None or extra is None:
            return
        # Version 0.1.0 stored no time.
        kept = extra.as_dict().get(_TRUE_UNTIL)
        until = read_moment(kept) if isinstance(kept, str) else None
        if until is None:
            lost = last.state == STATE_UNAVAILABLE
            until = last.last_updated if lost else last.last_reported
        if (
            until >= oldest
            and data.native_unit_of_measurement
            == self.entity_description.native_unit_of_measurement
        ):
            self._restored = data.native_value
            self._restored_until = until


class _KeptReading(SensorExtraStoredData):
    """Stored reading with the time until which it was known to be valid."""

    def __init__(
        self, value: SensorValue | None, unit: str | None, until: datetime
    ) -> None:
        super().__init__(value, unit)
        self._until = until

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), _TRUE_UNTIL: self._until.isoformat()}
