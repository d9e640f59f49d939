"""Energy and power."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy, UnitOfPower, UnitOfReactiveEnergy

from ..client.models import Telegram
from .description import PHASES, TARIFFS, Pace, PointDescription, Value, number


def _several_phases(telegram: Telegram) -> bool:
    """Return whether phases say more than the total does."""
    return "1-0:41.7.0" in telegram.readings or "1-0:61.7.0" in telegram.readings


def energy() -> Iterator[PointDescription]:
    """Yield active and reactive energy, total and by tariff."""
    for name, group in (("import", 1), ("export", 2)):
        total, tariffs = f"1-0:{group}.8.0", [f"1-0:{group}.8.{n}" for n in TARIFFS]

        def value(
            telegram: Telegram, total: str = total, tariffs: list[str] = tariffs
        ) -> Value:
            """Return the printed total, or the sum of the tariffs."""
            if (printed := telegram.number(total)) is not None:
                return printed
            parts = [n for key in tariffs if (n := telegram.number(key)) is not None]
            return round(sum(parts), 3) if parts else None

        row = number(
            f"energy_{name}",
            total,
            SensorDeviceClass.ENERGY,
            UnitOfEnergy.KILO_WATT_HOUR,
            state_class=SensorStateClass.TOTAL_INCREASING,
            precision=3,
        )
        yield replace(row, keys=(total, *tariffs), value=value)
        for tariff, key in zip(TARIFFS, tariffs, strict=True):
            yield number(
                f"energy_{name}_tariff_{tariff}",
                key,
                SensorDeviceClass.ENERGY,
                UnitOfEnergy.KILO_WATT_HOUR,
                state_class=SensorStateClass.TOTAL_INCREASING,
                precision=3,
                translation=f"energy_{name}_tariff",
                tariff=str(tariff),
            )
    yield number(
        "energy_combined",
        "1-0:15.8.0",
        SensorDeviceClass.ENERGY,
        UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        on=False,
    )
    for quantity in range(3, 9):
        name = {3: "import", 4: "export"}.get(quantity, f"q{quantity - 4}")
        for register in (0, *TARIFFS):
            yield number(
                f"reactive_energy_{name}" + (f"_tariff_{register}" if register else ""),
                f"1-0:{quantity}.8.{register}",
                SensorDeviceClass.REACTIVE_ENERGY,
                UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
                state_class=SensorStateClass.TOTAL_INCREASING,
                on=False,
                translation=f"reactive_energy_{name if quantity < 5 else 'quadrant'}"
                + ("_tariff" if register else ""),
                tariff=str(register),
                quadrant=str(quantity - 4),
            )


def power() -> Iterator[PointDescription]:
    """Yield active power: total, net and by phase."""
    kilowatt: dict[str, Any] = {
        "device_class": SensorDeviceClass.POWER,
        "unit": UnitOfPower.KILO_WATT,
        "pace": Pace.POWER,
        "precision": 3,
    }
    yield number("power_import", "1-0:1.7.0", **kilowatt)
    yield number("power_export", "1-0:2.7.0", **kilowatt)

    def net(telegram: Telegram) -> Value:
        drawn = telegram.number("1-0:1.7.0")
        fed_in = telegram.number("1-0:2.7.0")
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
