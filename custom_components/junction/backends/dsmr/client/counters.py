"""Withhold implausible counter readings (``docs/protocols/dsmr.md#implausible-counters``).

Meters and gateways occasionally print a reading of 0, or a register ten times too high,
with a valid checksum. For statistics a decreasing counter was reset, and when it
returns the whole reading is added. So a reading that cannot follow the last one is
accepted only after several later ones confirm it; until then the last accepted reading
stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import re
from typing import Any, Final

from ....moments import read_moment
from .models import Layout, MBusDevice, MBusReading, Reading, Telegram
from .plausible import (
    READINGS_APART,
    Accepted,
    Held,
    is_confirmed,
    is_possible_register,
    is_possible_volume,
)
from .values import NO_STAMP

_COUNTER: Final = re.compile(r"1-\d+:\d+\.8\.\d+")
_HOUR: Final = 3600.0

# Seconds. The meter's clock may be set; a larger difference says nothing about elapsed
# time.
_CLOCK_TRUST: Final = 12 * _HOUR

type Key = str | tuple[int, str | None]
"""An OBIS key, or channel and id of an M-Bus meter."""


class CounterGuard:
    """Replace impossible counter readings by the last possible ones.

    ``held`` counts withheld readings. ``holding`` are the counters that are withheld
    now. ``exchanged`` is True if the counters of a meter without a number show that it
    was replaced; its readings are withheld until ``accept``.
    """

    def __init__(self, is_identified: Callable[[Telegram], bool]) -> None:
        """Initialize without readings."""
        self.held = 0
        self.exchanged = False
        self._is_identified = is_identified
        self._accepted: dict[Key, Accepted] = {}
        self._holds: dict[Key, Held] = {}
        self._layout: Layout | None = None
        self._keys: frozenset[str] = frozenset()
        # Counters in the previous telegram.
        self._present = self._keys
        self._mbus: Mapping[int, MBusDevice] | None = None
        self._last_at: float | None = None
        self._last_clock: datetime | None = None
        self._shown: tuple[Mapping[int, MBusDevice], Mapping[int, MBusDevice]] | None
        self._shown = None

    @property
    def holding(self) -> tuple[Key, ...]:
        """Return the counters whose printed reading is withheld now."""
        return tuple(self._holds)

    def refresh(self) -> None:
        """Compare every counter of the next telegram: the last one was from another meter."""
        self._layout = self._mbus = None

    def accept(self) -> None:
        """Accept the next readings, because the user confirmed that the meter was replaced."""
        self._accepted.clear()
        self._holds.clear()
        self.exchanged = False
        self.refresh()

    def continues(self, telegram: Telegram, at: float) -> bool | None:
        """Return whether the counters of a telegram can follow the accepted ones.

        ``at`` is the arrival time (monotonic, seconds). Returns None if the telegram
        has none of these counters, True if none are known.
        """
        known = [key for key in self._accepted if isinstance(key, str)]
        if not known:
            return True
        elapsed = self._passed(telegram, at)
        found: bool | None = None
        for key in known:
            line = telegram.readings.get(key)
            if line is None or not isinstance(line.value, float | int):
                continue
            one = self._accepted[key]
            passed = at - self._last_valid_at(key, one, at, elapsed)
            if not is_possible_register(
                one.value, one.unit, line.value, line.unit, passed
            ):
                return False
            found = True
        return found

    def check(self, telegram: Telegram, at: float) -> Telegram:
        """Return the telegram, with accepted readings in place of impossible ones.

        ``at`` is the arrival time (monotonic, seconds).
        """
        elapsed = self._passed(telegram, at)
        self._last_clock = telegram.timestamp
        self._present = self._keys
        if telegram.layout is not self._layout:
            self._layout = telegram.layout
            self._keys = frozenset(filter(_COUNTER.fullmatch, telegram.readings))
            due: frozenset[str] = self._keys
        else:
            due = self._keys & telegram.changed
        before = tuple(self._holds) if self._holds else ()
        for key in due:
            self._check_register(key, telegram.readings[key], at, elapsed)
        for held in before:
            # A withheld reading may stay unchanged.
            if isinstance(held, str) and held not in due:
                if (line := telegram.readings.get(held)) is not None:
                    self._check_register(held, line, at, elapsed)
        if telegram.mbus is not self._mbus or before:
            self._mbus = telegram.mbus
            for channel, device in telegram.mbus.items():
                self._check_device(channel, device, at, elapsed)
        self._last_at = at
        if self._holds:
            self._accept_confirmed(telegram)
        if not self._holds and not before:
            return telegram
        return self._replaced(telegram, before)

    def _passed(self, telegram: Telegram, at: float) -> float:
        """Return the seconds since the last telegram, by the meter's clock or ours."""
        clock, before = telegram.timestamp, self._last_clock
        elapsed = at - self._last_at if self._last_at is not None else 0.0
        if clock is not None and before is not None:
            by_clock = (clock - before).total_seconds()
            if elapsed < by_clock < elapsed + _CLOCK_TRUST:
                return by_clock
        return elapsed

    # Counters of the electricity meter.

    def _check_register(
        self, key: str, line: Reading, at: float, elapsed: float
    ) -> None:
        value = line.value
        if not isinstance(value, float | int) or isinstance(value, bool):
            return
        accepted = self._accepted.get(key)
        if accepted is None:
            self._accepted[key] = Accepted(value, line.unit, at, line)
            return
        # The counter was in every telegram since, unchanged.
        last_valid_at = self._last_valid_at(key, accepted, at, elapsed)
        if is_possible_register(
            accepted.value, accepted.unit, value, line.unit, at - last_valid_at
        ):
            self._holds.pop(key, None)
            self._accept_reading(accepted, value, line.unit, at, line)
            return
        self.held += 1
        held = self._holds.get(key)
        if held is None or not is_possible_register(
            held.value, held.unit, value, line.unit, at - held.counted_at
        ):
            self._holds[key] = Held(last_valid_at, at, value, line.unit, None, at)
            return
        held.readings += 1
        held.counted_at = at
        held.value, held.unit = value, line.unit
        held.confirmed = is_confirmed(held, at)

    def _last_valid_at(
        self, key: str, accepted: Accepted, at: float, elapsed: float
    ) -> float:
        """Return when the accepted reading was last known to be valid."""
        if (held := self._holds.get(key)) is not None:
            return held.last_valid_at
        last = accepted.at
        if self._last_at is not None and key in self._present:
            last = max(last, self._last_at)
        return min(last, at - elapsed)

    @staticmethod
    def _accept_reading(
        accepted: Accepted,
        value: float,
        unit: str | None,
        at: float,
        line: Reading | MBusReading,
        stamp: datetime | None = None,
    ) -> None:
        accepted.value, accepted.unit, accepted.at = value, unit, at
        accepted.line, accepted.stamp = line, stamp

    # M-Bus meters.

    def _check_device(
        self, channel: int, device: MBusDevice, at: float, elapsed: float
    ) -> None:
        reading = device.reading
        if reading is None or not reading.usable or reading.value is None:
            return
        key = (channel, device.id)
        accepted = self._accepted.get(key)
        stamp = reading.stamp.standard if reading.stamp.is_set else None
        value, unit = reading.value, reading.unit
        if accepted is None:
            self._accepted[key] = Accepted(value, unit, at, reading, stamp)
            return
        if accepted.line is reading:
            return
        passed = at - (
            held.last_valid_at if (held := self._holds.get(key)) else accepted.at
        )
        if stamp is not None and accepted.stamp is not None:
            passed = max(passed, (stamp - accepted.stamp).total_seconds())
        if is_possible_volume(accepted, value, unit, passed):
            self._holds.pop(key, None)
            self._accept_reading(accepted, value, unit, at, reading, stamp)
            return
        if held is None:
            self.held += 1
            self._holds[key] = Held(accepted.at, at, value, unit, stamp, at)
            return
        if stamp is not None and stamp != held.stamp:
            is_new = True
        else:
            is_new = at - held.counted_at >= READINGS_APART
        if not is_new:
            return
        self.held += 1
        before = Accepted(held.value, held.unit, held.counted_at, reading, held.stamp)
        if not is_possible_volume(before, value, unit, READINGS_APART):
            self._holds[key] = Held(held.last_valid_at, at, value, unit, stamp, at)
            return
        held.readings += 1
        held.counted_at, held.stamp = at, stamp
        held.value, held.unit = value, unit
        held.confirmed = is_confirmed(held, at)

    # Results.

    def _accept_confirmed(self, telegram: Telegram) -> None:
        """Accept readings that are confirmed now; detect a replaced meter by its counters."""
        confirmed = [key for key, held in self._holds.items() if held.confirmed]
        if not confirmed:
            return
        electricity = [key for key in confirmed if isinstance(key, str)]
        if electricity and not self._is_identified(telegram):
            # Only the user knows whether the meter was replaced.
            self.exchanged = True
            confirmed = [key for key in confirmed if not isinstance(key, str)]
        elif electricity:
            # One reset register confirms the others, which may stay at 0.
            confirmed = [
                key
                for key, held in self._holds.items()
                if held.confirmed or isinstance(key, str)
            ]
        for key in confirmed:
            held = self._holds.pop(key)
            self._accepted.pop(key)
            if isinstance(key, str):
                line: Reading | MBusReading | None = telegram.readings.get(key)
            else:
                device = telegram.mbus.get(key[0])
                line = device.reading if device is not None else None
            if line is not None:
                self._accepted[key] = Accepted(
                    held.value, held.unit, held.counted_at, line, held.stamp
                )

    def _replaced(self, telegram: Telegram, before: tuple[Key, ...]) -> Telegram:
        readings = dict(telegram.readings)
        changed = set(telegram.changed)
        channels: dict[int, MBusReading] = {}
        for key in self._holds:
            line = self._accepted[key].line
            if isinstance(key, str) and isinstance(line, Reading):
                if key in readings:
                    readings[key] = line
                    changed.discard(key)
            elif isinstance(line, MBusReading) and not isinstance(key, str):
                channels[key[0]] = line
        # A reading that is accepted again counts as changed.
        changed |= {
            key
            for key in before
            if isinstance(key, str) and key not in self._holds and key in readings
        }
        mbus = telegram.mbus
        if channels:
            mbus = {
                channel: replace(device, reading=channels[channel])
                if channel in channels
                else device
                for channel, device in mbus.items()
            }
            if self._shown is not None and self._shown[1] == mbus:
                mbus = self._shown[1]
            self._shown = (telegram.mbus, mbus)
        else:
            self._shown = None
        return replace(
            telegram, readings=readings, changed=frozenset(changed), mbus=mbus
        )

    # Stored for the next start.

    def remember(self) -> list[dict[str, Any]]:
        """Return the accepted readings as plain JSON."""
        known: list[dict[str, Any]] = []
        for key, one in self._accepted.items():
            name: dict[str, Any] = (
                {"key": key}
                if isinstance(key, str)
                else {"channel": key[0], "id": key[1]}
            )
            stamp = one.stamp.isoformat() if one.stamp else None
            known.append({**name, "value": one.value, "unit": one.unit, "at": stamp})
        return known

    def recall(self, known: list[dict[str, Any]], ago: timedelta, at: float) -> None:
        """Restore readings that were stored ``ago``; ``at`` is now (monotonic, s)."""
        then = at - max(0.0, ago.total_seconds())
        for one in known:
            value, unit = float(one["value"]), one["unit"]
            stamp = read_moment(one["at"])
            if (key := one.get("key")) is not None:
                line = Reading(key, value, unit, b"")
                self._accepted[key] = Accepted(value, unit, then, line)
            else:
                reading = MBusReading("", NO_STAMP, value, unit, usable=True)
                self._accepted[one["channel"], one["id"]] = Accepted(
                    value, unit, then, reading, stamp
                )
