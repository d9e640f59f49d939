"""A backend with a point of every kind, for the tests of everything above backends.

`House` is the far side: what it has, what it shows, how it misbehaves and what it was
asked. `FakeBackend` is its adapter. A house outlives the config entry that looks at it,
as a real one does: `HOUSES` finds it by the entry's unique id.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.climate import (
    ClimateEntityDescription,
    HVACAction,
    HVACMode,
)
from homeassistant.components.cover import CoverEntityDescription
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.media_player import (
    MediaPlayerEntityDescription,
    MediaPlayerState,
)
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.components.siren import SirenEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.valve import ValveEntityDescription
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform, UnitOfEnergy, UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC
from homeassistant.helpers.entity import EntityDescription
from homeassistant.util.json import JsonObjectType
import probatio as vol

from custom_components.junction.backends.base import Action, BackendInfo, Issue, Sink
from custom_components.junction.errors import BackendError, ProtocolError
from custom_components.junction.model import (
    BinarySensorPoint,
    ButtonPoint,
    ClimateCommand,
    ClimatePoint,
    ClimateState,
    CoverPoint,
    CoverState,
    Delta,
    Detailed,
    DeviceSpec,
    EventPoint,
    FanCommand,
    FanPoint,
    FanState,
    LightCommand,
    LightPoint,
    LightState,
    Location,
    MediaPlayerPoint,
    MediaState,
    NumberPoint,
    Point,
    PointKey,
    ScenePoint,
    SelectPoint,
    SensorPoint,
    SirenPoint,
    Snapshot,
    SwitchPoint,
    Topology,
    TrackerPoint,
    ValvePoint,
    merge,
)

ROOM: Final = "room"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
# What can go wrong with a request, by what it asks for.
type Request = str  # "connect", "fetch", "read", "command", "action" or "resolve"


class House:
    """The far side of the backend, and what was asked of it."""

    def __init__(self) -> None:
        self.devices: dict[str, DeviceSpec] = {}
        self.points: dict[PointKey, Point[Any]] = {}
        self.states: dict[PointKey, object] = {}
        self.offline: set[str] = set()
        self.complete = True
        self.sink: Sink | None = None
        # How it misbehaves.
        self.errors: dict[Request, BackendError] = {}
        self.refuses: dict[PointKey, BackendError] = {}
        self.ignores: set[PointKey] = set()
        self.pushes = False
        self.gates: dict[Request, asyncio.Event] = {}
        # What it was asked.
        self.calls: Counter[Request] = Counter()
        self.reads: list[set[PointKey]] = []
        self.told: list[tuple[PointKey, Any]] = []
        self.at_once: Counter[Request] = Counter()
        self.most_at_once: Counter[Request] = Counter()
        self.chosen: list[tuple[dict[str, str], str]] = []
        self._topology: Topology | None = None

    @property
    def topology(self) -> Topology:
        if self._topology is None:
            self._topology = Topology(
                devices=tuple(self.devices.values()),
                points=tuple(self.points.values()),
                complete=self.complete,
            )
        return self._topology

    def add(self, *things: DeviceSpec | tuple[Point[Any], object]) -> None:
        """Take in devices, and points with their states."""
        for thing in things:
            if isinstance(thing, DeviceSpec):
                self.devices[thing.id] = thing
            else:
                point, state = thing
                self.points[point.key] = point
                if state is not None:
                    self.states[point.key] = state
        self._topology = None

    def remove(self, *keys: PointKey | str) -> None:
        """Lose points, or devices with all of theirs."""
        for key in keys:
            if isinstance(key, str):
                del self.devices[key]
                self.remove(*[point for point in self.points if point[0] == key])
            else:
                del self.points[key]
                self.states.pop(key, None)
        self._topology = None

    def remake(self, key: PointKey, **changes: Any) -> None:
        """Make a point anew, with other properties."""
        self.points[key] = replace(self.points[key], **changes)
        self._topology = None

    def listing(self, *, complete: bool) -> None:
        """Set whether the next topology claims to be all there is."""
        self.complete = complete
        self._topology = None

    async def asked(self, request: Request) -> None:
        """Count a request, and let it be slow or fail as told."""
        self.calls[request] += 1
        self.at_once[request] += 1
        self.most_at_once |= self.at_once
        try:
            if gate := self.gates.get(request):
                await gate.wait()
            await asyncio.sleep(0)
        finally:
            self.at_once[request] -= 1
        if error := self.errors.get(request):
            raise error

    async def tell(self, key: PointKey, what: Any, becomes: object = None) -> None:
        """Carry out a command, which may make a point another state."""
        self.told.append((key, what))
        await self.asked("command")
        if error := self.refuses.get(key):
            raise error
        if becomes is not None and key not in self.ignores:
            self.states[key] = merge(self.states.get(key), becomes)
            if self.pushes:
                self.push(key)

    def push(self, *keys: PointKey, **delta: Any) -> None:
        """Tell what some points show now."""
        assert self.sink is not None
        self.sink.push(Delta(states={key: self.states[key] for key in keys}, **delta))

    def change(self, key: PointKey, state: object) -> None:
        """Let a point change by itself, and tell so."""
        self.states[key] = state
        self.push(key)

    def steer(
        self, key: PointKey, becomes: Callable[..., object] | None = None
    ) -> Callable[..., Awaitable[None]]:
        """Return a command for a point; `becomes` makes its new state of what was said."""

        async def command(*args: Any) -> None:
            what = args[0] if args else None
            await self.tell(key, what, becomes(*args) if becomes else None)

        return command


HOUSES: dict[str | None, House] = {}


class FakeBackend:
    """The adapter of a house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.closed = 0

    async def connect(self) -> None:
        await self.house.asked("connect")

    async def fetch(self) -> Snapshot:
        states = dict(self.house.states)
        await self.house.asked("fetch")
        return Snapshot(
            topology=self.house.topology,
            states=states,
            offline=frozenset(self.house.offline),
        )

    async def read(self, keys: Collection[PointKey]) -> Delta:
        self.house.reads.append(set(keys))
        await self.house.asked("read")
        states = self.house.states
        return Delta(states={key: states[key] for key in keys if key in states})

    def subscribe(self, sink: Sink) -> None:
        self.house.calls["subscribe"] += 1
        self.house.sink = sink

    async def close(self) -> None:
        self.house.calls["close"] += 1
        self.house.sink = None

    def diagnostics(self) -> Mapping[str, Any]:
        return {"requests": dict(self.house.calls)}


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> FakeBackend:
    return FakeBackend(HOUSES[entry.unique_id])


async def _echo(
    backend: FakeBackend, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    await backend.house.asked("action")
    return {"echo": fields["text"]} if fields["text"] else None


async def _resolve(
    hass: HomeAssistant, entry: ConfigEntry[Any], data: Mapping[str, str], choice: str
) -> None:
    house = HOUSES[entry.unique_id]
    await house.asked("resolve")
    house.chosen.append((dict(data), choice))


def _issue(error: BackendError) -> Issue | None:
    return HINT if isinstance(error, ProtocolError) else None


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    HOUSES[entry.unique_id].calls["remove"] += 1


HINT = Issue(id="clock", key="fake_clock", placeholders={"off": "2 h"})
ISSUE = Issue(
    id="replaced",
    key="fake_replaced",
    placeholders={"serial": "4711"},
    choices=("keep", "fresh"),
    data={"old": "a", "new": "b"},
)

INFO = BackendInfo(
    name="fake",
    title="Fake",
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.CLIMATE,
        Platform.COVER,
        Platform.DEVICE_TRACKER,
        Platform.EVENT,
        Platform.FAN,
        Platform.LIGHT,
        Platform.MEDIA_PLAYER,
        Platform.NUMBER,
        Platform.SCENE,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SIREN,
        Platform.SWITCH,
        Platform.VALVE,
    ),
    create=_create,
    poll_interval=lambda entry: entry.options.get("interval", 30.0),
    confirm_after=(0.01, 0.01, 0.02),
    actions=(
        Action(name="echo", schema={vol.Required("text"): str}, handler=_echo),
        Action(
            name="hush",
            schema={vol.Optional("text", default=""): str},
            handler=_echo,
            response=False,
        ),
    ),
    issue=_issue,
    resolve=_resolve,
    remove=_remove,
)


def switch(
    house: House, device: str, name: str, *, timed: bool = False
) -> tuple[SwitchPoint, bool]:
    """Return a switch that is off."""
    key = (device, name.lower())
    return (
        SwitchPoint(
            device=device,
            name=name,
            description=SwitchEntityDescription(key=key[1]),
            set_on=house.steer(key, bool),
            turn_on_for=house.steer(key, bool) if timed else None,
        ),
        False,
    )


def light(
    house: House,
    device: str,
    name: str,
    *modes: ColorMode,
    state: LightState | None = None,
    timed: bool = False,
    **more: Any,
) -> tuple[LightPoint, LightState]:
    """Return a light, off unless a state is given."""
    key = (device, name.lower())

    def become(command: LightCommand) -> LightState:
        brightness = command.brightness
        if brightness is not None:
            # As devices do that know percent only.
            brightness = max(1, round(round(brightness / 2.55) * 2.55))
        return replace(command.expected, brightness=brightness)

    return (
        LightPoint(
            device=device,
            name=name,
            description=LightEntityDescription(key=key[1]),
            color_modes=frozenset(modes),
            set=house.steer(key, become),
            turn_on_for=(
                house.steer(key, lambda _: LightState(on=True)) if timed else None
            ),
            **more,
        ),
        state or LightState(on=False),
    )


def full_house() -> House:
    """Return a house with a point of every kind."""
    house = House()

    def steer(
        name: str, becomes: Callable[..., object] | None = None
    ) -> Callable[..., Awaitable[None]]:
        return house.steer((ROOM, name), becomes)

    house.add(
        DeviceSpec(
            id="hub",
            name="Hub",
            manufacturer="Fake",
            model="Bridge",
            model_id="B1",
            serial_number="4711",
            sw_version="1.2.3",
            suggested_area="Attic",
            hw_version="rev A",
            configuration_url="http://127.0.0.1:8080",
            connections=frozenset({(CONNECTION_NETWORK_MAC, "02:00:00:00:00:01")}),
        ),
        # Before its parent on purpose.
        DeviceSpec(id="sensor", name="Outside", via=ROOM),
        DeviceSpec(id=ROOM, name="Room", via="hub"),
    )
    house.add(
        (
            SensorPoint(
                device=ROOM,
                name="Temperature",
                description=SensorEntityDescription(
                    key="temperature",
                    device_class=SensorDeviceClass.TEMPERATURE,
                    native_unit_of_measurement=UnitOfTemperature.CELSIUS,
                    state_class=SensorStateClass.MEASUREMENT,
                ),
            ),
            20.5,
        ),
        (
            SensorPoint(
                device=ROOM,
                name="Today",
                description=SensorEntityDescription(
                    key="today",
                    device_class=SensorDeviceClass.ENERGY,
                    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
                    state_class=SensorStateClass.TOTAL,
                ),
            ),
            Detailed(1.5, {"tariff": "low"}, START),
        ),
        (
            SensorPoint(
                device="sensor",
                name="Counter",
                description=SensorEntityDescription(
                    key="counter",
                    device_class=SensorDeviceClass.ENERGY,
                    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
                    state_class=SensorStateClass.TOTAL_INCREASING,
                ),
                restore=timedelta(hours=1),
            ),
            12.0,
        ),
        (
            SensorPoint(
                device=ROOM,
                name="Phase",
                description=SensorEntityDescription(
                    key="phase",
                    device_class=SensorDeviceClass.ENUM,
                    options=["idle", "busy"],
                ),
            ),
            "idle",
        ),
        (
            SensorPoint(
                device=ROOM,
                name="Seen",
                description=SensorEntityDescription(
                    key="seen", device_class=SensorDeviceClass.TIMESTAMP
                ),
            ),
            START,
        ),
        (
            BinarySensorPoint(
                device=ROOM,
                name="Motion",
                description=BinarySensorEntityDescription(
                    key="motion", device_class=BinarySensorDeviceClass.MOTION
                ),
            ),
            False,
        ),
        (
            EventPoint(
                device=ROOM,
                name="Bell",
                description=EventEntityDescription(
                    key="bell", event_types=["short", "long"]
                ),
            ),
            None,
        ),
        (
            TrackerPoint(
                device=ROOM,
                name="Car",
                description=TrackerEntityDescription(key="car"),
            ),
            Location(52.1, 5.1, 30.0),
        ),
        switch(house, ROOM, "Relay", timed=True),
        switch(house, ROOM, "Plain"),
        (
            SirenPoint(
                device=ROOM,
                name="Horn",
                description=SirenEntityDescription(key="horn"),
                set_on=steer("horn", bool),
            ),
            False,
        ),
        (
            NumberPoint(
                device=ROOM,
                name="Level",
                description=NumberEntityDescription(
                    key="level",
                    native_min_value=0,
                    native_max_value=10,
                    native_step=0.5,
                ),
                set_value=steer("level", float),
                tolerance=0.25,
            ),
            0.0,
        ),
        (
            SelectPoint(
                device=ROOM,
                name="Program",
                description=SelectEntityDescription(
                    key="program", options=["day", "night"]
                ),
                select=steer("program", str),
            ),
            "day",
        ),
        (
            ButtonPoint(
                device=ROOM,
                name="Restart",
                description=ButtonEntityDescription(key="restart"),
                press=steer("restart"),
            ),
            None,
        ),
        (
            ScenePoint(
                device=ROOM,
                name="Evening",
                description=EntityDescription(key="evening"),
                activate=steer("evening"),
            ),
            None,
        ),
        light(house, ROOM, "Bulb", ColorMode.ONOFF, timed=True),
        light(
            house,
            ROOM,
            "Dimmer",
            ColorMode.BRIGHTNESS,
            state=LightState(on=True, brightness=100),
            tolerance=2.0,
        ),
        light(
            house,
            ROOM,
            "Strip",
            ColorMode.HS,
            ColorMode.COLOR_TEMP,
            state=LightState(on=True, brightness=200, kelvin=3000),
            transition=True,
            min_kelvin=2200,
            max_kelvin=5000,
            tolerance=2.0,
        ),
        (
            CoverPoint(
                device=ROOM,
                name="Blind",
                description=CoverEntityDescription(key="blind"),
                open=steer("blind", lambda: CoverState(opening=True)),
                close=steer("blind", lambda: CoverState(closing=True)),
                stop=steer("blind", lambda: CoverState(opening=False, closing=False)),
                set_position=steer(
                    "blind", lambda to: CoverState(position=to, closed=to == 0)
                ),
                set_tilt=steer("blind", lambda to: CoverState(tilt=to)),
            ),
            CoverState(closed=False, position=40, tilt=10),
        ),
        (
            CoverPoint(
                device=ROOM,
                name="Awning",
                description=CoverEntityDescription(key="awning"),
                open=steer("awning", lambda: CoverState(closed=False)),
                close=steer("awning", lambda: CoverState(closed=True)),
                assumed=True,
            ),
            CoverState(closed=True),
        ),
        (
            ValvePoint(
                device=ROOM,
                name="Mixer",
                description=ValveEntityDescription(key="mixer"),
                set_position=steer("mixer", lambda to: CoverState(position=to)),
            ),
            CoverState(position=25),
        ),
        (
            ValvePoint(
                device=ROOM,
                name="Tap",
                description=ValveEntityDescription(key="tap"),
                open=steer("tap", lambda: CoverState(closed=False)),
                close=steer("tap", lambda: CoverState(closed=True)),
                stop=steer("tap"),
            ),
            CoverState(closed=True),
        ),
        (
            FanPoint(
                device=ROOM,
                name="Fan",
                description=FanEntityDescription(key="fan"),
                set=steer("fan", _fan),
                speeds=4,
                presets=("auto", "boost"),
            ),
            FanState(on=True, percentage=50),
        ),
        (
            FanPoint(
                device=ROOM,
                name="Vent",
                description=FanEntityDescription(key="vent"),
                set=steer("vent", _fan),
            ),
            FanState(on=False),
        ),
        (
            ClimatePoint(
                device=ROOM,
                name="Heating",
                description=ClimateEntityDescription(key="heating"),
                modes=(HVACMode.OFF, HVACMode.HEAT, HVACMode.COOL),
                set=steer("heating", _climate),
                unit=UnitOfTemperature.CELSIUS,
                presets=("home", "away"),
                fan_modes=("low", "high"),
            ),
            ClimateState(
                mode=HVACMode.HEAT,
                action=HVACAction.IDLE,
                current=19.5,
                humidity=44.0,
                target=20.0,
                preset="home",
                fan_mode="low",
            ),
        ),
        (
            ClimatePoint(
                device=ROOM,
                name="Cellar",
                description=ClimateEntityDescription(key="cellar"),
                modes=(HVACMode.AUTO,),
                set=None,
                unit=UnitOfTemperature.CELSIUS,
            ),
            ClimateState(mode=HVACMode.AUTO, current=12.0),
        ),
        (
            MediaPlayerPoint(
                device=ROOM,
                name="Speaker",
                description=MediaPlayerEntityDescription(key="speaker"),
                set_volume=steer("speaker", lambda to: MediaState(volume=to)),
                set_muted=steer("speaker", lambda to: MediaState(muted=to)),
            ),
            MediaState(state=MediaPlayerState.PLAYING, volume=0.5, muted=False),
        ),
    )
    return house


def _fan(command: FanCommand) -> FanState:
    return command.expected


def _climate(command: ClimateCommand) -> ClimateState:
    return command.expected
