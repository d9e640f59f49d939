"""Models of an OpenMotics installation, shared by all connections.

Local ids, those of the gateway, and ids of the cloud are different numbers; an
installation is read over one connection only, so they never mix.
"""

from .configuration import (
    Configuration,
    Day,
    EnergyModule,
    GroupAction,
    Input,
    Lamp,
    Output,
    OutputType,
    Period,
    PulseCounter,
    Sensor,
    Shutter,
    ShutterGroup,
    Thermostat,
    ThermostatGroup,
    Ventilation,
)
from .identity import Abilities, Identity
from .keys import TOPIC_OF, Key, Kind, States, Topic
from .states import (
    EnergyState,
    GroupState,
    ModuleErrors,
    Motion,
    OutputState,
    PowerState,
    Preset,
    ShutterState,
    UnitState,
    VentilationState,
)

__all__ = [
    "TOPIC_OF",
    "Abilities",
    "Configuration",
    "Day",
    "EnergyModule",
    "EnergyState",
    "GroupAction",
    "GroupState",
    "Identity",
    "Input",
    "Key",
    "Kind",
    "Lamp",
    "ModuleErrors",
    "Motion",
    "Output",
    "OutputState",
    "OutputType",
    "Period",
    "PowerState",
    "Preset",
    "PulseCounter",
    "Sensor",
    "Shutter",
    "ShutterGroup",
    "ShutterState",
    "States",
    "Thermostat",
    "ThermostatGroup",
    "Topic",
    "UnitState",
    "Ventilation",
    "VentilationState",
]
