"""Temperatures of the presets of thermostats.

Protocol: docs/protocols/openmotics.md#facts-found-by-running-the-gateway.
"""

from typing import Final

from homeassistant.components.number import NumberDeviceClass, NumberEntityDescription
from homeassistant.const import EntityCategory, UnitOfTemperature

from ....model import UNAVAILABLE, NumberPoint
from ..client.models import Key, Kind, Preset, States, Thermostat
from .description import Installation, Plan
from .thermostats import MAX_TEMPERATURE, MIN_TEMPERATURE

WAYS: Final = ("heating", "cooling")
PRESETS: Final = (Preset.AWAY, Preset.VACATION, Preset.PARTY)
DESCRIPTIONS: Final = {
    (way, preset): NumberEntityDescription(
        key=f"{way}_{preset}",
        translation_key=f"openmotics_{way}_{preset}",
        device_class=NumberDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        native_min_value=MIN_TEMPERATURE,
        # In cooling presets nobody is at home, so the gateway's defaults go up to 38.
        native_max_value=MAX_TEMPERATURE if way == "heating" else 40.0,
        native_step=0.5,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
    )
    for way in WAYS
    for preset in PRESETS
}


def add(plan: Plan, installation: Installation) -> None:
    """Add the preset temperatures of the installation."""
    for unit in installation.configuration.thermostats:
        for way, preset in DESCRIPTIONS:
            key: Key = (Kind.PRESET, f"{unit.id}.{way}.{preset}")
            if key in installation.configuration.presets:
                _add_one(plan, installation, unit, way, preset, key)


def _add_one(
    plan: Plan,
    installation: Installation,
    unit: Thermostat,
    way: str,
    preset: Preset,
    key: Key,
) -> None:
    async def send(value: float) -> None:
        await installation.gateway.set_preset_temperature(
            unit.id, preset, value, cooling=way == "cooling"
        )

    def show(states: States) -> object:
        return states.get(key, UNAVAILABLE)

    identity = f"thermostat_{unit.id}"
    plan.add(
        NumberPoint(
            device=identity,
            id=f"{identity}_{way}_{preset}",
            description=DESCRIPTIONS[way, preset],
            set_value=send,
        ),
        show,
        key,
    )
