"""Dialects of Belgium, Luxembourg, Sweden, Germany, Hungary, Austria and Lithuania.

Sources: e-MUCS P1 1.7.1 and 2.1.1; Luxmetering E-Meter P1 1.1.3; Swedenergy 2.0; ESO P1 data
model; telegrams of the meters named.
"""

from dataclasses import replace

from . import lines as p1, phase_lines as ph
from .dialect import Dialect, Encrypted, Rates, Slot
from .dialects_nl import POWERS, VOLTAGES
from .lines import Line
from .mbus_lines import mbus_belgian
from .registers import MBusType

_BELGIAN_BODY = (
    p1.STAMP,
    *p1.tariffs(2, 6),
    p1.TARIFF,
    p1.DEMAND,
    p1.PEAK,
    p1.MONTH_PEAKS,
    *p1.power(2),
    *POWERS,
    *VOLTAGES,
    *ph.per_phase(ph.current(2)),
    p1.BREAKER,
)

_LUXEMBOURG = (
    p1.fixed_line(p1.VERSION, "(42)"),
    p1.STAMP,
    p1.ident("0-0:42.0.0"),
    p1.energy("1-0:1.8.0", p1.imported, 0, 6, "kWh"),
    p1.energy("1-0:2.8.0", p1.exported, 0, 6, "kWh"),
    p1.energy("1-0:3.8.0", p1.reactive_imported, 0, 6, "kvarh"),
    p1.energy("1-0:4.8.0", p1.reactive_exported, 0, 6, "kvarh"),
    *p1.power(2),
    *p1.reactive(2),
    p1.limit(3, 1, "kVA", "027.6"),
    *p1.apparent(),
    p1.fixed_line("1-1:31.4.0", "(040*A)(-040*A)"),
    p1.BREAKER,
    p1.relay(1),
    p1.relay(2),
    p1.SHORT_FAILURES,
    *ph.per_phase(ph.sags),
    *ph.per_phase(ph.swells),
    p1.MESSAGE,
    *(p1.further_message(n) for n in (2, 3, 4, 5)),
    *VOLTAGES,
    *ph.per_phase(ph.current()),
    *POWERS,
    *ph.per_phase(ph.reactive(1, 2)),
    *ph.per_phase(ph.reactive(-1, 2)),
)


def _swedish_energies(unit: str) -> tuple[Line, ...]:
    return (
        p1.energy("1-0:1.8.0", p1.imported, 0, 8, "kWh"),
        p1.energy("1-0:2.8.0", p1.exported, 0, 8, "kWh"),
        p1.energy("1-0:3.8.0", p1.reactive_imported, 0, 8, unit),
        p1.energy("1-0:4.8.0", p1.reactive_exported, 0, 8, unit),
    )


_V5B = Dialect(
    "5B",
    "5B",
    "FLU5\\253770999_A",
    (
        p1.fixed_line("0-0:96.1.4", "(50217)"),
        p1.ident("0-0:96.1.1"),
        *_BELGIAN_BODY,
        p1.limit(3, 1, "kW", "999.9"),
        p1.fixed_line("1-0:31.4.0", "(999*A)"),
        p1.MESSAGE,
    ),
    ident="1SAG3105123456",
    mbus=mbus_belgian(1),
    slots=(
        Slot(MBusType.GAS, "7FLO2119012345", 845_219, valve=1),
        Slot(MBusType.WATER, "8SEU0301987654", 143_806),
    ),
    rates=Rates.LOW_IS_2,
)

_V5B_2_1 = Dialect(
    "5B-2.1",
    "5B",
    "FLU5\\253771234_A",
    (
        p1.fixed_line("0-0:96.1.4", "(50221)"),
        p1.fixed_line("1-0:94.32.1", "(400)"),
        p1.ident("0-0:96.1.1"),
        p1.EAN,
        *_BELGIAN_BODY,
        p1.limit(2, 3, "kW", "99.999"),
        p1.fixed_line("1-0:31.4.0", "(999.99*A)"),
        *(p1.relay(n) for n in (1, 2, 3, 4)),
        p1.MESSAGE,
    ),
    ident="1SAG3105123456",
    ean="541440010123456789",
    mbus=mbus_belgian(2),
    slots=(
        Slot(
            MBusType.GAS, "7FLO2119012345", 845_219, valve=1, ean="541440010123456796"
        ),
        Slot(MBusType.WATER, "8SEU0301987654", 143_806, ean="541440010123456802"),
    ),
    rates=Rates.LOW_IS_2,
    blank_line=False,
)

_V5L = Dialect(
    "5L",
    "5L",
    "Lux5\\253694555_M",
    _LUXEMBOURG,
    ident="SAG1030790012345",
    slots=(
        Slot(MBusType.GAS, "FLO1899000011223", 410_772, valve=1),
        Slot(MBusType.WATER, None, 0, valve=1),
    ),
    empty_mbus=("632525252525S", 5, 3, ""),
    interval=10,
)

_V5L_ENC = replace(
    _V5L,
    name="5L-enc",
    label="MSn",
    encrypted=Encrypted(
        key=bytes.fromhex("5A3C0FE1D2B48796A5C3E1F00F1E2D3C"),
        authentication_key=bytes.fromhex("00112233445566778899AABBCCDDEEFF"),
        system_title=b"SAGg0123",
        counter=107_187,
    ),
)

_V5S = Dialect(
    "5S",
    "5S",
    "ELL5\\253833999_A",
    (
        p1.STAMP,
        *_swedish_energies("kvarh"),
        *p1.power(4),
        *p1.reactive(4),
        *ph.per_phase(ph.drawn(4), ph.fed(4)),
        *ph.per_phase(ph.reactive(1, 4), ph.reactive(-1, 4)),
        *VOLTAGES,
        *ph.per_phase(ph.current(1)),
    ),
    summer=False,
)

_V5S_KAMSTRUP = replace(
    _V5S,
    name="5S-Kamstrup",
    header="KAM5",
    lines=(
        p1.STAMP,
        *_swedish_energies("kVArh"),
        *p1.power(4),
        *p1.reactive(4, "kVAr"),
        *ph.per_phase(ph.drawn(4)),
        *VOLTAGES,
        *ph.per_phase(ph.current(1)),
    ),
)

_Q3D = Dialect(
    "Q3D",
    "Q3D",
    "ESY5Q3DA1004 V3.04",
    (
        p1.ident("1-0:0.0.0*255", raw=True),
        p1.fine_energy("1-0:1.8.0*255", p1.imported),
        p1.fine_energy("1-0:2.8.0*255", p1.exported),
        *ph.per_phase(ph.net),
        p1.NET,
        p1.fixed_line("1-0:96.5.5*255", "(80)"),
        p1.second_ident("0-0:96.1.255*255", raw=True),
    ),
    ident="0272099887766",
    second_ident="1ESY1160998877",
    interval=2,
    crc="none",
    trailer=b"  25803999\r\n" + b"\xff" * 16 + b"\r\n",
    baud=9600,
)

_V5EONHU = Dialect(
    "5EONHU",
    "5EONHU",
    "SAG5SAG-METER",
    (
        p1.STAMP,
        p1.second_ident("0-0:42.0.0"),
        p1.ident("0-0:96.1.0"),
        p1.TARIFF,
        p1.BREAKER,
        p1.limit(2, 3, "kW", "90.000"),
        p1.energy("1-0:1.8.0", p1.imported, 0, 6, "kWh"),
        *p1.tariffs(4, 6)[:4],
        p1.energy("1-0:2.8.0", p1.exported, 0, 6, "kWh"),
        *p1.tariffs(4, 6)[4:],
        p1.energy("1-0:3.8.0", p1.reactive_imported, 0, 6, "kvarh"),
        p1.energy("1-0:4.8.0", p1.reactive_exported, 0, 6, "kvarh"),
        *p1.QUADRANT_ENERGIES,
        p1.COMBINED,
        *VOLTAGES,
        *ph.per_phase(ph.current()),
        *ph.factors(signed=False),
        p1.frequency(2),
        *p1.power(2),
        *p1.quadrant_powers(),
        *(p1.fixed_line(f"1-0:{c}.4.0", "(200.00*A)") for c in (31, 51, 71)),
        p1.MONTH_END,
        p1.MESSAGE,
    ),
    ident="8900222000123456",
    second_ident="SAG0222000123456",
    rates=Rates.LOW_IS_2,
)

_AT = Dialect(
    "AT",
    "SAGEMCOM_T210_D_R",
    "EST5\\253710999_A",
    (
        p1.fixed_line(p1.VERSION, "(50)"),
        p1.STAMP,
        *(
            p1.energy(f"1-0:1.8.{code}", p1.imported, code, 9, "Wh")
            for code in (0, 1, 2)
        ),
        p1.power(9, 0, "W")[0],
        *(
            p1.energy(f"1-0:2.8.{code}", p1.exported, code, 9, "Wh")
            for code in (0, 1, 2)
        ),
        p1.power(9, 0, "W")[1],
        *(
            p1.energy(f"1-0:3.8.{code}", p1.reactive_imported, code, 9, "varh")
            for code in (0, 1, 2)
        ),
        p1.reactive(9, "var")[0],
        *(
            p1.energy(f"1-0:4.8.{code}", p1.reactive_exported, code, 9, "varh")
            for code in (0, 1, 2)
        ),
        p1.reactive(9, "var")[1],
    ),
    rates=Rates.LOW_IS_2,
)

_AT_ENC = replace(
    _AT,
    name="AT-enc",
    encrypted=Encrypted(
        key=bytes.fromhex("00A1B2C3D4E5F60718293A4B5C6D7E8F"),
        authentication_key=bytes.fromhex("C0FFEE00C0FFEE11C0FFEE22C0FFEE33"),
        system_title=b"SAGAT007",
        counter=7,
    ),
)

_LT = Dialect(
    "LT",
    "LT",
    "ESO5\\VMM01",
    (
        p1.STAMP,
        p1.energy("1-0:1.8.0", p1.imported, 0, 6, "kWh"),
        *p1.tariffs(4, 6)[:4],
        p1.energy("1-0:2.8.0", p1.exported, 0, 6, "kWh"),
        p1.energy("1-0:3.8.0", p1.reactive_imported, 0, 6, "kvarh"),
        p1.energy("1-0:4.8.0", p1.reactive_exported, 0, 6, "kvarh"),
        *p1.power(2),
        *p1.reactive(2),
        *POWERS,
        *VOLTAGES,
        *ph.per_phase(ph.current()),
        p1.frequency(1),
        *ph.factors(signed=True),
        p1.SHORT_FAILURES,
        p1.MESSAGE,
        *ph.per_phase(ph.sags),
        *ph.per_phase(ph.swells),
        p1.ident("0-0:96.1.1"),
    ),
    ident="80034700621631152",
    phases=1,
    standard_hours=2,
    rates=Rates.FOUR,
)

ABROAD = (
    _V5B,
    _V5B_2_1,
    _V5L,
    _V5L_ENC,
    _V5S,
    _V5S_KAMSTRUP,
    _Q3D,
    _V5EONHU,
    _AT,
    _AT_ENC,
    _LT,
)
