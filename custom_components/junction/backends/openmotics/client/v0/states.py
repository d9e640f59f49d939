"""Parse V0 status answers and events.

Protocol: docs/protocols/openmotics.md#local-websocket.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ....http import json_fields as j
from ..models import (
    EnergyState,
    GroupState,
    Key,
    Kind,
    ModuleErrors,
    Motion,
    OutputState,
    PowerState,
    Preset,
    ShutterState,
    States,
    UnitState,
    VentilationState,
)
from .configuration import OLD_QUANTITIES
from .thermostats import configured

PRESET_FIELDS: Final[Mapping[Preset, str]] = {
    Preset.AWAY: "setp3",
    Preset.VACATION: "setp4",
    Preset.PARTY: "setp5",
}

# Positions of the four numbers of a current transformer.
_VOLTAGE, _FREQUENCY, _CURRENT, _POWER = range(4)


def outputs(answer: object) -> States:
    """Read get_output_status by id, never by position in the list."""
    return {
        (Kind.OUTPUT, str(number)): OutputState(
            on=j.boolean(row, "status"),
            level=_level(j.integer(row, "dimmer")),
            locked=j.boolean(row, "locked"),
        )
        for row, number in _rows(answer, "status")
    }


def inputs(answer: object) -> States:
    """Read get_input_status."""
    return {
        (Kind.INPUT, str(number)): j.boolean(row, "status")
        for row, number in _rows(answer, "status")
    }


def shutters(answer: object) -> States:
    """Read get_shutter_status: its ``detail``, whose keys are texts."""
    return {
        (Kind.SHUTTER, number): ShutterState(
            motion=motion(j.text(row, "state")),
            position=j.integer(row, "actual_position"),
        )
        for number, row in (j.mapping(answer, "detail") or {}).items()
    }


def sensors(answer: object) -> States:
    """Read get_sensor_status, which omits sensors without a value."""
    return {
        (Kind.SENSOR, str(number)): j.number(row, "value")
        for row, number in _rows(answer, "status")
    }


def old_sensors(quantity: str, answer: object) -> States:
    """Read one of the three lists of older gateways, by the number of the sensor."""
    assert quantity in OLD_QUANTITIES
    values = j.sequence(answer, "status") or []
    return {
        (Kind.SENSOR, f"{number}.{quantity}"): j.number(value)
        for number, value in enumerate(values)
    }


def thermostat_groups(answer: object) -> States:
    """Read get_thermostat_group_status."""
    states: dict[Key, object] = {}
    for group, number in _rows(answer, "status"):
        cooling = _cooling(j.text(group, "mode"))
        states[Kind.GROUP, str(number)] = GroupState(cooling=cooling)
        for unit, unit_number in _rows(group, "thermostats"):
            states[Kind.UNIT, str(unit_number)] = UnitState(
                on=_on(j.text(unit, "state")),
                preset=preset(j.text(unit, "preset")),
                current=j.number(unit, "actual_temperature"),
                setpoint=j.number(unit, "setpoint_temperature"),
                steering=_steering(unit),
            )
    return states


def thermostats(answer: object) -> States:
    """Read get_thermostat_status, the one action that all gateways have."""
    on = j.boolean(answer, "thermostat_on")
    states: dict[Key, object] = {
        (Kind.GROUP, "0"): GroupState(cooling=j.boolean(answer, "cooling"))
    }
    for unit, number in _rows(answer, "status"):
        levels = [j.number(unit, f"output{index}") for index in (0, 1)]
        states[Kind.UNIT, str(number)] = UnitState(
            on=on,
            preset=_old_preset(unit),
            current=j.number(unit, "act"),
            setpoint=j.number(unit, "csetp"),
            steering=max(
                (level for level in levels if level is not None), default=None
            ),
        )
    return states


def ventilations(answer: object) -> States:
    """Read get_ventilation_status."""
    return {
        (Kind.VENTILATION, str(number)): _ventilation(row, "connected")
        for row, number in _rows(answer, "status")
    }


def power(answer: object) -> States:
    """Read get_realtime_power. Modules that do not answer are missing."""
    return {
        (Kind.POWER, f"{module}.{index}"): PowerState(
            voltage=j.number(values, _VOLTAGE),
            frequency=j.number(values, _FREQUENCY),
            current=j.number(values, _CURRENT),
            power=j.number(values, _POWER),
        )
        for module, index, values in _transformers(answer)
    }


def energy(answer: object) -> States:
    """Read get_total_energy, in Wh."""
    return {
        (Kind.ENERGY, f"{module}.{index}"): EnergyState(
            day=j.integer(values, 0), night=j.integer(values, 1)
        )
        for module, index, values in _transformers(answer)
    }


def pulses(answer: object) -> States:
    """Read get_pulse_counter_status, by position in the list."""
    return {
        (Kind.PULSE, str(index)): j.integer(value)
        for index, value in enumerate(j.sequence(answer, "counters") or ())
    }


def presets(
    heating: Iterable[Mapping[str, Any]], cooling: Iterable[Mapping[str, Any]]
) -> dict[Key, object]:
    """Read the preset temperatures (°C) from the configurations of thermostats.

    The lists are padded with unused units, which have neither sensor nor output.
    """
    found: dict[Key, object] = {}
    for way, rows in (("heating", heating), ("cooling", cooling)):
        for row in rows:
            number = j.integer(row, "id")
            if number is None or not configured(row, sensor=way == "heating"):
                continue
            for name, field in PRESET_FIELDS.items():
                if (value := j.number(row, field)) is not None:
                    found[Kind.PRESET, f"{number}.{way}.{name}"] = value
    return found


def module_errors(answer: object) -> States:
    """Read get_errors: pairs of module and count."""
    pairs = [
        (j.text(pair, 0) or str(j.value(pair, 0)), j.integer(pair, 1) or 0)
        for pair in j.sequence(answer, "errors") or ()
    ]
    return {(Kind.MODULE, "errors"): ModuleErrors(modules=tuple(sorted(pairs)))}


def event(kind: str | None, data: Mapping[str, Any]) -> States:
    """Read one event; unknown kinds and events without an id return nothing."""
    number = j.integer(data, "id")
    if number is None:
        return {}
    key = str(number)
    match kind:
        case "OUTPUT_CHANGE":
            return {
                (Kind.OUTPUT, key): OutputState(
                    on=j.boolean(data, "status", "on"),
                    level=_level(j.integer(data, "status", "value")),
                    locked=j.boolean(data, "status", "locked"),
                )
            }
        case "INPUT_CHANGE":
            return {(Kind.INPUT, key): j.boolean(data, "status")}
        case "SENSOR_CHANGE":
            return {(Kind.SENSOR, key): j.number(data, "value")}
        case "SHUTTER_CHANGE":
            return {
                (Kind.SHUTTER, key): ShutterState(
                    motion=motion(j.text(data, "status", "state")),
                    position=j.integer(data, "status", "position"),
                )
            }
        case "THERMOSTAT_CHANGE":
            status = j.mapping(data, "status") or {}
            return {
                (Kind.UNIT, key): UnitState(
                    on=_on(j.text(status, "state")),
                    preset=preset(j.text(status, "preset")),
                    current=j.number(status, "actual_temperature"),
                    setpoint=j.number(status, "current_setpoint"),
                    steering=_steering(status),
                )
            }
        case "THERMOSTAT_GROUP_CHANGE":
            cooling = _cooling(j.text(data, "status", "mode"))
            return {(Kind.GROUP, key): GroupState(cooling=cooling)}
        case "VENTILATION_CHANGE":
            return {(Kind.VENTILATION, key): _ventilation(data, "is_connected")}
        case _:
            return {}


def preset(text: str | None) -> Preset | None:
    """Read a preset; the engines write them differently, and accept both forms."""
    try:
        return Preset((text or "").lower())
    except ValueError:
        return None


def motion(text: str | None) -> Motion | None:
    """Read the motion of a shutter: lower case in answers, upper case in events."""
    try:
        return Motion((text or "").lower())
    except ValueError:
        return None


def _rows(answer: object, name: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    for row in j.mappings(answer, name) or ():
        if (number := j.integer(row, "id")) is not None:
            yield row, number


def _transformers(answer: object) -> Iterator[tuple[str, int, object]]:
    """Yield module, index, and values; the modules are keys next to ``success``."""
    for module, rows in (j.mapping(answer) or {}).items():
        if module.isdecimal():
            for index, values in enumerate(j.sequence(rows) or ()):
                yield module, index, values


def _level(value: int | None) -> int | None:
    return None if value is None else min(max(value, 0), 100)


def _on(text: str | None) -> bool | None:
    return {"on": True, "off": False}.get((text or "").lower())


def _cooling(text: str | None) -> bool | None:
    return {"cooling": True, "heating": False}.get((text or "").lower())


def _steering(row: Mapping[str, Any]) -> float | None:
    """Return the steering power; cooling is negative."""
    value = j.number(row, "steering_power")
    return None if value is None else min(abs(value), 100.0)


def _old_preset(row: Mapping[str, Any]) -> Preset | None:
    if j.boolean(row, "automatic"):
        return Preset.AUTO
    number = j.integer(row, "setpoint")
    special = {3: Preset.AWAY, 4: Preset.VACATION, 5: Preset.PARTY}
    return None if number is None else special.get(number, Preset.MANUAL)


def _ventilation(row: Mapping[str, Any], connected: str) -> VentilationState:
    mode = j.text(row, "mode")
    return VentilationState(
        automatic=None if mode is None else mode.lower().startswith("auto"),
        level=j.integer(row, "level"),
        connected=j.boolean(row, connected) is not False,
        remaining=j.number(row, "remaining_time"),
    )
