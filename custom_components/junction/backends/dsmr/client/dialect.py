"""Detect which standard a meter follows (``docs/protocols/dsmr.md#telling-the-standard``).

The parser needs no version. The standards differ in the meaning of tariff numbers, the
UTC offset of the meter's winter time, and the name in the user interface.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
import re
from typing import Final

from .models import ListLayout, Telegram
from .obis import P1_VERSION


class Dialect(StrEnum):
    """Companion standard of a meter."""

    DSMR_2 = "dsmr_2"
    """Netherlands, DSMR 2.2 and 3.0: no clock, no checksum."""
    DSMR_4 = "dsmr_4"
    """Netherlands, DSMR 4.0 to 4.2."""
    DSMR_5 = "dsmr_5"
    """Netherlands, DSMR and SMR 5."""
    E_MUCS = "e_mucs"
    """Belgium, e-MUCS."""
    SMARTY = "smarty"
    """Luxembourg."""
    EON = "eon"
    """Hungary."""
    EST = "est"
    """Austria, Energienetze Steiermark."""
    ESO = "eso"
    """Lithuania, ESO."""
    ISRAEL = "israel"
    """Israel: three seasonal tariffs, registers 11 to 13."""
    POLAND = "poland"
    """Poland: up to four tariffs, the model in 0-0:96.1.1."""
    DENMARK = "denmark"
    """Denmark, NES: a clock in a format of its own."""
    CROATIA = "croatia"
    """Croatia, HEP: 1 is the higher tariff."""
    SLOVENIA = "slovenia"
    """Slovenia: a total and two tariffs, no checksum, no clock; 1 is the higher one."""
    H1 = "h1"
    """Sweden and Finland, local customer interface."""
    EASYMETER = "easymeter"
    """EasyMeter Q3D (Germany)."""
    GERMANY = "germany"
    """Germany and its neighbors: full ids (``*255``), no checksum, no clock."""
    DLMS = "dlms"
    """DLMS lists instead of telegrams, in several countries."""
    OTHER = "other"
    """Any other; all printed readings still work."""


class TariffRule(StrEnum):
    """Meaning of the tariff numbers 1 and 2."""

    LOW_FIRST = "low_first"
    """1 is low (night), 2 is normal (day)."""
    NORMAL_FIRST = "normal_first"
    """1 is normal (day), 2 is low (night)."""
    NUMBERED = "numbered"
    """The meaning depends on the contract."""


class Tariff(StrEnum):
    """A tariff by its meaning, or by its number without one."""

    LOW = "low"
    NORMAL = "normal"
    TARIFF_1 = "tariff_1"
    TARIFF_2 = "tariff_2"
    TARIFF_3 = "tariff_3"
    TARIFF_4 = "tariff_4"
    TARIFF_5 = "tariff_5"
    TARIFF_6 = "tariff_6"
    TARIFF_7 = "tariff_7"
    TARIFF_8 = "tariff_8"


_NUMBERED: Final = {n: Tariff(f"tariff_{n}") for n in range(1, 9)}
_TARIFFS: Final[dict[TariffRule, dict[int, Tariff]]] = {
    TariffRule.LOW_FIRST: {**_NUMBERED, 1: Tariff.LOW, 2: Tariff.NORMAL},
    TariffRule.NORMAL_FIRST: {**_NUMBERED, 1: Tariff.NORMAL, 2: Tariff.LOW},
    TariffRule.NUMBERED: _NUMBERED,
}
_RULES: Final[dict[Dialect, TariffRule]] = {
    Dialect.DSMR_2: TariffRule.LOW_FIRST,
    Dialect.DSMR_4: TariffRule.LOW_FIRST,
    Dialect.DSMR_5: TariffRule.LOW_FIRST,
    Dialect.SMARTY: TariffRule.LOW_FIRST,
    Dialect.E_MUCS: TariffRule.NORMAL_FIRST,
    Dialect.EON: TariffRule.NORMAL_FIRST,
    Dialect.CROATIA: TariffRule.NORMAL_FIRST,
    Dialect.SLOVENIA: TariffRule.NORMAL_FIRST,
}

_REGISTER: Final = re.compile(r"1-0:[12]\.8\.(\d+)")
# Never printed by Dutch meters: totals, more than two tariffs, reactive energy.
_NOT_DUTCH: Final = re.compile(
    r"1-0:(?:[12]\.8\.(?:0|[3-9]|\d\d)|(?:[3-8]|1[5])\.8\.\d+|\d?[34]\.7\.0)"
)
_OLD_GAS: Final = "24.3.0"
_FULL_ID: Final = re.compile(rb"^\d+-\d+:[0-9.]+[.*]255\(", re.MULTILINE)
_LONG_CLOCK: Final = re.compile(rb"0-0:1\.0\.0[^(]*\([0-9]{8} ?[0-9:]{6,8}")


def dialect_of(telegram: Telegram) -> Dialect:
    """Return the dialect of a telegram. Takes microseconds, so call it once per layout."""
    if isinstance(telegram.layout, ListLayout):
        return Dialect.DLMS
    for dialect, holds in _SIGNS:
        if holds(telegram):
            return dialect
    return Dialect.OTHER


def p1_version(telegram: Telegram) -> str | None:
    """Return the version of the standard as printed, such as ``50``, ``42``, or ``50217``."""
    return telegram.text("0-0:96.1.4") or telegram.text(P1_VERSION)


def manufacturer_flag(telegram: Telegram) -> str | None:
    """Return the manufacturer's three FLAG letters in upper case, or None."""
    flag = telegram.header[:3]
    return flag.upper() if len(flag) == 3 and flag.isalpha() else None


def tariff_rule(dialect: Dialect) -> TariffRule:
    """Return the meaning of tariff numbers, both in 0-0:96.14.0 and in registers."""
    return _RULES.get(dialect, TariffRule.NUMBERED)


def tariff(number: float | None, rule: TariffRule) -> Tariff | None:
    """Return the tariff with this number (1-4), None for other numbers."""
    return _TARIFFS[rule].get(int(number)) if number is not None else None


def usual_offset(dialect: Dialect) -> timedelta:
    """Return the usual UTC offset of winter time for meters of this dialect."""
    return timedelta(hours=2 if dialect is Dialect.ESO else 1)


def _version(telegram: Telegram) -> str:
    return p1_version(telegram) or ""


def _has(telegram: Telegram, *keys: str) -> bool:
    return all(key in telegram.readings for key in keys)


def _made(telegram: Telegram, flag: str) -> bool:
    return manufacturer_flag(telegram) == flag


def _is_belgian(telegram: Telegram) -> bool:
    return (
        _has(telegram, "0-0:96.1.4")
        or telegram.header.upper().startswith("FLU5")
        or telegram.peak_history is not None
    )


def _is_hungarian(telegram: Telegram) -> bool:
    """Detect Hungary by the combined energy beside registers of four tariffs."""
    return _has(telegram, "1-0:15.8.0") and (
        _has(telegram, "0-0:42.0.0") or _has(telegram, "1-0:1.8.4", "1-0:2.8.4")
    )


def _is_full(telegram: Telegram) -> bool:
    """Return whether ids are printed with their last part."""
    raw = telegram.raw
    return b"255(" in raw and _FULL_ID.search(raw) is not None


def _is_danish(telegram: Telegram) -> bool:
    if _made(telegram, "NES"):
        return True
    clock = telegram.readings.get("0-0:1.0.0")
    return clock is not None and _LONG_CLOCK.match(clock.line) is not None


def _is_polish(telegram: Telegram) -> bool:
    """Detect Poland by two lines that meters of no other country have."""
    return "0-0:94.98.31" in telegram.layout.unknown and _has(telegram, "1-0:1.8.4")


def _is_slovenian(telegram: Telegram) -> bool:
    """Detect Slovenia by missing lines; Dutch meters without a checksum print no total."""
    return (
        telegram.crc is None
        and telegram.stamp is None
        and _made(telegram, "ISK")
        and not _is_full(telegram)
        and _has(telegram, "1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2")
        and not _has(telegram, "1-0:1.8.3")
    )


def _is_german(telegram: Telegram) -> bool:
    return telegram.crc is None and telegram.stamp is None and _is_full(telegram)


def _is_dutch(telegram: Telegram) -> bool:
    return not any(map(_NOT_DUTCH.fullmatch, telegram.readings))


def _is_old(telegram: Telegram) -> bool:
    """Detect DSMR 2.2 and 3.0, which have neither checksum nor clock."""
    if _is_full(telegram) or not _is_dutch(telegram):
        return False
    if any(d.reading and d.reading.obis == _OLD_GAS for d in telegram.mbus.values()):
        return True
    return (
        telegram.crc is None
        and telegram.stamp is None
        and _has(telegram, "0-0:96.1.1", "1-0:1.8.1", "1-0:1.8.2", "0-0:96.14.0")
    )


def _is_nordic(telegram: Telegram) -> bool:
    return (
        _has(telegram, "1-0:1.8.0", "1-0:21.7.0")
        and not _has(telegram, "0-0:96.1.1")
        and not any(
            match[1] != "0"
            for match in map(_REGISTER.fullmatch, telegram.readings)
            if match
        )
    )


# The first match wins: distinctive lines come before missing ones.
_SIGNS: Final[tuple[tuple[Dialect, Callable[[Telegram], bool]], ...]] = (
    (Dialect.E_MUCS, _is_belgian),
    (Dialect.SMARTY, lambda one: _has(one, "0-0:42.0.0") and _made(one, "LUX")),
    (Dialect.EON, _is_hungarian),
    (Dialect.EASYMETER, lambda one: _made(one, "ESY") and _is_full(one)),
    (Dialect.EST, lambda one: _made(one, "EST")),
    (Dialect.ESO, lambda one: _made(one, "ESO")),
    (Dialect.CROATIA, lambda one: _made(one, "HEP")),
    (Dialect.DENMARK, _is_danish),
    (Dialect.ISRAEL, lambda one: _has(one, "1-0:1.8.11", "1-0:1.8.12", "1-0:1.8.13")),
    (Dialect.POLAND, _is_polish),
    (Dialect.SLOVENIA, _is_slovenian),
    (Dialect.GERMANY, _is_german),
    (Dialect.DSMR_5, lambda one: _version(one).startswith("5") and _is_dutch(one)),
    (Dialect.DSMR_4, lambda one: _version(one) != "" and _is_dutch(one)),
    (Dialect.DSMR_2, _is_old),
    (Dialect.H1, _is_nordic),
)
