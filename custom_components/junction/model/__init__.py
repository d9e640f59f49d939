"""Point model: devices, points, and states, in the terms of Home Assistant.

A *device* is a registry device, a *point* is one thing on it that a user can see or
control. A point carries Home Assistant's own ``EntityDescription`` and the coroutines
that send its commands. Its *state* is separate, in a ``Snapshot`` (everything) or a
``Delta`` (changes). States and commands use Home Assistant's units and ranges:
brightness 1-255, hue 0-360 degrees, saturation and percentages 0-100, color temperature
in kelvin, positions 0-100 with 100 = open. Adapters convert; entities never calculate.

A state has three cases: ``UNAVAILABLE`` (not fetched, or this part of the device does
not respond), ``None`` (fetched, but without a value), and a value, which may be 0.

All texts are cleaned when a point is created, so they can be stored.
"""

from . import limits
from .compare import agrees, has_moved, is_response, merge, needs_nothing
from .naming import name_beside, name_on
from .pace import Pace, pace_of
from .point import Point, PointKey, Steer
from .points import (
    SCENE_ACTIVATED,
    BinarySensorPoint,
    ButtonPoint,
    ClimatePoint,
    CoverPoint,
    EventPoint,
    FanPoint,
    LightPoint,
    MediaPlayerPoint,
    NumberPoint,
    ScenePoint,
    SelectPoint,
    SensorPoint,
    SirenPoint,
    SwitchPoint,
    TrackerPoint,
    ValvePoint,
)
from .quantities import Look, look
from .snapshot import Delta, DeviceSpec, Snapshot, Topology, changed_keys
from .states import (
    TOLERANCE,
    UNAVAILABLE,
    ClimateCommand,
    ClimateState,
    CoverState,
    Detailed,
    FanCommand,
    FanState,
    LightCommand,
    LightState,
    Location,
    MediaState,
    SensorValue,
    Unavailable,
    clean_attributes,
)

__all__ = [
    "SCENE_ACTIVATED",
    "TOLERANCE",
    "UNAVAILABLE",
    "BinarySensorPoint",
    "ButtonPoint",
    "ClimateCommand",
    "ClimatePoint",
    "ClimateState",
    "CoverPoint",
    "CoverState",
    "Delta",
    "Detailed",
    "DeviceSpec",
    "EventPoint",
    "FanCommand",
    "FanPoint",
    "FanState",
    "LightCommand",
    "LightPoint",
    "LightState",
    "Location",
    "Look",
    "MediaPlayerPoint",
    "MediaState",
    "NumberPoint",
    "Pace",
    "Point",
    "PointKey",
    "ScenePoint",
    "SelectPoint",
    "SensorPoint",
    "SensorValue",
    "SirenPoint",
    "Snapshot",
    "Steer",
    "SwitchPoint",
    "Topology",
    "TrackerPoint",
    "Unavailable",
    "ValvePoint",
    "agrees",
    "changed_keys",
    "clean_attributes",
    "has_moved",
    "is_response",
    "limits",
    "look",
    "merge",
    "name_beside",
    "name_on",
    "needs_nothing",
    "pace_of",
]
