"""Make telegrams from pushes, so that all meters are alike (``docs/protocols/dlms.md#readings``).

A meter spreads its values over several lists: a telegram holds the last values of each.
"""

from datetime import UTC, datetime, timedelta
import re
from typing import Final

from ..crc import crc16_arc
from ..models import ListLayout, Reading, Stamp, Telegram
from ..obis import Kind, meaning
from ..values import is_summer
from .energy import EnergyFactor, FoundFactor
from .models import ClockTime, ListKind, Push, PushReading

CLOCK: Final = "0-0:1.0.0"
NUMBER: Final = "0-0:96.1.0"
TITLE: Final = "0-0:42.0.0"
ENERGY_TIME: Final = "energy_time"
"""Key for the time of counters in a list of their own; not an OBIS id."""

_KILO: Final = {
    "W": "kW",
    "var": "kvar",
    "VA": "kVA",
    "Wh": "kWh",
    "varh": "kvarh",
    "VAh": "kVAh",
}
_COUNTER: Final = re.compile(r"1-0:\d+\.8\.\d+")
_VOLTAGE: Final = re.compile(r"1-0:[357]2\.7\.0")
_AIDON: Final = "ADN"
# These send legal time without marking it; others send winter time all year.
_LEGAL: Final = frozenset({"KFM", "LGZ", "ISK", "SAG"})
# Three letters that no manufacturer has.
_UNKNOWN_MANUFACTURER: Final = "XXX"
UNKNOWN_MODEL: Final = "DLMS"
"""Placeholder for the model in the header, which the meter does not send."""
_SUMMER_HOUR: Final = timedelta(hours=1)
_SERIAL: Final = 8


class TelegramBuilder:
    """Keep the last values of one meter, and make a telegram from them at every push."""

    def __init__(self) -> None:
        """Initialize without values."""
        self._layout = ListLayout(frozenset(), ())
        self._begin()

    def recall(self, known: FoundFactor) -> None:
        """Restore the meter's energy factor. Call it before ``make``."""
        self.factor = EnergyFactor(known)

    def _begin(self) -> None:
        self.factor = EnergyFactor()
        self._readings: dict[str, Reading] = {}
        self._number: str | None = None
        self._manufacturer: str | None = None
        self._model: str | None = None
        self._seldom = False
        # Voltages that were ever other than 0.
        self._live: set[str] = set()

    def pause(self) -> None:
        """Forget values that are valid only while they are sent, after the connection broke."""
        self._readings = {
            key: one for key, one in self._readings.items() if _lasts(key)
        }

    def make(
        self, push: Push, at: float, offset: timedelta, last: Telegram | None
    ) -> Telegram:
        """Return the telegram after a push that arrived ``at`` (monotonic, s).

        ``offset`` is the UTC offset of winter time, ``last`` the previous telegram.
        """
        found = push.list
        if found.number is not None and self._is_other(found.number):
            # Another meter: none of the known values apply to it.
            self._begin()
        self._number = found.number or self._number
        self._manufacturer = found.manufacturer or self._manufacturer
        self._model = found.model or self._model
        self.factor.observe(push, at)
        fresh = self._fresh(push, offset)
        readings = dict(self._readings)
        changed: set[str] = set()
        for key, reading in fresh.items():
            if readings.get(key) != reading:
                readings[key] = reading
                changed.add(key)
        self._readings = readings
        if self._layout.keys != readings.keys():
            unknown = tuple(sorted(set(map(_printed, found.readings)) - {""}))
            self._layout = ListLayout(frozenset(readings), unknown)
        return self._telegram(changed, offset, last)

    def _telegram(
        self, changed: set[str], offset: timedelta, last: Telegram | None
    ) -> Telegram:
        header = f"{self._manufacturer or _UNKNOWN_MANUFACTURER}5{self._model or UNKNOWN_MODEL}"
        if last is not None and last.header == header:
            # Keep the same object, which means that nothing changed.
            header = last.header
        readings = self._readings
        gone = last.readings.keys() - readings.keys() if last is not None else set()
        if last is None:
            changed = set(readings)
        lines = [
            header.encode("ascii", "replace"),
            b"",
            *(one.line for one in readings.values() if one.line),
        ]
        text = b"/" + b"\r\n".join(lines) + b"\r\n!"
        return Telegram(
            raw=text + b"%04X\r\n" % crc16_arc(text),
            header=header,
            readings=readings,
            changed=frozenset(changed | gone),
            layout=self._layout,
            mbus={},
            crc=None,
            malformed=frozenset(),
            standard_offset=offset,
            lines=lines,
        )

    def _fresh(self, push: Push, offset: timedelta) -> dict[str, Reading]:
        """Return the readings of a push by their keys."""
        found = push.list
        readings: dict[str, Reading] = {}
        if found.number is not None:
            titled = any(
                one.obis is not None
                and one.obis.endswith(":42.0.0")
                and one.value == found.number
                for one in found.readings
            )
            key = TITLE if titled else NUMBER
            line = f"{key}({found.number})".encode("ascii", "replace")
            readings[key] = Reading(key, found.number, None, line)
        for one in found.readings:
            if (reading := self._reading(found.kind, one)) is not None:
                readings.setdefault(reading.key, reading)
        self._remove_unused_phases(readings)
        hourly = found.time is not None and (
            push.time is not None
            or (found.manufacturer == _AIDON and found.number is not None)
        )
        clock = push.time if hourly or found.time is None else found.time
        if (stamp := self._stamp(clock, offset)) is not None:
            readings[CLOCK] = _clock_reading(CLOCK, stamp)
        counted = any(map(_COUNTER.fullmatch, readings))
        self._seldom = self._seldom or not counted
        if counted and self._seldom and found.time is not None:
            stamp = self._stamp(found.time, offset)
            if stamp is not None:
                readings[ENERGY_TIME] = Reading(ENERGY_TIME, stamp, None, b"")
        return readings

    def _reading(self, kind: ListKind, one: PushReading) -> Reading | None:
        """Return a value in P1's form, None if P1 has none or it is withheld."""
        if one.obis is None or isinstance(one.value, str):
            return None
        found = meaning(one.obis)
        if found is None or found.channel is not None:
            return None
        value: float = one.value
        if found.kind is Kind.COUNT:
            line = f"{one.obis}({value:.0f})".encode("ascii")
            return Reading(found.key, int(value), None, line)
        if found.kind is not Kind.NUMBER:
            return None
        if kind is ListKind.KAMSTRUP and _COUNTER.fullmatch(found.key):
            if self.factor.factor is None:
                return None
            value *= self.factor.factor
        unit: str | None = one.unit or None
        if (kilo := _KILO.get(one.unit)) is not None:
            value, unit = round(value / 1000, 6), kilo
        printed = f"{value:.3f}" + (f"*{unit}" if unit else "")
        return Reading(
            found.key, value, unit, f"{one.obis}({printed})".encode("ascii", "replace")
        )

    def _remove_unused_phases(self, readings: dict[str, Reading]) -> None:
        """Remove voltages that were never other than 0.

        Meters in three-wire grids, and those on one phase, send them for missing
        phases. A phase that had a voltage before is kept.
        """
        for key in filter(_VOLTAGE.fullmatch, tuple(readings)):
            if readings[key].value:
                self._live.add(key)
            elif key not in self._live:
                del readings[key]

    def _is_other(self, number: str) -> bool:
        """Return whether a number is another meter's, not another form of the same one."""
        if self._number is None or number == self._number:
            return False
        short, long = sorted((number, self._number), key=len)
        tail = re.sub(r"\D", "", short)[-_SERIAL:]
        return len(tail) < _SERIAL or not long.endswith(tail)

    def _stamp(self, time: ClockTime | None, offset: timedelta) -> Stamp | None:
        """Return a time in P1's form: winter time, labelled UTC."""
        if time is None:
            return None
        local = time.local.replace(tzinfo=UTC)
        lies = self._manufacturer == _AIDON and time.deviation == 0
        if time.utc is not None and not lies:
            standard = time.utc.replace(tzinfo=UTC) + offset
        elif time.is_summer or (self._manufacturer in _LEGAL and is_summer(local)):
            standard = local - _SUMMER_HOUR
        else:
            standard = local
        return Stamp(_printed_time(standard), standard)


def _lasts(key: str) -> bool:
    """Return whether a value stays valid until the next one."""
    return key in (NUMBER, TITLE, ENERGY_TIME) or _COUNTER.fullmatch(key) is not None


def _clock_reading(key: str, stamp: Stamp) -> Reading:
    return Reading(key, stamp, None, f"{key}({stamp.text})".encode("ascii"))


def _printed_time(standard: datetime) -> str:
    return f"{standard:%y%m%d%H%M%S}W"


def _printed(one: PushReading) -> str:
    """Return the id of a value that P1 does not have."""
    if one.obis is None:
        return ""
    found = meaning(one.obis)
    return one.obis if found is None or found.kind is Kind.UNKNOWN else ""
