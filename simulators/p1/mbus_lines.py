"""Lines of M-Bus devices, which follow the registers."""

from collections.abc import Callable

from .lines import fixed, hexed
from .registers import MBusReading, MBusType

type MBusText = Callable[[MBusReading], list[tuple[str, str]]]
"""Formats the lines of one M-Bus device as (OBIS reference, groups)."""


def _mbus_value(reading: MBusReading) -> str:
    return fixed(reading.value, reading.whole, reading.decimals)


def _mbus_ident(reading: MBusReading) -> str:
    return (reading.ident or "") if reading.raw_ident else hexed(reading.ident or "")


def mbus_standard(reading: MBusReading) -> list[tuple[str, str]]:
    """Netherlands since version 4, heat adapters, Luxembourg with a valve."""
    n = reading.channel
    lines = [
        (f"0-{n}:24.1.0", f"({reading.type:03d})"),
        (f"0-{n}:96.1.0", f"({_mbus_ident(reading)})"),
    ]
    if reading.stamp is not None:
        if reading.unit:
            lines.append(
                (
                    f"0-{n}:24.2.1",
                    f"({reading.stamp})({_mbus_value(reading)}*{reading.unit})",
                )
            )
        else:
            lines.append(
                (f"0-{n}:24.2.1", f"({reading.stamp})({_mbus_value(reading)})")
            )
    if reading.valve is not None:
        lines.append((f"0-{n}:24.4.0", f"({reading.valve})"))
    return lines


def mbus_belgian(version: int) -> MBusText:
    """Belgium, e-MUCS 1.7 (``version`` 1) or 2.1 (2): other references, and EANs in 2.1."""

    def text(reading: MBusReading) -> list[tuple[str, str]]:
        n = reading.channel
        lines = [
            (f"0-{n}:24.1.0", f"({reading.type:03d})"),
            (f"0-{n}:96.1.1", f"({_mbus_ident(reading)})"),
        ]
        if version >= 2:
            lines.append((f"0-{n}:96.1.2", f"({hexed(reading.ean or '')})"))
        if reading.valve is not None:
            lines.append((f"0-{n}:24.4.0", f"({reading.valve})"))
        if reading.stamp is not None:
            uncorrected = reading.type == MBusType.GAS or version >= 2
            unit = f"*{reading.unit}" if reading.unit else ""
            lines.append(
                (
                    f"0-{n}:24.2.{3 if uncorrected else 1}",
                    f"({reading.stamp})({_mbus_value(reading)}{unit})",
                )
            )
        return lines

    return text


def mbus_old(*, status: str, type_width: int, type_first: bool) -> MBusText:
    """2.2 and 3.0: value alone on the next line, timestamps without S or W."""

    def text(reading: MBusReading) -> list[tuple[str, str]]:
        n = reading.channel
        lines = [
            (f"0-{n}:24.1.0", f"({reading.type:0{type_width}d})"),
            (f"0-{n}:96.1.0", f"({_mbus_ident(reading)})"),
        ]
        if not type_first:
            lines.reverse()
        if reading.stamp is not None:
            period = f"({status})(60)(1)(0-{n}:24.2.1)({reading.unit})"
            lines.append(
                (
                    f"0-{n}:24.3.0",
                    f"({reading.stamp[:12]}){period}\r\n({_mbus_value(reading)})",
                )
            )
        if reading.valve is not None:
            lines.append((f"0-{n}:24.4.0", f"({reading.valve})"))
        return lines

    return text
