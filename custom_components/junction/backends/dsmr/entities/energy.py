"""Energy registers: by tariff, total, active, reactive, and apparent.

A register is ``C.8.E``: C is the quantity, E is 0 for the total or else the number of
the tariff (``docs/protocols/dsmr.md#tariff-registers``).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
import re
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfReactiveEnergy

from ..client.models import Telegram
from .description import PointDescription, Value, number

_KILOWATT_HOUR: Final = UnitOfEnergy.KILO_WATT_HOUR
_REGISTER: Final = re.compile(r"1-0:(\d+)\.8\.(\d+)")
_TARIFF: Final = re.compile(r"(.*)_tariff_(\d+)")

# Names of the points by C.
ACTIVE: Final = {1: "energy_import", 2: "energy_export"}
_REACTIVE: Final = {
    3: "reactive_energy_import",
    4: "reactive_energy_export",
    **{c: f"reactive_energy_q{c - 4}" for c in range(5, 9)},
}
_NAMES: Final = {**ACTIVE, **_REACTIVE}
_NUMBERS: Final = {name: c for c, name in _NAMES.items()}

# Tariffs 1 to 9 make up the total; higher numbers are seasonal tariffs, and the only
# ones on some meters (Israel).
_PLAIN: Final = range(1, 10)


def energy() -> Iterator[PointDescription]:
    """Yield the registers whose total is not a sum of others."""
    yield number(
        "energy_combined",
        "1-0:15.8.0",
        SensorDeviceClass.ENERGY,
        _KILOWATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        on=False,
    )
    for c in _REACTIVE:
        yield _described(c, 0)


def registers_in(keys: Iterable[str]) -> Iterator[PointDescription]:
    """Yield the tariff registers among the keys of a telegram."""
    for key in keys:
        if (found := _REGISTER.fullmatch(key)) is None:
            continue
        c, e = int(found[1]), int(found[2])
        if c in _NAMES and e > 0:
            yield _described(c, e)


def registers_named(names: Iterable[str]) -> Iterator[PointDescription]:
    """Yield the tariff registers with these point ids."""
    for name in names:
        found = _TARIFF.fullmatch(name)
        if found is not None and found[1] in _NUMBERS:
            yield _described(_NUMBERS[found[1]], int(found[2]))


def registers_before(
    names: Collection[str], tariffs: Iterable[PointDescription]
) -> Iterator[str]:
    """Yield the registers of a meter for which only the point ids were stored.

    A total without its tariffs must have been printed by the meter.
    """
    keys = [key for row in tariffs for key in row.keys]
    yield from keys
    for c, name in ACTIVE.items():
        if name in names and not any(key.startswith(f"1-0:{c}.8.") for key in keys):
            yield f"1-0:{c}.8.0"


@lru_cache(maxsize=256)
def _described(c: int, e: int) -> PointDescription:
    name = _NAMES[c]
    active = c in ACTIVE
    translation = name if c < 5 else "reactive_energy_quadrant"
    texts: dict[str, Any] = {
        "translation": translation + ("_tariff" if e else ""),
        "tariff": str(e),
    }
    if not active:
        texts["quadrant"] = str(c - 4)
    return number(
        name + (f"_tariff_{e}" if e else ""),
        f"1-0:{c}.8.{e}",
        SensorDeviceClass.ENERGY if active else SensorDeviceClass.REACTIVE_ENERGY,
        (
            _KILOWATT_HOUR
            if active
            else UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR
        ),
        state_class=SensorStateClass.TOTAL_INCREASING,
        on=active,
        **texts,
    )


class EnergyTotals:
    """Totals of one meter: as printed, or the sum of its tariffs.

    If a total, or a part of the sum, was printed before but is missing now, the total
    is unknown, because a smaller one would look like a decrease.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        """Initialize with the known register keys."""
        self._keys: set[str] = set()
        self._parts: dict[int, tuple[str, ...]] = {}
        self.learn(known)

    @property
    def keys(self) -> list[str]:
        """Return the register keys to store for the next start."""
        return sorted(self._keys)

    def learn(self, keys: Iterable[str]) -> None:
        """Record which registers the meter prints."""
        new = {
            key
            for key in keys
            if (found := _REGISTER.fullmatch(key)) and int(found[1]) in ACTIVE
        }
        if new <= self._keys:
            return
        self._keys |= new
        self._parts = {c: self._parts_of(c) for c in ACTIVE}

    def _parts_of(self, c: int) -> tuple[str, ...]:
        if (printed := f"1-0:{c}.8.0") in self._keys:
            return (printed,)
        numbers = sorted(
            int(found[2])
            for key in self._keys
            if (found := _REGISTER.fullmatch(key)) and int(found[1]) == c
        )
        chosen = [e for e in numbers if e in _PLAIN] or numbers
        return tuple(f"1-0:{c}.8.{e}" for e in chosen)

    def descriptions(self) -> Iterator[PointDescription]:
        """Yield the totals of the meter, each depending on its parts."""
        for c, name in ACTIVE.items():
            parts = self._parts.get(c)
            if not parts:
                continue

            def value(telegram: Telegram, c: int = c) -> Value:
                """Return the total, None if a part of it is missing."""
                total = 0.0
                for key in self._parts[c]:
                    part = telegram.quantity(key, _KILOWATT_HOUR)
                    if part is None:
                        return None
                    total += part
                return round(total, 9)

            row = number(
                name,
                f"1-0:{c}.8.0",
                SensorDeviceClass.ENERGY,
                _KILOWATT_HOUR,
                state_class=SensorStateClass.TOTAL_INCREASING,
            )
            yield replace(row, keys=(f"1-0:{c}.8.0", *parts), value=value)
