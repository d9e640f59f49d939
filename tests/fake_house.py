"""A house with a point of every kind."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

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
from homeassistant.const import UnitOfEnergy, UnitOfTemperature
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC
from homeassistant.helpers.entity import EntityDescription

from custom_components.junction.model import (
    BinarySensorPoint,
    ButtonPoint,
    ClimateCommand,
    ClimatePoint,
    ClimateState,
    CoverPoint,
    CoverState,
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
    ScenePoint,
    SelectPoint,
    SensorPoint,
    SirenPoint,
    SwitchPoint,
    TrackerPoint,
    ValvePoint,
)

from .fake_backend import ROOM, START, House


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
            set_on=house.control(key, bool),
            turn_on_for=house.control(key, bool) if timed else None,
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
            set=house.control(key, become),
            turn_on_for=(
                house.control(key, lambda _: LightState(on=True)) if timed else None
            ),
            **more,
        ),
        state or LightState(on=False),
    )


def full_house() -> House:
    """Return a house with a point of every kind."""
    house = House()

    def control(
        name: str, becomes: Callable[..., object] | None = None
    ) -> Callable[..., Awaitable[None]]:
        return house.control((ROOM, name), becomes)

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
                set_on=control("horn", bool),
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
                set_value=control("level", float),
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
                select=control("program", str),
            ),
            "day",
        ),
        (
            ButtonPoint(
                device=ROOM,
                name="Restart",
                description=ButtonEntityDescription(key="restart"),
                press=control("restart"),
            ),
            None,
        ),
        (
            ScenePoint(
                device=ROOM,
                name="Evening",
                description=EntityDescription(key="evening"),
                activate=control("evening"),
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
                open=control("blind", lambda: CoverState(opening=True)),
                close=control("blind", lambda: CoverState(closing=True)),
                stop=control("blind", lambda: CoverState(opening=False, closing=False)),
                set_position=control(
                    "blind", lambda to: CoverState(position=to, closed=to == 0)
                ),
                set_tilt=control("blind", lambda to: CoverState(tilt=to)),
                reacts_within=0.05,
            ),
            CoverState(closed=False, position=40, tilt=10),
        ),
        (
            CoverPoint(
                device=ROOM,
                name="Awning",
                description=CoverEntityDescription(key="awning"),
                open=control("awning", lambda: CoverState(closed=False)),
                close=control("awning", lambda: CoverState(closed=True)),
                assumed=True,
            ),
            CoverState(closed=True),
        ),
        (
            ValvePoint(
                device=ROOM,
                name="Mixer",
                description=ValveEntityDescription(key="mixer"),
                set_position=control("mixer", lambda to: CoverState(position=to)),
                arrives_within=0.02,
            ),
            CoverState(position=25),
        ),
        (
            ValvePoint(
                device=ROOM,
                name="Tap",
                description=ValveEntityDescription(key="tap"),
                open=control("tap", lambda: CoverState(closed=False)),
                close=control("tap", lambda: CoverState(closed=True)),
                stop=control("tap"),
                turn_on_for=control("tap", lambda _: CoverState(closed=False)),
            ),
            CoverState(closed=True),
        ),
        (
            FanPoint(
                device=ROOM,
                name="Fan",
                description=FanEntityDescription(key="fan"),
                set=control("fan", _fan),
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
                set=control("vent", _fan),
                turn_on_for=control("vent", lambda _: FanState(on=True)),
            ),
            FanState(on=False),
        ),
        (
            ClimatePoint(
                device=ROOM,
                name="Heating",
                description=ClimateEntityDescription(key="heating"),
                modes=(HVACMode.OFF, HVACMode.HEAT, HVACMode.COOL),
                set=control("heating", _climate),
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
                set_volume=control("speaker", lambda to: MediaState(volume=to)),
                set_muted=control("speaker", lambda to: MediaState(muted=to)),
            ),
            MediaState(state=MediaPlayerState.PLAYING, volume=0.5, muted=False),
        ),
    )
    return house


def _fan(command: FanCommand) -> FanState:
    return command.expected


def _climate(command: ClimateCommand) -> ClimateState:
    return command.expected
