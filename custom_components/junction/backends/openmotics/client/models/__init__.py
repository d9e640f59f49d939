"""What an OpenMotics installation has and shows, however it is reached.

Local ids, those of the gateway, and ids of the cloud are not the same numbers; an
installation is read through one transport only, so they never meet.
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
