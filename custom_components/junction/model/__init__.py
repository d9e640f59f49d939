"""Point model: devices, points, and states, in the words of Home Assistant.

A *device* is a thing with a place in the house, a *point* is one thing on it that a
person can see or steer. A point carries Home Assistant's own ``EntityDescription`` and
the coroutines that steer it; its *state* travels separately in a ``Snapshot`` (the full
truth) or a ``Delta`` (what changed). States and commands use Home Assistant's units and
ranges: brightness 1-255, hue in degrees 0-360, saturation and percentages 0-100, colour
temperature in kelvin, positions 0-100 with 100 = open. Adapters convert, entities never
calculate.

The value of a state says three things apart: ``UNAVAILABLE`` (not fetched, or the part
of the device does not answer), ``None`` (fetched, but without a value) and everything
else (a value; 0 is one).

All texts that go in are storable afterwards, whatever a server called its things.
"""

from . import limits
from .compare import agrees, has_moved, merge, needs_nothing, obeys
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
    "limits",
    "look",
    "merge",
    "name_beside",
    "name_on",
    "needs_nothing",
    "obeys",
    "pace_of",
]
