"""Validate telegrams without a checksum (``docs/protocols/dsmr.md#check-sum``).

These meters always print the same lines with the same widths, and their counters only
rise, not faster than a house connection allows. Only this can be checked.
"""

from typing import Final

from .models import MBusReading, Reading, Rejection, Telegram

# Three phases of 145 A; the largest connection with a P1 port is 3 x 80 A.
_MAX_KILOWATT: Final = 100.0
_MAX_VOLT: Final = 500.0
_MAX_AMPERE: Final = 1000.0
# Per hour: gas (m³) of the largest domestic meter (G25), and more than any heat in GJ.
_MAX_FLOW: Final = 50.0
# Seconds; counters are printed with a delay, M-Bus ones with more.
_GRACE: Final = 15.0
_MBUS_GRACE: Final = 2 * 3600.0

_COUNTED: Final = frozenset({"kWh", "kvarh"})
_LIMITS: Final = {
    "kW": _MAX_KILOWATT,
    "kvar": _MAX_KILOWATT,
    "kVA": _MAX_KILOWATT,
    "V": _MAX_VOLT,
    "A": _MAX_AMPERE,
}
_HOUR: Final = 3600.0
# A sign takes the place of a digit.
_SHAPE: Final = bytes.maketrans(b"123456789-+", b"00000000000")
_ABOUT_METER: Final = "0-0:17.0.0"
_MESSAGES: Final = "0-0:96.13."
_TEXT: Final = bytes(range(0x20, 0x7F)) + b"\r\n"

# Number of telegrams that must match: at the start, and to contradict the accepted one.
_TO_BEGIN: Final = 2
_TO_CONTRADICT: Final = 3


class Validator:
    """Decide whether to accept a telegram without a checksum.

    The first one is accepted once the next one matches it, one that contradicts the
    last accepted one once three match (a replaced meter).
    """

    def __init__(self) -> None:
        """Initialize without telegrams."""
        self._accepted: tuple[Telegram, float] | None = None
        self._waiting: list[tuple[Telegram, float]] = []

    def check(self, telegram: Telegram, at: float) -> Rejection | None:
        """Return why the telegram is rejected, or None if it is accepted.

        ``at`` is the arrival time (monotonic, seconds).
        """
        if telegram.raw.translate(None, _TEXT):
            return Rejection.NOISE
        if _is_impossible(telegram):
            return Rejection.IMPLAUSIBLE
        reason: Rejection | None = Rejection.UNCONFIRMED
        needed = _TO_BEGIN
        if self._accepted is not None:
            reason = _contradiction(*self._accepted, telegram, at)
            needed = _TO_CONTRADICT
        if reason is not None:
            if self._waiting and _contradiction(*self._waiting[-1], telegram, at):
                self._waiting.clear()
            self._waiting.append((telegram, at))
            if len(self._waiting) < needed:
                return reason
        self._waiting.clear()
        self._accepted = telegram, at
        return None


def _is_impossible(telegram: Telegram) -> bool:
    """Return whether a value exceeds what a house connection allows."""
    for key, line in telegram.readings.items():
        if (
            key == _ABOUT_METER
            or line.unit is None
            or not isinstance(line.value, float)
        ):
            continue
        if abs(line.value) > _LIMITS.get(line.unit, abs(line.value)):
            return True
    return False


def _contradiction(
    old: Telegram, old_at: float, new: Telegram, at: float
) -> Rejection | None:
    """Return why one telegram cannot follow the other, or None if it can."""
    if old.header != new.header or set(old.layout.unknown) != set(new.layout.unknown):
        return Rejection.SHAPE
    if old.readings.keys() != new.readings.keys() or old.malformed != new.malformed:
        # A line that is always malformed affects only itself; one that suddenly is
        # means damage.
        return Rejection.SHAPE
    elapsed = at - old_at
    for key, after in new.readings.items():
        before = old.readings[key]
        if (
            before.line == after.line
            or key.startswith(_MESSAGES)
            or key in new.malformed
        ):
            continue
        if isinstance(after.value, str) or not _same_shape(before, after):
            return Rejection.SHAPE
        if not _can_follow(before, after, elapsed):
            return Rejection.IMPLAUSIBLE
    return None


def _same_shape(before: Reading, after: Reading) -> bool:
    return before.line.translate(_SHAPE) == after.line.translate(_SHAPE)


def _can_follow(before: Reading, after: Reading, elapsed: float) -> bool:
    old, new = before.value, after.value
    if isinstance(old, MBusReading) and isinstance(new, MBusReading):
        if old.value is None or new.value is None:
            return True
        # An hourly reading may include several lost hours before it.
        hours = (elapsed + _MBUS_GRACE) / _HOUR
        return 0 <= new.value - old.value <= _MAX_FLOW * hours
    if after.unit not in _COUNTED:
        return True
    if not isinstance(old, float) or not isinstance(new, float):
        return True
    return 0 <= new - old <= _MAX_KILOWATT * (elapsed + _GRACE) / _HOUR
