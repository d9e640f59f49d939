"""What comes of a command to a device that clamps, rounds, ignores, refuses or is late.

    python -m bench.commands

One Home Assistant with a house in which each platform has a device of each kind. They
are told by push what they do, as OpenMotics tells it, and are as patient. Prints a table
in Markdown: what the entity shows in the end, after how many seconds the action ended,
and with which error, if with one. Also runs on versions of Junction that knew less of
what devices do: fields of points that they do not have are left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
import logging
import sys
from tempfile import TemporaryDirectory
import time
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

from homeassistant import loader
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
from homeassistant.const import Platform, UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.junction import backends
from custom_components.junction.backends.base import BackendInfo, Sink
from custom_components.junction.errors import RejectedError
from custom_components.junction.model import (
    ClimatePoint,
    ClimateState,
    CoverPoint,
    CoverState,
    Delta,
    DeviceSpec,
    FanPoint,
    FanState,
    LightPoint,
    LightState,
    MediaPlayerPoint,
    MediaState,
    NumberPoint,
    Point,
    PointKey,
    SelectPoint,
    SirenPoint,
    Snapshot,
    SwitchPoint,
    Topology,
    ValvePoint,
    merge,
)

SITUATIONS: Final = (
    "clamped",
    "rounded",
    "already so",
    "ignored",
    "refused",
    "late",
    "moved elsewhere",
)
LATE: Final = 1.5
"""Seconds that a late device takes; a travel of a cover takes as long."""

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


class House:
    """The far side: each device does what its situation says, and tells it."""

    def __init__(self) -> None:
        """Make a device of every kind in every situation."""
        self.states: dict[PointKey, Any] = {}
        self.points: list[Point[Any]] = []
        self.sink: Sink | None = None
        for name, kind in KINDS.items():
            for situation in SITUATIONS:
                if situation not in kind.asks and (
                    "" not in kind.asks or situation in kind.without
                ):
                    continue
                device = f"{name}/{situation}"
                point = kind.make(device, self._steer(device, kind, situation))
                self.points.append(point)
                self.states[point.key] = kind.start
        self.topology = Topology(
            devices=tuple(
                DeviceSpec(
                    id=point.device, name="Kitchen " + point.device.split("/")[0]
                )
                for point in self.points
            ),
            points=tuple(self.points),
        )

    def _steer(
        self, device: str, kind: Kind, situation: str
    ) -> Callable[[Callable[..., Any]], Callable[..., Awaitable[None]]]:
        """Return what makes a command of what it should lead to."""

        def steer(becomes: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
            async def send(*args: Any) -> None:
                await asyncio.sleep(0.02)
                if situation == "refused":
                    raise RejectedError("the device is locked")
                if situation == "ignored":
                    return
                bend = kind.bends.get(situation, lambda state: state)
                state = bend(becomes(*args))
                moving = isinstance(state, CoverState)
                wait = LATE if situation == "late" else LATE if moving else 0.05
                loop = asyncio.get_running_loop()
                if moving and situation != "already so":
                    loop.call_later(0.1, self._become, device, CoverState(opening=True))
                    state = replace(state, opening=False)
                loop.call_later(wait, self._become, device, state)

            return send

        return steer

    def _become(self, device: str, state: object) -> None:
        key = (device, device)
        new = merge(self.states[key], state)
        # A device tells of what changes.
        if self.sink is not None and new != self.states[key]:
            self.states[key] = new
            self.sink.push(Delta(states={key: new}))


class Backend:
    """The adapter of the house."""

    def __init__(self, house: House) -> None:
        """Take the house."""
        self._house = house

    async def connect(self) -> None:
        """Do nothing."""

    async def fetch(self) -> Snapshot:
        """Return everything."""
        return Snapshot(topology=self._house.topology, states=dict(self._house.states))

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return the states of some points."""
        await asyncio.sleep(0.02)
        return Delta(states={key: self._house.states[key] for key in keys})

    def subscribe(self, sink: Sink) -> None:
        """Push from now on."""
        self._house.sink = sink

    async def close(self) -> None:
        """Push no longer."""
        self._house.sink = None

    def diagnostics(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}


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


async def _run() -> dict[tuple[str, str], str]:
    logging.disable(logging.WARNING)
    house = House()
    module = ModuleType("bench_house")
    info = known(
        BackendInfo,
        name="bench",
        title="Bench",
        platforms=tuple(Platform(name.replace(" ", "_")) for name in KINDS),
        create=lambda hass, entry: Backend(house),
        poll_interval=lambda entry: None,
        confirm_after=(2.0, 2.0, 4.0),
        live=lambda backend, key: True,
    )
    vars(module)["INFO"] = info
    sys.modules[module.__name__] = module
    with (
        TemporaryDirectory() as folder,
        patch.dict(backends.BACKENDS, {"bench": module.__name__}),
    ):
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            entry: MockConfigEntry = MockConfigEntry(
                domain="junction", unique_id="bench:1", data={"backend": "bench"}
            )
            entry.add_to_hass(hass)
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            found = await asyncio.gather(
                *(_tell(hass, point) for point in house.points)
            )
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)
    return dict(found)


async def _tell(hass: HomeAssistant, point: Point[Any]) -> tuple[tuple[str, str], str]:
    """Tell a device something; return what comes of it."""
    name, situation = point.device.split("/")
    kind = KINDS[name]
    action, data = kind.asks.get(situation) or kind.asks[""]
    domain, service = action.split(".")
    entity = er.async_get(hass).async_get_entity_id(
        point.platform, "junction", f"bench:1/{point.device}/{point.device}"
    )
    assert entity is not None
    begin = time.monotonic()
    problem = ""
    try:
        await hass.services.async_call(
            domain, service, {**data, "entity_id": entity}, blocking=True
        )
    except HomeAssistantError as err:
        problem = f", “{err}”"
    took = time.monotonic() - begin
    # What moves arrives by then.
    await asyncio.sleep(2 * LATE)
    state = hass.states.get(entity)
    assert state is not None
    shown = kind.shows({**state.attributes, "state": state.state})
    return (name, situation), f"{shown}, {took:.1f} s{problem}"


def main() -> None:
    """Print the table."""
    found = asyncio.run(_run())
    print(f"| | {' | '.join(SITUATIONS)} |")
    print("|---" * (len(SITUATIONS) + 1) + "|")
    for name in KINDS:
        cells = [found.get((name, situation), "–") for situation in SITUATIONS]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
