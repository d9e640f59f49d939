"""Conversions of light values to the hub and back, without loss."""

from math import pi, radians
from typing import Any

from homeassistant.components.light.const import ColorMode
import pytest

from custom_components.junction.backends.cozify.client import lights
from custom_components.junction.backends.cozify.client.models import Device
from custom_components.junction.backends.cozify.entities.lights import Lamp
from custom_components.junction.model import LightCommand, LightState

COLOURED = "ON_OFF CONTROL_LIGHT BRIGHTNESS COLOR_HS COLOR_TEMP TRANSITION"


def lamp(capabilities: str = COLOURED, **state: Any) -> Device:
    """Return a light in the JSON of the hub."""
    return Device.parse(
        "1",
        {
            "type": "LIGHT",
            "capabilities": {"type": "SET", "values": capabilities.split()},
            "state": {
                "type": "STATE_LIGHT",
                "isOn": True,
                "brightness": 0.5,
                "colorMode": "hs",
                "hue": 0,
                "saturation": 0,
                "temperature": -1,
                "minTemperature": 2202.643171806167,
                "maxTemperature": 4000.0,
                **state,
            },
        },
    )


def read(device: Device) -> LightState:
    return Lamp(None, device).read(device)  # type: ignore[arg-type]  # sends nothing


def fields(command: LightCommand, device: Device | None = None) -> dict[str, Any]:
    return Lamp(None, device or lamp()).fields(command)  # type: ignore[arg-type]  # likewise


def test_every_brightness_survives_the_round_trip() -> None:
    for level in range(1, 256):
        told = lights.hub_brightness(level)
        assert told == round(told, 4)
        assert lights.brightness(told) == level
        # Also when the hub rounds once more.
        assert read(lamp(brightness=round(told, 4))).brightness == level


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (0.1529, 39),
        (0.5, 128),
        (0.0, 1),
        (1.0, 255),
        (1.2, 255),
        (-1, None),
        (None, None),
    ],
)
def test_brightness_read(said: float | None, shown: int | None) -> None:
    assert read(lamp(brightness=said)).brightness == shown


def test_brightness_of_a_lamp_that_is_off() -> None:
    assert read(lamp(isOn=False, brightness=0)).brightness is None
    assert read(lamp(isOn=False, brightness=0.4667)).brightness == 119


def test_every_colour_survives_the_round_trip() -> None:
    for tenths in range(0, 3600, 3):
        for saturation in (0, 0.5, 1, 33.333, 50, 99.9, 100):
            hue = tenths / 10
            told = fields(LightCommand(on=True, hs=(hue, saturation)))
            assert told["colorMode"] == "hs"
            assert 0 <= told["hue"] < 2 * pi
            assert 0 <= told["saturation"] <= 1
            state = read(lamp(**told))
            assert state.hs == pytest.approx((hue, saturation), abs=5e-4)
            assert state.color_mode is ColorMode.HS
            assert state.kelvin is None


def test_hue_of_a_full_circle_is_none() -> None:
    assert fields(LightCommand(on=True, hs=(360.0, 100.0)))["hue"] == 0
    assert lights.colour({"hue": 2 * pi, "saturation": 1}) == (0, 100)


def test_colour_of_the_real_lamp() -> None:
    assert lights.colour({"hue": 0.5061454830783556, "saturation": 1}) == (29.0, 100.0)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (2202.643171806167, 4000.0, (2203, 4000)),
        (1501.5015015015015, 6622.516556291391, (1502, 6622)),
        (None, None, (2000, 6500)),
        (4000, 4000, (2000, 6500)),
        (5000, 3000, (2000, 6500)),
        (-1, 4000, (2000, 4000)),
        ("x", True, (2000, 6500)),
    ],
)
def test_limits(low: Any, high: Any, shown: tuple[int, int]) -> None:
    limits = lights.Limits.of({"minTemperature": low, "maxTemperature": high})
    assert (limits.min_kelvin, limits.max_kelvin) == shown


@pytest.mark.parametrize(
    ("low", "high"),
    [(2202.643171806167, 4000.0), (1501.5015015015015, 6622.516556291391)],
)
def test_every_colour_temperature_survives_the_round_trip(
    low: float, high: float
) -> None:
    device = lamp(minTemperature=low, maxTemperature=high)
    limits = lights.Limits.of(device.state)
    for kelvin in range(limits.min_kelvin, limits.max_kelvin + 1):
        told = fields(LightCommand(on=True, kelvin=kelvin), device)
        assert told == {"colorMode": "ct", "temperature": pytest.approx(kelvin)}
        assert low <= told["temperature"] <= high
        state = read(lamp(hue=-1, saturation=-1, **told))
        assert (state.kelvin, state.color_mode, state.hs) == (
            kelvin,
            ColorMode.COLOR_TEMP,
            None,
        )


def test_colour_temperature_is_lifted_into_the_real_limits() -> None:
    limits = lights.Limits(2203.4, 4000.2)
    assert limits.clamp(2203) == 2203.4
    assert limits.clamp(9000) == 4000.2
    assert lights.hub_kelvin(2203, limits) == {"colorMode": "ct", "temperature": 2203.4}


def test_echo_by_way_of_mireds_confirms() -> None:
    """The hub keeps whole mireds, so 2700 K comes back as 2703 K."""
    state = read(lamp(colorMode="ct", hue=-1, saturation=-1, temperature=1e6 / 370))
    assert state.kelvin == 2703


def test_what_is_not_active_is_never_shown() -> None:
    state = read(lamp(colorMode="hs", hue=1.0, saturation=1.0, temperature=-1))
    assert (state.kelvin, state.hs) == (None, (pytest.approx(57.296), 100))
    state = read(lamp(colorMode="ct", hue=-1, saturation=-1, temperature=3000))
    assert (state.kelvin, state.hs) == (3000, None)
    state = read(lamp(colorMode="ct", hue=-1, saturation=-1, temperature=-1))
    assert (state.kelvin, state.hs) == (None, None)


def test_mode_without_being_told() -> None:
    only_temperature = lamp("ON_OFF BRIGHTNESS COLOR_TEMP", colorMode=None)
    assert read(only_temperature).color_mode is ColorMode.COLOR_TEMP
    by_hue = lamp(colorMode=None, hue=1, saturation=1)
    assert read(by_hue).color_mode is ColorMode.HS
    by_temperature = lamp(colorMode="?", hue=-1, saturation=-1, temperature=3000)
    assert read(by_temperature).color_mode is ColorMode.COLOR_TEMP
    unknown = lamp(colorMode=None, hue=-1, saturation=-1, temperature=-1)
    keeper = Lamp(None, unknown)  # type: ignore[arg-type]  # sends nothing
    keeper.read(by_temperature)
    # The last color mode.
    assert keeper.read(unknown).color_mode is ColorMode.COLOR_TEMP


@pytest.mark.parametrize(
    ("capabilities", "mode"),
    [
        ("ON_OFF CONTROL_LIGHT", ColorMode.ONOFF),
        ("ON_OFF BRIGHTNESS", ColorMode.BRIGHTNESS),
    ],
)
def test_simple_lamps(capabilities: str, mode: ColorMode) -> None:
    device = lamp(capabilities)
    assert read(device).color_mode is mode
    assert (read(device).brightness is None) is (mode is ColorMode.ONOFF)


@pytest.mark.parametrize(
    "said", [{}, {"isOn": "?", "brightness": "x", "hue": None, "temperature": []}]
)
def test_fields_that_are_missing_or_wrong(said: dict[str, Any]) -> None:
    device = Device.parse("1", {"capabilities": COLOURED.split(), "state": said})
    assert read(device) == LightState(color_mode=ColorMode.BRIGHTNESS)


def test_command_with_everything() -> None:
    told = fields(LightCommand(on=True, brightness=128, hs=(180, 25)))
    assert told == {
        "brightness": 0.502,
        "colorMode": "hs",
        "hue": pytest.approx(radians(180)),
        "saturation": 0.25,
    }
