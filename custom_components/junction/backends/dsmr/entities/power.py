"""Active power: total, net, and per phase."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import UnitOfPower

from ..client.models import Telegram
from .description import PHASES, Pace, PointDescription, Value, number


def _several_phases(telegram: Telegram) -> bool:
    """Return whether phases provide more than the total."""
    return "1-0:41.7.0" in telegram.readings or "1-0:61.7.0" in telegram.readings


def power() -> Iterator[PointDescription]:
    """Yield active power: total, net, and per phase."""
    kilowatt: dict[str, Any] = {
        "device_class": SensorDeviceClass.POWER,
        "unit": UnitOfPower.KILO_WATT,
        "pace": Pace.POWER,
    }
    yield number("power_import", "1-0:1.7.0", **kilowatt)
    yield number("power_export", "1-0:2.7.0", **kilowatt)

    def net(telegram: Telegram) -> Value:
        drawn = telegram.quantity("1-0:1.7.0", UnitOfPower.KILO_WATT)
        fed_in = telegram.quantity("1-0:2.7.0", UnitOfPower.KILO_WATT)
        if drawn is None and fed_in is None:
            return None
        return round((drawn or 0.0) - (fed_in or 0.0), 3)

    yield replace(
        number("power_net", "1-0:1.7.0", **kilowatt),
        keys=("1-0:1.7.0", "1-0:2.7.0"),
        value=net,
    )
    for phase in PHASES:
        for name, group in (("import", 1), ("export", 2)):
            yield number(
                f"power_{name}_l{phase}",
                f"1-0:{20 * phase + group}.7.0",
                translation=f"power_{name}_phase",
                enabled=_several_phases,
                phase=f"L{phase}",
                **kilowatt,
            )
    yield number("power_absolute", "1-0:15.7.0", on=False, **kilowatt)
