"""Base entity with the action ``turn_on_for``, which the backend itself ends."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, override

from homeassistant.components.light.const import ATTR_BRIGHTNESS
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from .entity import JunctionEntity
from .model import FanPoint, LightPoint, SwitchPoint, ValvePoint


class TimedEntity[
    PointT: SwitchPoint | LightPoint | FanPoint | ValvePoint,
    StateT,
](JunctionEntity[PointT, StateT]):
    """Entity that can be turned on for a time."""

    @override
    def offers_turn_on_for(self, fields: Mapping[str, Any]) -> bool:
        """Return whether the entity supports ``turn_on_for`` with these fields."""
        return self.point.turn_on_for is not None and ATTR_BRIGHTNESS not in fields

    async def async_turn_on_for(
        self, duration: float, brightness: int | None = None
    ) -> JsonObjectType:
        """Turn on for ``duration`` seconds; brightness is ignored by what cannot be dimmed."""
        if (steer := self.point.turn_on_for) is None:
            raise self._not_offered()
        return await self._for(duration, lambda: steer(duration))

    async def _for(
        self, seconds: float, send: Callable[[], Awaitable[None]], **more: Any
    ) -> JsonObjectType:
        """Let the backend turn something on for so many seconds, and return the outcome."""
        ends = dt_util.utcnow() + timedelta(seconds=seconds)
        # A short pulse may be over before the first read.
        looked_for = seconds > 2 * sum(self.coordinator.info.confirm_after)
        await self._turned_on(send, looked_for=looked_for, **more)
        shown = self.hass.states.get(self.entity_id)
        return {"state": shown.state if shown else None, "ends": ends.isoformat()}

    async def _turned_on(
        self, send: Callable[[], Awaitable[None]], *, looked_for: bool, **more: Any
    ) -> None:
        """Send the command, and wait for the state "on" if it can be seen."""
        await self._command(send, self._on_state(**more) if looked_for else None)

    @abstractmethod
    def _on_state(self, **more: Any) -> StateT:
        """Return the state that means "on"."""
