"""Read the states of several topics at once, each of which may fail."""

from collections.abc import Callable, Collection
from typing import Any, Final, cast

from ....errors import AuthFailedError, BackendError, RateLimitedError
from ....model import PointKey
from ...http import Clock
from ..client.concurrency import gather_or_cancel
from ..client.energy import EnergyFilter
from ..client.integral import PowerIntegral
from ..client.models import Key, Kind, Motion, ShutterState, States, Topic
from ..client.poller import Poller
from .events import InputEvents
from .inventory import Inventory

PATIENCE: Final = 2
"""Failures in a row after which the states of a topic become unknown."""


class Refresher:
    """Read topics into the inventory."""

    def __init__(
        self,
        inventory: Inventory,
        poller: Poller,
        presses: InputEvents,
        clock: Clock,
        counted: Callable[[Key], float],
    ) -> None:
        """Initialize for an inventory. ``counted``: see EnergyFilter."""
        self._inventory = inventory
        self._gateway = inventory.installation.gateway
        self._poller = poller
        self._presses = presses
        self._clock = clock
        self._energy = EnergyFilter(counted)
        self._integral = PowerIntegral(counted)
        self._failures: dict[Topic, int] = {}
        self._reading = 0
        self._touched: set[Key] = set()

    @property
    def _live(self) -> bool:
        return self._inventory.installation.live

    def diagnostics(self) -> dict[str, Any]:
        """Return failing topics, and the number of withheld readings."""
        return {
            "failing": {str(topic): count for topic, count in self._failures.items()},
            "zeros_held_back": self._energy.dropped,
        }

    def touch(self, keys: Collection[Key]) -> None:
        """Record pushed states, which take precedence over a running request."""
        if self._reading:
            self._touched.update(keys)

    async def read(self, topics: list[Topic], *, strict: bool = False) -> set[PointKey]:
        """Read topics and return the points that changed.

        A topic that fails keeps its states until it fails repeatedly. With ``strict``,
        or if all topics fail and nothing is pushed either, the first error is raised.
        """
        if not topics:
            return set()
        if not self._reading:
            self._touched.clear()
        self._reading += 1
        try:
            results = await gather_or_cancel(*(self._ask(topic) for topic in topics))
        finally:
            self._reading -= 1
        errors = [result for result in results if isinstance(result, BackendError)]
        for error in errors:
            if isinstance(error, AuthFailedError) or (
                isinstance(error, RateLimitedError) and not self._live
            ):
                raise error
        if errors and (strict or (len(errors) == len(topics) and not self._live)):
            raise errors[0]
        changed: set[PointKey] = set()
        for topic, result in zip(topics, results, strict=True):
            if isinstance(result, BackendError):
                changed |= self._failed(topic)
            else:
                self._failures.pop(topic, None)
                changed |= self._take_topic(topic, result)
        return changed

    async def _ask(self, topic: Topic) -> States | BackendError:
        try:
            return await self._gateway.status(topic)
        except BackendError as err:
            return err

    def _failed(self, topic: Topic) -> set[PointKey]:
        self._failures[topic] = count = self._failures.get(topic, 0) + 1
        if self._live:
            # Changes are still pushed, so spare a gateway in trouble.
            self._poller.postpone(topic, self._clock.monotonic())
        if count < PATIENCE:
            return set()
        return self._inventory.forget(topic)

    def _added_up(self, found: States) -> dict[Key, object]:
        """Return the integrated energy of sensors that report only power."""
        installation, now = self._inventory.installation, self._clock.monotonic()
        totals: dict[Key, object] = {}
        for sensor in installation.configuration.sensors:
            if sensor.quantity == "power" and installation.service:
                key: Key = (Kind.INTEGRAL, sensor.key)
                watts = found.get((Kind.SENSOR, sensor.key))
                told = float(watts) if isinstance(watts, int | float) else None
                totals[key] = self._integral.take(key, told, now)
        return totals

    def _take_topic(self, topic: Topic, states: States) -> set[PointKey]:
        """Replace all states of a topic; missing ones become unknown."""
        # States pushed during the request are newer than the answer.
        found: dict[Key, object] = {
            **states,
            **{
                key: self._inventory.installation.states[key]
                for key in self._touched
                if key in states and key in self._inventory.installation.states
            },
        }
        if topic is Topic.ENERGY:
            found = cast("dict[Key, object]", self._energy.take(found))
        elif topic is Topic.SENSORS:
            # The answer omits sensors without a value.
            for sensor in self._inventory.installation.configuration.sensors:
                found.setdefault((Kind.SENSOR, sensor.key), None)
            found |= self._added_up(found)
        elif topic is Topic.INPUTS:
            for key, pressed in found.items():
                self._presses.know(key[1], pressed)
        self._poller.done(
            topic,
            self._clock.monotonic(),
            live=self._live,
            blind=self._gateway.abilities.blind,
            moving=any(
                isinstance(state, ShutterState)
                and state.motion in {Motion.GOING_UP, Motion.GOING_DOWN}
                for state in found.values()
            ),
        )
        return self._inventory.replace(topic, found)
