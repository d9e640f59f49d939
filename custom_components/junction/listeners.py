"""Listeners to points, events, and the topology."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from homeassistant.core import callback

from .const import LOGGER
from .model import PointKey

type EventListener = Callable[[str, Mapping[str, Any]], None]


class Listeners:
    """Listeners of one config entry, by point.

    A listener that raises is logged once per point and does not stop the others.
    """

    def __init__(self, name: str) -> None:
        """Store the name of the entry for the log."""
        self._name = name
        self._points: dict[PointKey, Callable[[], None]] = {}
        self._events: dict[PointKey, EventListener] = {}
        self._topology: list[Callable[[], None]] = []
        self._broken: set[PointKey] = set()

    @callback
    def async_listen_point(
        self, key: PointKey, listener: Callable[[], None]
    ) -> Callable[[], None]:
        """Call the listener whenever this point must be written; one listener per point."""
        self._points[key] = listener

        def remove() -> None:
            if self._points.get(key) is listener:
                del self._points[key]

        return remove

    @callback
    def async_listen_event(
        self, key: PointKey, listener: EventListener
    ) -> Callable[[], None]:
        """Call the listener for every event of this point; one listener per point."""
        self._events[key] = listener

        def remove() -> None:
            if self._events.get(key) is listener:
                del self._events[key]

        return remove

    @callback
    def async_listen_topology(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener whenever points were added or removed."""
        self._topology.append(listener)
        return lambda: self._topology.remove(listener)

    @callback
    def async_wake(self, keys: Iterable[PointKey] | None = None) -> None:
        """Write the states of these points, or of all points."""
        listeners = self._points
        for key in tuple(listeners) if keys is None else keys:
            if listener := listeners.get(key):
                try:
                    listener()
                except Exception:  # noqa: BLE001 - one must not stop the others
                    self._report_broken(key)

    @callback
    def async_fire(
        self, key: PointKey, event_type: str, attributes: Mapping[str, Any]
    ) -> None:
        """Pass an event to its entity, if that is enabled."""
        if listener := self._events.get(key):
            try:
                listener(event_type, attributes)
            except Exception:  # noqa: BLE001 - must not stop the backend
                self._report_broken(key)

    @callback
    def async_tell_topology(self) -> None:
        """Notify all platforms that points were added or removed."""
        for listener in list(self._topology):
            listener()

    def of_devices(self, devices: Collection[str]) -> set[PointKey]:
        """Return the points of these devices that have a listener."""
        return {key for key in self._points if key[0] in devices}

    def _report_broken(self, key: PointKey) -> None:
        if key not in self._broken:
            self._broken.add(key)
            LOGGER.exception("%s: point %s cannot be shown", self._name, key[1])
