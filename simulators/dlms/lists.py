"""DLMS lists of each manufacturer (``docs/protocols/dlms.md``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from . import wire

type Build = Callable[[Said], bytes]

_NO_ZONE = -0x8000
_UNITS = {"W": 27, "var": 29, "Wh": 30, "varh": 32, "A": 33, "V": 35}
_PHASES = (1, 2, 3)
_POWERS = tuple(f"1-0:{c}.7.0" for c in (1, 2, 3, 4))
_ENERGIES = tuple(f"1-0:{c}.8.0" for c in (1, 2, 3, 4))
_AMPERES = tuple(f"1-0:{11 + 20 * n}.7.0" for n in _PHASES)
_VOLTS = tuple(f"1-0:{12 + 20 * n}.7.0" for n in _PHASES)


@dataclass(frozen=True, slots=True)
class Said:
    """Values of the meter at one moment."""

    values: Mapping[str, Decimal]
    """By OBIS id in W, var, Wh, varh, A, and V."""
    units: Mapping[str, str]
    number: str
    local: datetime
    is_summer: bool
    with_counters: bool

    def raw(self, name: str, exponent: int = 0) -> int:
        """Return a value in the unit of the list, a power of ten given by the exponent."""
        return int(self.values[name].scaleb(-exponent))

    def clock(self, deviation: int | None = None, *, legal: bool = True) -> bytes:
        """Return the time; ``deviation`` is that of standard time (min), None for none.

        Without ``legal`` it is standard time all year.
        """
        local = self.local
        if not legal and self.is_summer:
            local -= timedelta(hours=1)
        if deviation is None:
            shift, status = _NO_ZONE, 0
        else:
            shift, status = deviation - 60 * self.is_summer, 0x80 * self.is_summer
        return (
            local.year.to_bytes(2)
            + bytes((local.month, local.day, local.isoweekday()))
            + bytes((local.hour, local.minute, local.second, 0xFF))
            + shift.to_bytes(2, signed=True)
            + bytes((status,))
        )


def _told(said: Said, name: str, exponent: int, *, form: str = "u32") -> bytes:
    encode = {"u32": wire.u32, "u16": wire.u16, "i16": wire.i16}[form]
    return encode(said.raw(name, exponent))


def _entry(said: Said, name: str, exponent: int, form: str) -> bytes:
    """Return a self-describing value."""
    return wire.structure(
        wire.obis(name),
        _told(said, name, exponent, form=form),
        wire.scale(exponent, _UNITS[said.units[name]]),
    )


def _entries(
    said: Said, names: tuple[str, ...], exponent: int, form: str
) -> list[bytes]:
    return [_entry(said, name, exponent, form) for name in names]


def _clock_entry(said: Said) -> bytes:
    return wire.structure(wire.obis("0-0:1.0.0"), wire.octets(said.clock(legal=False)))


def aidon_no(said: Said) -> bytes:
    """Return Aidon's list 2 for Norway, and list 3 with counters in 10 Wh."""
    values = [
        wire.structure(wire.obis("1-1:0.2.129"), wire.text("AIDON_V0001")),
        wire.structure(wire.obis("0-0:96.1.0"), wire.text(said.number)),
        wire.structure(wire.obis("0-0:96.1.7"), wire.text("6534")),
        *_entries(said, _POWERS, 0, "u32"),
        *_entries(said, _AMPERES, -1, "i16"),
        *_entries(said, _VOLTS, -1, "u16"),
    ]
    if said.with_counters:
        values += [_clock_entry(said), *_entries(said, _ENERGIES, 1, "u32")]
    return wire.array(*values)


def aidon_se(said: Said) -> bytes:
    """Return Aidon's list for Sweden, which has no list name and no meter number."""
    return wire.array(
        _clock_entry(said),
        *_entries(said, _POWERS, 0, "u32"),
        *_entries(said, _AMPERES, -1, "i16"),
        *_entries(said, _VOLTS, -1, "u16"),
        *_entries(said, _ENERGIES, 0, "u32"),
    )


def kaifa_no(said: Said) -> bytes:
    """Return Kaifa's list 2, and list 3 with the hourly counters; values are positional."""
    values = [
        wire.octets(b"KFM_001"),
        wire.octets(said.number.encode()),
        wire.octets(b"MA304H4"),
        *(_told(said, name, 0) for name in _POWERS),
        *(_told(said, name, -3) for name in _AMPERES),
        *(_told(said, name, -1) for name in _VOLTS),
    ]
    if said.with_counters:
        values.append(wire.octets(said.clock()))
        values += [_told(said, name, 0) for name in _ENERGIES]
    return wire.structure(*values)


def _pairs(said: Said, names: tuple[str, ...], exponent: int, form: str) -> list[bytes]:
    found = []
    for name in names:
        found += [
            wire.obis(name.replace("1-0:", "1-1:")),
            _told(said, name, exponent, form=form),
        ]
    return found


def kamstrup_no(said: Said) -> bytes:
    """Return Kamstrup's list of 25 values, and of 35 with counters in 10 Wh."""
    values = [
        wire.text("Kamstrup_V0001"),
        wire.obis("1-1:0.0.5"),
        wire.text(said.number),
        wire.obis("1-1:96.1.1"),
        wire.text("6841121BN243101040"),
        *_pairs(said, _POWERS, 0, "u32"),
        *_pairs(said, _AMPERES, -2, "u32"),
        *_pairs(said, _VOLTS, 0, "u16"),
    ]
    if said.with_counters:
        values += [wire.obis("0-1:1.0.0"), wire.octets(said.clock(legal=False))]
        values += _pairs(said, _ENERGIES, 1, "u32")
    return wire.structure(*values)


def kamstrup_dk(said: Said) -> bytes:
    """Return Kamstrup's list for Denmark: counters, meter number, power, phases."""
    return wire.structure(
        wire.text("Kamstrup_V0001"),
        *_pairs(said, _ENERGIES, 1, "u32"),
        wire.obis("1-1:0.0.1"),
        wire.u32(int(said.number)),
        *_pairs(said, _POWERS, 0, "u32"),
        wire.obis("0-1:1.0.0"),
        wire.octets(said.clock(legal=False)),
        *_pairs(said, _VOLTS, 0, "u16"),
        *_pairs(said, _AMPERES, -2, "u32"),
    )


def kaifa_at(said: Said) -> bytes:
    """Return Kaifa's list for Austria, with a clock that has a time zone."""
    return wire.structure(
        wire.obis("0-0:1.0.0"),
        wire.octets(said.clock(-60)),
        wire.structure(wire.obis("0-0:96.1.0"), wire.octets(said.number.encode())),
        wire.structure(wire.obis("0-0:42.0.0"), wire.octets(b"KFM12" + b"0" * 11)),
        *_entries(said, _VOLTS, -1, "u16"),
        *_entries(said, _AMPERES, -2, "u16"),
        *_entries(said, _POWERS[:2], 0, "u32"),
        *_entries(said, _ENERGIES, 0, "u32"),
    )


def landis_ch(said: Said) -> bytes:
    """Return Landis+Gyr's list for Switzerland, which begins with a description of its content."""
    names = (*_POWERS[:2], *_ENERGIES[:2], *_AMPERES)
    ids = ("0-8:25.9.0", "0-8:25.9.0", "0-0:96.1.0", *names)
    described = wire.array(
        *(
            wire.structure(
                wire.u16(40 if number < 2 else 3),
                wire.obis(name),
                b"\x0f" + bytes((1 if number == 1 else 2,)),
                wire.u16(0),
            )
            for number, name in enumerate(ids)
        )
    )
    return wire.structure(
        described,
        wire.obis("0-8:25.9.0"),
        wire.octets(said.number.encode()),
        *(_told(said, name, 0) for name in names[:4]),
        *(_told(said, name, -2, form="u16") for name in _AMPERES),
    )


def iskra_si(said: Said) -> bytes:
    """Return Iskraemeco's list for Slovenia: power and phases, by position."""
    by_phase = [f"1-0:{c + 20 * n}.7.0" for c in (1, 2) for n in _PHASES]
    return wire.structure(
        wire.octets(said.number.encode()),
        wire.octets(b"16820005"),
        *(_told(said, name, 0) for name in _POWERS),
        *(_told(said, name, -1, form="u16") for name in _VOLTS),
        *(_told(said, name, -2, form="u16") for name in _AMPERES),
        *(_told(said, name, 0) for name in by_phase),
    )


def iskra_hr(said: Said) -> bytes:
    """Return Iskraemeco's list for Croatia (28 values): counters, power, phases."""
    by_phase = [f"1-0:{c + 20 * n}.7.0" for c in (1, 2) for n in _PHASES]
    counters = [f"1-0:{c}.8.{rate}" for c in (1, 2) for rate in (0, 1, 2)]
    return wire.structure(
        wire.octets(said.number.encode()),
        wire.octets(said.clock()[5:9]),
        wire.octets(said.clock()[:5]),
        *(_told(said, name, 0) for name in counters),
        *(_told(said, name, 0) for name in _POWERS[:2]),
        *(_told(said, name, 0) for name in by_phase),
        *(_told(said, name, -1, form="u16") for name in _VOLTS),
        *(_told(said, name, -2, form="u16") for name in _AMPERES),
        *(wire.u32(0) for _ in range(5)),
    )
