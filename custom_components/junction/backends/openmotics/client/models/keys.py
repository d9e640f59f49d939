"""Keys of states, and the request that reads each of them."""

from collections.abc import Mapping
from enum import StrEnum


class Topic(StrEnum):
    """Group of states that one request reads."""

    OUTPUTS = "outputs"
    LAMPS = "lamps"
    INPUTS = "inputs"
    SHUTTERS = "shutters"
    SENSORS = "sensors"
    THERMOSTATS = "thermostats"
    VENTILATION = "ventilation"
    POWER = "power"
    ENERGY = "energy"
    PULSES = "pulses"
    PRESETS = "presets"
    MODULES = "modules"


class Kind(StrEnum):
    """Kind of object that a state belongs to."""

    OUTPUT = "output"
    LAMP = "lamp"
    INPUT = "input"
    SHUTTER = "shutter"
    SENSOR = "sensor"
    UNIT = "thermostat"
    GROUP = "thermostat_group"
    VENTILATION = "ventilation"
    POWER = "power"
    ENERGY = "energy"
    INTEGRAL = "integral"
    """Energy (Wh) that is integrated here, for a sensor that reports power."""
    PULSE = "pulse"
    PRESET = "preset"
    MODULE = "module"
    ACTION = "group_action"
    """Group actions have no state."""


TOPIC_OF: dict[Kind, Topic] = {
    Kind.OUTPUT: Topic.OUTPUTS,
    Kind.LAMP: Topic.LAMPS,
    Kind.INPUT: Topic.INPUTS,
    Kind.SHUTTER: Topic.SHUTTERS,
    Kind.SENSOR: Topic.SENSORS,
    Kind.INTEGRAL: Topic.SENSORS,
    Kind.UNIT: Topic.THERMOSTATS,
    Kind.GROUP: Topic.THERMOSTATS,
    Kind.VENTILATION: Topic.VENTILATION,
    Kind.POWER: Topic.POWER,
    Kind.ENERGY: Topic.ENERGY,
    Kind.PULSE: Topic.PULSES,
    Kind.PRESET: Topic.PRESETS,
    Kind.MODULE: Topic.MODULES,
}

type Key = tuple[Kind, str]
"""Kind and id; the id of a current transformer is ``<module>.<index>``."""
type States = Mapping[Key, object]
