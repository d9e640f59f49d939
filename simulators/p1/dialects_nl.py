"""Dutch dialects, and the heat adaptors that speak one.

Sources: DSMR 2.2, 3.0, 4.0.7, 4.2.2 and 5.0.2 P1 companion standards; telegrams of the
meters named.
"""

from . import lines as p1, phase_lines as ph
from .dialect import Dialect, Slot
from .mbus_lines import mbus_old
from .registers import MBusType

VOLTAGES = ph.per_phase(ph.voltage)
POWERS = (*ph.per_phase(ph.drawn()), *ph.per_phase(ph.fed()))
_DUTCH_HEAD = (
    p1.STAMP,
    p1.ident("0-0:96.1.1"),
    *p1.tariffs(2, 6),
    p1.TARIFF,
    *p1.power(2),
)
_DUTCH_QUALITY = (
    p1.SHORT_FAILURES,
    p1.LONG_FAILURES,
    p1.FAILURE_LOG,
    *ph.per_phase(ph.sags),
    *ph.per_phase(ph.swells),
)

_V2_2 = Dialect(
    "2.2",
    "2.2",
    "ISk5\\2MT382-1079",
    (
        p1.ident("0-0:96.1.1"),
        *p1.tariffs(2, 5),
        p1.TARIFF,
        *p1.power(4, 2),
        p1.limit(4, 2, "kW", "0999.00"),
        p1.BREAKER,
        p1.MESSAGE_CODE,
        p1.MESSAGE,
    ),
    ident="ISK0047110815",
    mbus=mbus_old(status="00", type_width=1, type_first=True),
    slots=(Slot(MBusType.GAS, "G0017009912345678", 2_750_418, valve=1),),
    interval=10,
    mbus_step=3600,
    crc="none",
    baud=9600,
)

_V3 = Dialect(
    "3",
    "3",
    "KMP5 KA6U009912345678",
    (
        p1.ident("0-0:96.1.1"),
        *p1.tariffs(2, 5),
        p1.TARIFF,
        *p1.power(4, 2),
        p1.limit(3, 0, "A", "025"),
        p1.BREAKER,
        p1.MESSAGE_CODE,
        p1.MESSAGE,
    ),
    ident="KA6U009912345678",
    mbus=mbus_old(status="08", type_width=2, type_first=False),
    slots=(Slot(MBusType.GAS, "G0020011387654321", 9_120_077, valve=1),),
    interval=10,
    mbus_step=3600,
    crc="none",
    baud=9600,
)

_V4 = Dialect(
    "4",
    "4",
    "KFM5KAIFA-METER",
    (
        p1.fixed_line(p1.VERSION, "(42)"),
        *_DUTCH_HEAD,
        *_DUTCH_QUALITY,
        p1.MESSAGE_CODE,
        p1.MESSAGE,
        *ph.per_phase(ph.current()),
        *POWERS,
    ),
    ident="E0026000024153615",
    slots=(Slot(MBusType.GAS, "G0016001754289113", 3_317_902),),
    phases=1,
    interval=10,
    mbus_step=3600,
    failure_log=True,
)

_V5 = Dialect(
    "5",
    "5",
    "ISK5\\2M550T-1099",
    (
        p1.fixed_line(p1.VERSION, "(50)"),
        *_DUTCH_HEAD,
        *_DUTCH_QUALITY,
        p1.MESSAGE,
        *VOLTAGES,
        *ph.per_phase(ph.current()),
        *POWERS,
    ),
    ident="E0089001203456725",
    slots=(Slot(MBusType.GAS, "G0061002198765421", 1_987_341),),
    failure_log=True,
)

_HEAT = Dialect(
    "heat",
    "5",
    "NWA-JUNCTION01",
    (
        p1.fixed_line(p1.VERSION, "(50)"),
        p1.STAMP,
        p1.ident("0-0:96.1.1", raw=True),
        p1.MESSAGE_CODE,
        p1.MESSAGE,
    ),
    ident="AB12000000014477",
    slots=(
        Slot(MBusType.HEAT, "5512480321D4C0E1", 118_012, digits=(3, 3), raw_ident=True),
    ),
    mbus_step=0,
    crc="unpadded",
)

DUTCH = (_V2_2, _V3, _V4, _V5, _HEAT)
