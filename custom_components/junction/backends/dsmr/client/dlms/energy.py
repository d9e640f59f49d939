"""Determine the unit of energy by how fast it rises (``docs/protocols/dlms.md#kamstrup``)."""

from typing import Final, NamedTuple

from .kamstrup import energy_exponent, is_energy_certain
from .models import ListKind, Push

_IMPORT: Final = "1.8.0"
_POWER: Final = "1.7.0"
_HOUR: Final = 3600.0
# Maximum seconds between two pushes for integrating power.
_NEAR: Final = 60.0
# Energy (Wh) that distinguishes a factor of ten, however the meter rounds.
_ENOUGH: Final = 100.0
_SAME: Final = (0.5, 2.0)
_DECIDED: Final = 2


class FoundFactor(NamedTuple):
    """Factor for the energy of a meter type (None: the type is not sent)."""

    model: str | None
    factor: float


class EnergyFactor:
    """Factor for the energy of one Kamstrup meter: 1, 10, or 0.1.

    ``factor`` is None while it is unknown. The type of the meter determines it, unless
    two rises in a row match another factor. ``found`` is the result with its type, to
    be passed as ``known`` the next time.
    """

    def __init__(self, known: FoundFactor | None = None) -> None:
        """Initialize with an earlier result, if any."""
        self.factor: float | None = 1.0
        self.found: FoundFactor | None = None
        self._known = known
        self._model: str | None = None
        self._counter: float | None = None
        self._energy = 0.0
        self._last: tuple[float, float] | None = None
        self._candidate: float | None = None
        self._agreeing = 0

    def observe(self, push: Push, at: float) -> None:
        """Learn from a push that arrived ``at`` (monotonic, s)."""
        if push.list.kind is not ListKind.KAMSTRUP:
            return
        if push.list.model is not None and push.list.model != self._model:
            self._model = push.list.model
            if not is_energy_certain(self._model):
                self.factor = None
        if (known := self._known) is not None:
            self._known = None
            if known.model == self._model:
                self.factor, self.found = known.factor, known
        numbers = {
            one.obis.partition(":")[2]: one.value
            for one in push.list.readings
            if one.obis is not None and isinstance(one.value, int | float)
        }
        power, counter = numbers.get(_POWER), numbers.get(_IMPORT)
        if power is not None:
            self._integrate(float(power), at)
        if counter is not None:
            self._compare(float(counter))

    def _integrate(self, power: float, at: float) -> None:
        if self._last is not None:
            before, then = self._last
            if 0 <= at - then <= _NEAR:
                self._energy += (before + power) / 2 * (at - then) / _HOUR
            else:
                # The consumption in between is unknown.
                self._counter = None
        self._last = power, at

    def _compare(self, counter: float) -> None:
        if self._counter is None or counter < self._counter:
            self._counter, self._energy = counter, 0.0
            return
        rise = counter - self._counter
        if self._energy < _ENOUGH or rise <= 0:
            return
        other = 0.1 if energy_exponent(self._model) else 10.0
        found = next(
            (
                one
                for one in (1.0, other)
                if _SAME[0] < rise * one / self._energy < _SAME[1]
            ),
            None,
        )
        self._counter, self._energy = counter, 0.0
        if found is None:
            return
        self._agreeing = self._agreeing + 1 if found == self._candidate else 1
        self._candidate = found
        if self.factor is None or self._agreeing >= _DECIDED:
            self.factor = found
            self.found = FoundFactor(self._model, found)
