"""Customer ports by country and manufacturer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..p1 import lines as p1
from ..p1.dialect import Dialect, Encrypted, Rates
from ..p1.lines import WH, Energies, Line
from ..p1.registers import Registers
from . import lists, wire

_KEY = bytes.fromhex("00A1B2C3D4E5F60718293A4B5C6D7E8F")
_AUTHENTICATION_KEY = bytes.fromhex("C0FFEE00C0FFEE11C0FFEE22C0FFEE33")


@dataclass(frozen=True, slots=True)
class Port:
    """Transport of a dialect's lists."""

    build: lists.Build
    frame: Callable[[bytes], tuple[bytes, ...]]
    """Puts an APDU into frames."""
    header: bytes | None = None
    """What stands before the time in the head of a push; None when there is no time."""
    deviation: int | None = None
    """What UTC is ahead of the clock of the head in winter (min); None for no zone."""
    legal: bool = True
    """Whether its clock follows summer time."""
    security: int = 0
    """Security byte of encrypted pushes."""
    hourly: bool = False
    """Whether counters come in a list of their own, once an hour."""


def _line(
    obis: str, get: Callable[[Registers], int], unit: str, decimals: int = 0
) -> Line:
    """Format a register with a number of ``decimals``."""
    return Line(obis, lambda r: f"({get(r) / 10**decimals:.{decimals}f}*{unit})")


def _counters(step: int = 1) -> tuple[Line, ...]:
    """Format the counters of all tariffs, in steps of ``step`` Wh or varh."""

    def counter(obis: str, source: Energies, unit: str) -> Line:
        return _line(obis, lambda r: sum(source(r)) // WH // step * step, unit)

    return (
        counter("1-0:1.8.0", p1.imported, "Wh"),
        counter("1-0:2.8.0", p1.exported, "Wh"),
        counter("1-0:3.8.0", p1.reactive_imported, "varh"),
        counter("1-0:4.8.0", p1.reactive_exported, "varh"),
    )


def _tariffs() -> tuple[Line, ...]:
    """Format the counters of two tariffs, and their total."""

    def one(group: int, source: Energies, rate: int) -> Line:
        return _line(f"1-0:{group}.8.{rate}", lambda r: source(r)[rate - 1] // WH, "Wh")

    def both(group: int, source: Energies) -> Line:
        return _line(
            f"1-0:{group}.8.0",
            lambda r: source(r)[0] // WH + source(r)[1] // WH,
            "Wh",
        )

    return tuple(
        line
        for group, source in ((1, p1.imported), (2, p1.exported))
        for line in (both(group, source), one(group, source, 1), one(group, source, 2))
    )


_POWERS = (
    _line("1-0:1.7.0", lambda r: r.import_watts, "W"),
    _line("1-0:2.7.0", lambda r: r.export_watts, "W"),
)
_REACTIVE = (
    _line("1-0:3.7.0", lambda r: max(sum(r.vars), 0), "var"),
    _line("1-0:4.7.0", lambda r: max(-sum(r.vars), 0), "var"),
)


def _phases(volts: int, amperes: int) -> tuple[Line, ...]:
    """Format voltages and currents with the given decimals, where present."""

    def voltage(n: int) -> Line:
        step: int = 10 ** (1 - volts)
        return _line(
            f"1-0:{12 + 20 * n}.7.0", lambda r: r.decivolts[n - 1] // step, "V", volts
        )

    def current(n: int) -> Line:
        step: int = 10 ** (3 - amperes)
        return _line(
            f"1-0:{11 + 20 * n}.7.0", lambda r: r.milliamps[n - 1] // step, "A", amperes
        )

    return (*map(voltage, (1, 2, 3)), *map(current, (1, 2, 3)))


def _by_phase() -> tuple[Line, ...]:
    """Format the power of each phase."""

    def power(n: int, sign: int) -> Line:
        return _line(
            f"1-0:{(1 if sign > 0 else 2) + 20 * n}.7.0",
            lambda r: max(sign * r.watts[n - 1], 0),
            "W",
        )

    return tuple(power(n, sign) for sign in (1, -1) for n in (1, 2, 3))


def _encrypted(title: bytes) -> Encrypted:
    return Encrypted(_KEY, _AUTHENTICATION_KEY, title, 7)


def _dialect(
    name: str,
    *lines: Line,
    ident: str = "",
    interval: int = 10,
    baud: int = 2400,
    rates: Rates = Rates.LOW_IS_1,
    encrypted: Encrypted | None = None,
) -> Dialect:
    return Dialect(
        name,
        name,
        "DLMS",
        (p1.STAMP, *lines),
        ident=ident,
        interval=interval,
        crc="none",
        baud=baud,
        rates=rates,
        encrypted=encrypted,
        pushes=True,
    )


_AIDON = b"\x41\x08\x83"
_KAIFA = b"\x01\x02\x01"
_KAMSTRUP = b"\x2b\x21"
_ISKRA = b"\xcf\x02\x23"
_LANDIS = b"\xce\xff\x03"
_WHOLE = 1900
_OCTETS = b"\x09\x0c"
_PLAIN = b"\x0c"

PORTS: dict[str, tuple[Dialect, Port]] = {
    dialect.name: (dialect, port)
    for dialect, port in (
        (
            _dialect(
                "no-aidon",
                *(*_POWERS, *_REACTIVE, *_phases(1, 1), *_counters(10)),
                ident="7359992900000042",
            ),
            Port(
                lists.aidon_no,
                partial(wire.in_segments, _AIDON, size=_WHOLE),
                hourly=True,
                legal=False,
            ),
        ),
        (
            _dialect(
                "no-kaifa",
                *(*_POWERS, *_REACTIVE, *_phases(1, 3), *_counters()),
                ident="6970631400000099",
            ),
            Port(
                lists.kaifa_no,
                partial(wire.in_segments, _KAIFA, size=_WHOLE),
                header=_OCTETS,
                hourly=True,
            ),
        ),
        (
            _dialect(
                "no-kamstrup",
                *(*_POWERS, *_REACTIVE, *_phases(0, 2), *_counters(10)),
                ident="5706567300000042",
            ),
            Port(
                lists.kamstrup_no,
                partial(wire.in_segments, _KAMSTRUP, size=_WHOLE),
                header=_PLAIN,
                hourly=True,
                legal=False,
            ),
        ),
        (
            _dialect(
                "se-aidon",
                *(*_POWERS, *_REACTIVE, *_phases(1, 1), *_counters()),
                baud=115200,
            ),
            Port(
                lists.aidon_se,
                partial(wire.in_segments, _AIDON, size=_WHOLE),
                legal=False,
            ),
        ),
        (
            _dialect(
                "dk-kamstrup-enc",
                *(*_POWERS, *_REACTIVE, *_phases(0, 2), *_counters(10)),
                ident="32400042",
                encrypted=_encrypted(b"KAM\x45\x01\x40\x6f\x99"),
            ),
            Port(
                lists.kamstrup_dk,
                partial(wire.in_segments, b"\x41\x03", size=_WHOLE),
                header=_PLAIN,
                legal=False,
                security=0x30,
            ),
        ),
        (
            _dialect(
                "at-kaifa-enc",
                *(*_POWERS, *_phases(1, 2), *_counters()),
                ident="1KFM0200000042",
                interval=5,
                encrypted=_encrypted(b"KFM\x10\x20\x00\x00\x42"),
            ),
            Port(
                lists.kaifa_at,
                wire.in_mbus,
                header=_PLAIN,
                deviation=-60,
                security=0x21,
            ),
        ),
        (
            _dialect(
                "ch-landis",
                *(
                    *_POWERS,
                    *_counters()[:2],
                    *_phases(0, 2)[3:],
                ),
                ident="63000142",
                interval=5,
            ),
            Port(
                lists.landis_ch,
                partial(wire.in_blocks, _LANDIS, size=112),
                header=_PLAIN,
            ),
        ),
        (
            _dialect(
                "si-iskra",
                *(*_POWERS, *_REACTIVE, *_phases(1, 2), *_by_phase()),
                ident="ISK1030790000142",
                interval=5,
                baud=115200,
            ),
            Port(
                lists.iskra_si,
                partial(wire.in_segments, _ISKRA, size=154),
                header=_PLAIN,
                deviation=-60,
            ),
        ),
        (
            _dialect(
                "hr-iskra",
                *(*_POWERS, *_phases(1, 2), *_by_phase(), *_tariffs()),
                ident="92000142",
                baud=115200,
                rates=Rates.LOW_IS_2,
            ),
            Port(
                lists.iskra_hr,
                partial(wire.in_segments, _ISKRA, size=154),
                header=_PLAIN,
                deviation=-60,
            ),
        ),
    )
}
"""Dialects and ports, by name."""

DIALECTS = {name: dialect for name, (dialect, _) in PORTS.items()}
"""Dialects by name, like those of P1."""
