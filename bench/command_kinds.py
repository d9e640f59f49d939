"""Devices of every platform that are told something, for ``bench.commands``."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from homeassistant.components.climate import ClimateEntityDescription, HVACMode
from homeassistant.components.cover import CoverEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.media_player import (
    MediaPlayerEntityDescription,
    MediaPlayerState,
)
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.siren import SirenEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.valve import ValveEntityDescription
from homeassistant.const import UnitOfTemperature

from custom_components.junction.model import (
    ClimatePoint,
    ClimateState,
    CoverPoint,
    CoverState,
    FanPoint,
    FanState,
    LightPoint,
    LightState,
    MediaPlayerPoint,
    MediaState,
    NumberPoint,
    Point,
    SelectPoint,
    SirenPoint,
    SwitchPoint,
    ValvePoint,
)

type Bend = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A platform: how its devices are made, told and read.

    ``asks`` holds what a device is told, by the situation ("" for all others); what a
    platform cannot be asked for is missing. ``bends`` is what it makes of it.
    """

    make: Callable[..., Point[Any]]
    start: object
    shows: Callable[[Any], object]
    asks: Mapping[str, tuple[str, dict[str, Any]]]
    bends: Mapping[str, Bend] = field(default_factory=dict)
    without: Collection[str] = ()


def known[T](kind: type[T], **given: Any) -> T:
    """Make a point or a backend of the fields that this version has."""
    names = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in given.items() if name in names})


def _point[PointT: Point[Any]](
    kind: type[PointT], describe: Callable[..., Any], steering: Mapping[str, Any]
) -> Callable[..., PointT]:
    """Return a maker of points; steering is by name: what a command leads to."""

    def make(device: str, steer: Callable[[Any], Any]) -> PointT:
        more = {
            name: steer(given) if callable(given) else given
            for name, given in steering.items()
        }
        return known(
            kind,
            device=device,
            id=device,
            description=describe(key="x", name=None),
            **more,
        )

    return make


def _numbers(**more: Any) -> NumberEntityDescription:
    return NumberEntityDescription(
        native_min_value=0, native_max_value=10, native_step=0.5, **more
    )


def _selects(**more: Any) -> SelectEntityDescription:
    return SelectEntityDescription(options=["off", "low", "high"], **more)


def _on(on: bool) -> bool:
    return on


KINDS: Final[Mapping[str, Kind]] = {
    "light": Kind(
        make=_point(
            LightPoint,
            LightEntityDescription,
            {
                "color_modes": frozenset({ColorMode.COLOR_TEMP}),
                "set": lambda command: command.expected,
                "min_kelvin": 2700,
                "max_kelvin": 4000,
                "brightness_steps": 20,
                "tolerance": 2,
            },
        ),
        start=LightState(
            on=True, brightness=128, color_mode=ColorMode.COLOR_TEMP, kelvin=3000
        ),
        shows=lambda a: f"{a.get('color_temp_kelvin')} K, {a.get('brightness')}",
        asks={
            "": ("light.turn_on", {"brightness": 51}),
            "clamped": ("light.turn_on", {"color_temp_kelvin": 6500}),
            "rounded": ("light.turn_on", {"brightness": 70}),
            "already so": ("light.turn_on", {"brightness": 128}),
        },
        bends={
            "clamped": lambda s: replace(s, kelvin=min(s.kelvin, 4000)),
            "rounded": lambda s: replace(
                s, brightness=round(round(s.brightness / 12.75) * 12.75)
            ),
            "moved elsewhere": lambda s: replace(s, brightness=200),
        },
    ),
    "climate": Kind(
        make=_point(
            ClimatePoint,
            ClimateEntityDescription,
            {
                "modes": (HVACMode.HEAT, HVACMode.OFF),
                "set": lambda command: command.expected,
                "unit": UnitOfTemperature.CELSIUS,
            },
        ),
        start=ClimateState(mode=HVACMode.HEAT, target=20.0),
        shows=lambda a: f"{a.get('temperature')} °C",
        asks={
            "": ("climate.set_temperature", {"temperature": 22}),
            "clamped": ("climate.set_temperature", {"temperature": 30}),
            "rounded": ("climate.set_temperature", {"temperature": 21.3}),
            "already so": ("climate.set_temperature", {"temperature": 20}),
        },
        bends={
            "clamped": lambda s: replace(s, target=min(s.target, 25.0)),
            "rounded": lambda s: replace(s, target=round(s.target * 2) / 2),
            "moved elsewhere": lambda s: replace(s, target=18.0),
        },
    ),
    "number": Kind(
        make=_point(NumberPoint, _numbers, {"set_value": float}),
        start=2.0,
        shows=lambda a: a["state"],
        asks={
            "": ("number.set_value", {"value": 5}),
            "clamped": ("number.set_value", {"value": 9}),
            "rounded": ("number.set_value", {"value": 3.3}),
            "already so": ("number.set_value", {"value": 2}),
        },
        bends={
            "clamped": lambda s: min(s, 8.0),
            "rounded": lambda s: round(s * 2) / 2,
            "moved elsewhere": lambda s: 1.0,
        },
    ),
    "fan": Kind(
        make=_point(
            FanPoint,
            FanEntityDescription,
            {"set": lambda command: command.expected, "speeds": 4},
        ),
        start=FanState(on=True, percentage=50),
        shows=lambda a: f"{a.get('percentage')} %",
        asks={
            "": ("fan.set_percentage", {"percentage": 75}),
            "clamped": ("fan.set_percentage", {"percentage": 100}),
            "rounded": ("fan.set_percentage", {"percentage": 60}),
            "already so": ("fan.set_percentage", {"percentage": 50}),
        },
        bends={
            "clamped": lambda s: replace(s, percentage=min(s.percentage, 75)),
            "rounded": lambda s: replace(s, percentage=-(-s.percentage // 25) * 25),
            "moved elsewhere": lambda s: replace(s, percentage=25),
        },
    ),
    "media player": Kind(
        make=_point(
            MediaPlayerPoint,
            MediaPlayerEntityDescription,
            {"set_volume": lambda to: MediaState(volume=to), "volume_steps": 20},
        ),
        start=MediaState(state=MediaPlayerState.ON, volume=0.5),
        shows=lambda a: f"{a.get('volume_level'):.2f}",
        asks={
            "": ("media_player.volume_set", {"volume_level": 0.7}),
            "clamped": ("media_player.volume_set", {"volume_level": 1.0}),
            "rounded": ("media_player.volume_set", {"volume_level": 0.33}),
            "already so": ("media_player.volume_set", {"volume_level": 0.5}),
        },
        bends={
            "clamped": lambda s: replace(s, volume=min(s.volume, 0.8)),
            "rounded": lambda s: replace(s, volume=round(s.volume * 20) / 20),
            "moved elsewhere": lambda s: replace(s, volume=0.2),
        },
    ),
    "select": Kind(
        make=_point(SelectPoint, _selects, {"select": str}),
        start="low",
        shows=lambda a: a["state"],
        asks={
            "": ("select.select_option", {"option": "high"}),
            "already so": ("select.select_option", {"option": "low"}),
        },
        bends={"moved elsewhere": lambda _: "off"},
        without=("clamped", "rounded"),
    ),
    "cover": Kind(
        make=_point(
            CoverPoint,
            CoverEntityDescription,
            {
                "open": lambda: CoverState(closed=False, position=100),
                "close": lambda: CoverState(closed=True, position=0),
                "set_position": lambda to: CoverState(closed=to == 0, position=to),
                "position_steps": 10,
                "reacts_within": 3.0,
            },
        ),
        start=CoverState(closed=False, position=50),
        shows=lambda a: f"{a.get('current_position')} %",
        asks={
            "": ("cover.set_cover_position", {"position": 80}),
            "rounded": ("cover.set_cover_position", {"position": 77}),
            "already so": ("cover.set_cover_position", {"position": 50}),
        },
        bends={
            "clamped": lambda s: replace(s, position=70),
            "rounded": lambda s: replace(s, position=round(s.position, -1)),
            "moved elsewhere": lambda s: replace(s, position=20),
        },
    ),
    "valve": Kind(
        make=_point(
            ValvePoint,
            ValveEntityDescription,
            {
                "set_position": lambda to: CoverState(closed=to == 0, position=to),
                "position_steps": 10,
                "reacts_within": 3.0,
            },
        ),
        start=CoverState(closed=False, position=50),
        shows=lambda a: f"{a.get('current_position')} %",
        asks={
            "": ("valve.set_valve_position", {"position": 80}),
            "rounded": ("valve.set_valve_position", {"position": 77}),
            "already so": ("valve.set_valve_position", {"position": 50}),
        },
        bends={
            "clamped": lambda s: replace(s, position=70),
            "rounded": lambda s: replace(s, position=round(s.position, -1)),
            "moved elsewhere": lambda s: replace(s, position=20),
        },
    ),
    "switch": Kind(
        make=_point(SwitchPoint, SwitchEntityDescription, {"set_on": _on}),
        start=False,
        shows=lambda a: a["state"],
        asks={
            "already so": ("switch.turn_off", {}),
            "ignored": ("switch.turn_on", {}),
            "refused": ("switch.turn_on", {}),
            "late": ("switch.turn_on", {}),
        },
    ),
    "siren": Kind(
        make=_point(SirenPoint, SirenEntityDescription, {"set_on": _on}),
        start=False,
        shows=lambda a: a["state"],
        asks={
            "already so": ("siren.turn_off", {}),
            "ignored": ("siren.turn_on", {}),
            "refused": ("siren.turn_on", {}),
            "late": ("siren.turn_on", {}),
        },
    ),
}
