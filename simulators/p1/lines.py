"""Lines of a telegram, which make up the dialects."""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot

from .registers import Registers

type Text = Callable[[Registers], str]
"""Formats the values of one line, including brackets."""
type Energies = Callable[[Registers], list[int]]
"""Returns the energies of one kind, one for each tariff or quadrant, in watt-seconds."""

WH = 3600
"""Watt-seconds in a watt-hour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a telegram."""

    obis: str
    text: Text
    phase: int = 0
    """2 or 3 for a line that a single-phase meter does not print."""


def fixed(value: int, whole: int, decimals: int) -> str:
    """Format ``value`` (in units of its last digit) with fixed width and rollover."""
    sign = "-" if value < 0 else ""
    high, low = divmod(abs(value), 10**decimals)
    digits = f"{high % 10**whole:0{whole}d}"
    return f"{sign}{digits}.{low:0{decimals}d}" if decimals else sign + digits


def hexed(text: str) -> str:
    """Return the characters of ``text`` in hex, the format of ids and messages."""
    return text.encode("latin-1").hex().upper()


def number(
    get: Callable[[Registers], int], whole: int, decimals: int, unit: str
) -> Text:
    """Print a number, given in units of its last digit, with a unit."""
    end = f"*{unit})" if unit else ")"
    if decimals:
        split, high = 10**decimals, 10**whole

        def text(registers: Registers) -> str:
            value = get(registers)
            if value < 0:
                return f"({fixed(value, whole, decimals)}{end}"
            return (
                f"({value // split % high:0{whole}d}.{value % split:0{decimals}d}{end}"
            )

        return text
    return lambda registers: f"({fixed(get(registers), whole, 0)}{end}"


def constant(text: str) -> Text:
    """Print a constant."""
    return lambda _registers: text


# Single lines

VERSION = "1-3:0.2.8"
STAMP = Line("0-0:1.0.0", lambda r: f"({r.stamp})")
TARIFF = Line("0-0:96.14.0", lambda r: f"({r.tariff:04d})")
BREAKER = Line("0-0:96.3.10", lambda r: f"({int(r.breaker)})")
SHORT_FAILURES = Line("0-0:96.7.21", lambda r: f"({r.short_failures:05d})")
LONG_FAILURES = Line("0-0:96.7.9", lambda r: f"({r.long_failures:05d})")
MESSAGE_CODE = Line("0-0:96.13.1", lambda r: f"({hexed(r.message_code)})")
MESSAGE = Line(
    "0-0:96.13.0", lambda r: f"({r.message if r.clear_messages else hexed(r.message)})"
)
FAILURE_LOG = Line(
    "1-0:99.97.0",
    lambda r: (
        f"({len(r.failures)})(0-0:96.7.19)"
        + "".join(
            f"({failure.end})({failure.seconds:010d}*s)" for failure in r.failures
        )
    ),
)
DEMAND = Line("1-0:1.4.0", number(lambda r: r.demand, 2, 3, "kW"))
PEAK = Line("1-0:1.6.0", lambda r: f"({r.peak.stamp})({fixed(r.peak.watts, 2, 3)}*kW)")
MONTH_PEAKS = Line(
    "0-0:98.1.0",
    lambda r: (
        f"({len(r.month_peaks)})(1-0:1.6.0)(1-0:1.6.0)"
        + "".join(
            f"({peak.month})({peak.occurred})({fixed(peak.watts, 2, 3)}*kW)"
            for peak in r.month_peaks
        )
    ),
)

EAN = Line("0-0:96.1.2", lambda r: f"({hexed(r.ean)})")
NET = Line(
    "1-0:1.7.0*255", lambda r: f"({signed_watts(r.import_watts - r.export_watts)}*W)"
)


def ident(obis: str, *, raw: bool = False) -> Line:
    """Print the serial number."""
    return Line(obis, lambda r: f"({r.ident if raw else hexed(r.ident)})")


def second_ident(obis: str, *, raw: bool = False) -> Line:
    """Print the second number of the meter."""
    return Line(obis, lambda r: f"({r.second_ident if raw else hexed(r.second_ident)})")


def fixed_line(obis: str, text: str) -> Line:
    """Print a fixed line; ``text`` includes brackets."""
    return Line(obis, constant(text))


def limit(whole: int, decimals: int, unit: str, otherwise: str) -> Line:
    """Print the power limit, or ``otherwise`` without one."""
    cut = 10 ** (3 - decimals)
    return Line(
        "0-0:17.0.0",
        lambda r: (
            f"({otherwise if r.limit is None else fixed(r.limit // cut, whole, decimals)}*{unit})"
        ),
    )


def relay(channel: int) -> Line:
    """Print the state of one of the relays 1 to 4."""
    return Line(f"0-{channel}:96.3.10", lambda r: f"({r.relays[channel - 1]})")


def further_message(channel: int) -> Line:
    """Print the message on channel 2 to 5."""
    return Line(
        f"0-0:96.13.{channel}", lambda r: f"({hexed(r.more_messages[channel - 2])})"
    )


# Groups of lines


def imported(registers: Registers) -> list[int]:
    """Return the imported energy per tariff."""
    return registers.import_ws


def exported(registers: Registers) -> list[int]:
    """Return the exported energy per tariff."""
    return registers.export_ws


def reactive_imported(registers: Registers) -> list[int]:
    """Return the imported reactive energy per tariff."""
    return registers.reactive_import


def reactive_exported(registers: Registers) -> list[int]:
    """Return the exported reactive energy per tariff."""
    return registers.reactive_export


def energy(obis: str, source: Energies, code: int, whole: int, unit: str) -> Line:
    """Print the energy of one tariff, or of all with ``code`` 0; kilo units have three decimals."""
    decimals = 3 if unit.startswith("k") else 0
    if code:
        return Line(
            obis, number(lambda r: source(r)[code - 1] // WH, whole, decimals, unit)
        )
    return Line(obis, number(lambda r: sum(source(r)) // WH, whole, decimals, unit))


def tariffs(count: int, whole: int, unit: str = "kWh") -> tuple[Line, ...]:
    """Print import, then export, per tariff."""
    return tuple(
        energy(f"1-0:{direction}.8.{code}", source, code, whole, unit)
        for direction, source in ((1, imported), (2, exported))
        for code in range(1, count + 1)
    )


def power(whole: int, decimals: int = 3, unit: str = "kW") -> tuple[Line, ...]:
    """Print total import and export."""
    cut = 10 ** (3 - decimals) if unit == "kW" else 1
    return (
        Line(
            "1-0:1.7.0", number(lambda r: r.import_watts // cut, whole, decimals, unit)
        ),
        Line(
            "1-0:2.7.0", number(lambda r: r.export_watts // cut, whole, decimals, unit)
        ),
    )


def reactive(whole: int, unit: str = "kvar") -> tuple[Line, ...]:
    """Print total reactive power, import and export."""
    decimals = 3 if unit.startswith("k") else 0
    return (
        Line(
            "1-0:3.7.0",
            number(lambda r: sum(q for q in r.vars if q > 0), whole, decimals, unit),
        ),
        Line(
            "1-0:4.7.0",
            number(lambda r: -sum(q for q in r.vars if q < 0), whole, decimals, unit),
        ),
    )


def apparent() -> tuple[Line, ...]:
    """Print total apparent power, import and export (Luxembourg)."""

    def total(r: Registers) -> int:
        return round(hypot(r.import_watts - r.export_watts, sum(r.vars)))

    return (
        Line(
            "1-0:9.7.0",
            number(lambda r: 0 if r.export_watts else total(r), 2, 3, "kVA"),
        ),
        Line(
            "1-0:10.7.0",
            number(lambda r: total(r) if r.export_watts else 0, 2, 3, "kVA"),
        ),
    )


def _quadrant_energy(which: int) -> Line:
    return Line(
        f"1-0:{5 + which}.8.0",
        number(lambda r: r.quadrants[which] // WH, 6, 3, "kvarh"),
    )


QUADRANT_ENERGIES = tuple(map(_quadrant_energy, range(4)))


def _month_end(r: Registers) -> str:
    end = r.month_end
    energies = [sum(end.import_ws), *end.import_ws, sum(end.export_ws), *end.export_ws]
    reactive_energies = [end.reactive_import, end.reactive_export, *end.quadrants]
    return (
        f"({end.stamp})"
        + "".join(f"({fixed(value // WH, 6, 3)}*kWh)" for value in energies)
        + "".join(f"({fixed(value // WH, 6, 3)}*kvarh)" for value in reactive_energies)
        + f"({fixed((sum(end.import_ws) + sum(end.export_ws)) // WH, 6, 3)}*kWh)"
        + f"({fixed(end.import_peak, 2, 3)}*kW)({fixed(end.export_peak, 2, 3)}*kW)"
    )


MONTH_END = Line("0-0:98.1.0", _month_end)
COMBINED = Line(
    "1-0:15.8.0",
    number(lambda r: (sum(r.import_ws) + sum(r.export_ws)) // WH, 6, 3, "kWh"),
)


def quadrant_powers() -> tuple[Line, ...]:
    """Print reactive power per quadrant (Hungary)."""

    def quadrant(which: int) -> Callable[[Registers], int]:
        return lambda r: sum(
            abs(q)
            for p, q in zip(r.watts, r.vars, strict=True)
            if quadrant_of(p, q) == which
        )

    return tuple(
        Line(f"1-0:{5 + n}.7.0", number(quadrant(n), 2, 3, "kvar")) for n in range(4)
    )


def quadrant_of(watts: int, reactive_power: int) -> int:
    """Return the quadrant, 0 (I) to 3 (IV), of active and reactive power."""
    if reactive_power >= 0:
        return 0 if watts >= 0 else 1
    return 3 if watts >= 0 else 2


def signed_watts(watts: int) -> str:
    """Return a power in the Easymeter's format."""
    return f"{watts:06d}.00"


def fine_energy(obis: str, source: Energies) -> Line:
    """Print the energy of all tariffs with seven decimals (Easymeter)."""
    # A watt-second is 1/3.6 of the last digit but five.
    return Line(obis, number(lambda r: sum(source(r)) * 100 // 36, 8, 7, "kWh"))


def frequency(decimals: int) -> Line:
    """Print the frequency of the grid."""
    cut = 10 ** (3 - decimals)
    return Line("1-0:14.7.0", number(lambda r: r.millihertz // cut, 2, decimals, "Hz"))
