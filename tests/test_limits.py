"""Commands are limited to the device's range before they are sent."""

from typing import Any

from homeassistant.components.climate import ClimateEntityDescription, HVACMode
from homeassistant.components.cover import CoverEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.media_player import MediaPlayerEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.const import UnitOfTemperature
from hypothesis import given, strategies as st
import pytest

from custom_components.junction.model import (
    ClimateCommand,
    ClimatePoint,
    CoverPoint,
    FanCommand,
    FanPoint,
    LightCommand,
    LightPoint,
    MediaPlayerPoint,
    NumberPoint,
    limits,
)


async def nothing(*_args: Any) -> None:
    """Do nothing."""


def number(low: float | None, high: float | None, step: float | None) -> NumberPoint:
    return NumberPoint(
        device="d",
        description=NumberEntityDescription(
            key="n",
            name="n",
            native_min_value=low,
            native_max_value=high,
            native_step=step,
        ),
        set_value=nothing,
    )


def lamp(*modes: ColorMode, **more: Any) -> LightPoint:
    return LightPoint(
        device="d",
        description=LightEntityDescription(key="l", name="l"),
        color_modes=frozenset(modes),
        set=nothing,
        **more,
    )


def fan(speeds: int) -> FanPoint:
    return FanPoint(
        device="d",
        description=FanEntityDescription(key="f", name="f"),
        set=nothing,
        speeds=speeds,
    )


def thermostat(low: float, high: float, step: float) -> ClimatePoint:
    return ClimatePoint(
        device="d",
        description=ClimateEntityDescription(key="c", name="c"),
        modes=(HVACMode.HEAT,),
        set=nothing,
        unit=UnitOfTemperature.CELSIUS,
        min_temperature=low,
        max_temperature=high,
        step=step,
    )


@pytest.mark.parametrize(
    ("limit", "asked", "told"),
    [
        ((0, 10, 0.5), 3.3, 3.5),
        ((0, 10, 0.5), 12, 10),
        ((0, 10, 0.5), -1, 0),
        ((1, 10, 2), 4.2, 5),
        # The last step lies beyond the end, which is still a value.
        ((0, 10, 4), 10, 8),
        ((0, 11, 4), 11, 11),
        ((-1e6, 1e6, 0.01), 21.5, 21.5),
        ((-1e6, 1e6, 0.1), 0.3, 0.3),
        ((None, None, None), 1 / 3, 1 / 3),
    ],
)
def test_number(
    limit: tuple[float | None, float | None, float | None], asked: float, told: float
) -> None:
    assert limits.number(number(*limit), asked) == told


@given(
    low=st.floats(-1000, 1000),
    span=st.floats(0, 1000),
    step=st.floats(0.01, 50),
    asked=st.floats(-5000, 5000),
)
def test_number_stays_within_its_limits(
    low: float, span: float, step: float, asked: float
) -> None:
    point = number(low, low + span, step)
    told = limits.number(point, asked)
    assert low <= told <= low + span
    nearest = min(max(asked, low), low + span)
    assert abs(told - nearest) <= step / 2 + 1e-6


@given(steps=st.integers(1, 255), least=st.integers(1, 255), asked=st.integers(1, 255))
def test_brightness_is_one_that_the_lamp_has(
    steps: int, least: int, asked: int
) -> None:
    point = lamp(ColorMode.BRIGHTNESS, brightness_steps=steps, min_brightness=least)
    told = limits.brightness(point, asked)
    assert least <= told <= 255
    assert limits.brightness(point, told) == told
    if asked >= least + 255 / steps:
        assert abs(told - asked) <= 255 / steps / 2 + 0.5


@pytest.mark.parametrize(
    ("modes", "asked", "told"),
    [
        ({ColorMode.ONOFF}, {"brightness": 9, "kelvin": 3000}, {}),
        ({ColorMode.BRIGHTNESS}, {"hs": (120, 80), "brightness": 9}, {"brightness": 9}),
        ({ColorMode.COLOR_TEMP}, {"kelvin": 6500}, {"kelvin": 4000}),
        ({ColorMode.COLOR_TEMP}, {"kelvin": 1500}, {"kelvin": 2700}),
        ({ColorMode.COLOR_TEMP}, {"hs": (20, 90)}, {"kelvin": 2700}),
        ({ColorMode.COLOR_TEMP}, {"hs": (225, 15)}, {"kelvin": 4000}),
        ({ColorMode.HS}, {"hs": (225, 60)}, {"hs": (225, 60)}),
        (
            {ColorMode.HS, ColorMode.COLOR_TEMP},
            {"kelvin": 6500},
            {"kelvin": 4000},
        ),
    ],
)
def test_light(
    modes: set[ColorMode], asked: dict[str, Any], told: dict[str, Any]
) -> None:
    point = lamp(*modes, min_kelvin=2700, max_kelvin=4000)
    command = limits.light(point, LightCommand(on=True, **asked))
    assert command == LightCommand(on=True, **told)


def test_light_with_colours_only_takes_the_colour_of_a_white() -> None:
    command = limits.light(lamp(ColorMode.HS), LightCommand(on=True, kelvin=2700))
    assert command.kelvin is None
    assert command.hs is not None
    assert 20 < command.hs[0] < 40


@given(hue=st.floats(0, 360), saturation=st.floats(0, 100))
def test_any_colour_has_a_nearest_white(hue: float, saturation: float) -> None:
    point = lamp(ColorMode.COLOR_TEMP, min_kelvin=2700, max_kelvin=4000)
    told = limits.light(point, LightCommand(on=True, hs=(hue, saturation)))
    assert told.kelvin is not None
    assert 2700 <= told.kelvin <= 4000


@pytest.mark.parametrize(
    ("asked", "told"), [(21.3, 21.5), (4, 5), (99, 30), (21.25, 21.0), (None, None)]
)
def test_climate(asked: float | None, told: float | None) -> None:
    command = ClimateCommand(mode=HVACMode.HEAT, target=asked)
    found = limits.climate(thermostat(5, 30, 0.5), command)
    assert found == ClimateCommand(mode=HVACMode.HEAT, target=told)


@given(speeds=st.integers(1, 100), asked=st.integers(1, 150))
def test_fan_speed_is_one_that_the_fan_has(speeds: int, asked: int) -> None:
    point = fan(speeds)
    told = limits.fan(point, FanCommand(on=True, percentage=asked)).percentage
    assert told is not None
    assert 1 <= told <= 100
    again = limits.fan(point, FanCommand(on=True, percentage=told))
    assert again.percentage == told


def test_fan_without_speeds_is_told_none() -> None:
    command = FanCommand(on=True, percentage=30)
    assert limits.fan(fan(0), command) == FanCommand(on=True)
    assert limits.fan(fan(3), FanCommand(on=False)) == FanCommand(on=False)


def test_position_tilt_and_volume() -> None:
    cover = CoverPoint(
        device="d",
        description=CoverEntityDescription(key="c", name="c"),
        position_steps=4,
        tilt_steps=2,
    )
    assert [limits.position(cover, asked) for asked in (0, 12, 40, 99, 100)] == [
        0,
        0,
        50,
        100,
        100,
    ]
    assert [limits.tilt(cover, asked) for asked in (20, 30, 80)] == [0, 50, 100]
    player = MediaPlayerPoint(
        device="d",
        description=MediaPlayerEntityDescription(key="p", name="p"),
        volume_steps=20,
    )
    assert limits.volume(player, 0.33) == pytest.approx(0.35)
