"""The vocabulary: keys, comparing and merging states."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.components.climate import HVACMode
from homeassistant.components.light.const import ColorMode
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import Platform
from hypothesis import given, strategies as st
import pytest

from custom_components.junction import errors, model
from custom_components.junction.commands import NotConfirmedError
from custom_components.junction.model import (
    UNAVAILABLE,
    ClimateCommand,
    ClimateState,
    CoverState,
    Detailed,
    FanCommand,
    FanState,
    LightCommand,
    LightState,
    MediaState,
    SensorPoint,
    SwitchPoint,
    agrees,
    changed_keys,
    merge,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sensor(**more: Any) -> SensorPoint:
    return SensorPoint(
        device="d",
        description=SensorEntityDescription(key="power", name="Power"),
        **more,
    )


def test_key_is_the_descriptions_unless_given() -> None:
    assert sensor().key == ("d", "power")
    assert sensor(id="power_l1").key == ("d", "power_l1")


def test_points_of_the_same_are_equal() -> None:
    assert sensor() == sensor()
    assert sensor() != sensor(name="Mine")


def test_every_point_knows_its_platform() -> None:
    kinds = model.Point.__subclasses__()
    platforms = [kind.platform for kind in kinds]
    assert len(kinds) >= 16
    assert len(set(platforms)) == len(platforms)
    assert set(platforms) <= set(Platform)


def test_reading_a_state() -> None:
    point = sensor()
    assert point.read(0) == 0
    assert point.read(None) is None
    assert point.read(UNAVAILABLE) is None
    assert point.read(Detailed(5, {"a": 1})) == 5
    assert point.read(Detailed(None)) is None


def test_point_of_a_command() -> None:
    async def set_on(on: bool) -> None:
        """Switch nothing."""

    point = SwitchPoint(
        device="d",
        name="Relay",
        description=SwitchEntityDescription(key="relay"),
        set_on=set_on,
    )
    assert point.turn_on_for is None
    assert point.platform is Platform.SWITCH


@pytest.mark.parametrize(
    ("current", "expected", "merged"),
    [
        (False, True, True),
        (UNAVAILABLE, True, True),
        (None, LightState(on=True), LightState(on=True)),
        (
            LightState(on=False, brightness=80, kelvin=2700),
            LightState(on=True, kelvin=3000),
            LightState(on=True, brightness=80, kelvin=3000),
        ),
        (
            Detailed(False, {"fuse": 1}, NOW),
            True,
            Detailed(True, {"fuse": 1}, NOW),
        ),
        (
            Detailed(LightState(on=False, brightness=7)),
            LightState(on=True),
            Detailed(LightState(on=True, brightness=7)),
        ),
        (FanState(on=True), MediaState(volume=0.5), MediaState(volume=0.5)),
    ],
)
def test_merge(current: object, expected: object, merged: object) -> None:
    assert merge(current, expected) == merged


@pytest.mark.parametrize(
    ("expected", "actual", "tolerance", "result"),
    [
        (True, True, 0.0, True),
        (True, False, 0.0, False),
        (False, None, 0.0, False),
        (False, UNAVAILABLE, 0.0, False),
        # A switch is not a number, with any tolerance.
        (True, False, 1.0, False),
        (True, Detailed(True, {"fuse": 1}), 0.0, True),
        ("day", "day", 0.0, True),
        ("day", "night", 0.0, False),
        (21.5, 21.5, 0.0, True),
        (21.5, 21.4, 0.0, False),
        (21.5, 21.4, 0.25, True),
        (21.5, None, 9.0, False),
        (21.5, "21.5", 9.0, False),
        # Brightness within the device's rounding.
        (
            LightState(on=True, brightness=128),
            LightState(on=True, brightness=130),
            2.0,
            True,
        ),
        (
            LightState(on=True, brightness=128),
            LightState(on=True, brightness=131),
            2.0,
            False,
        ),
        # Values that are not requested or not reported do not matter.
        (LightState(on=True), LightState(on=True, brightness=3), 0.0, True),
        (LightState(on=True, brightness=9), LightState(on=True), 0.0, True),
        # Something must agree, though.
        (LightState(on=True), LightState(), 0.0, False),
        (LightState(on=True), LightState(brightness=9), 0.0, False),
        (LightState(on=True), None, 0.0, False),
        # Another color mode is a different state.
        (
            LightState(on=True, color_mode=ColorMode.HS),
            LightState(on=True, color_mode=ColorMode.COLOR_TEMP),
            0.0,
            False,
        ),
        # Lights show the nearest color that they support.
        (LightState(on=True, kelvin=2700), LightState(on=True, kelvin=2710), 0.0, True),
        (
            LightState(on=True, kelvin=2700),
            LightState(on=True, kelvin=6500),
            0.0,
            False,
        ),
        (
            LightState(on=True, hs=(359.0, 90.0)),
            LightState(on=True, hs=(2.0, 95.0)),
            0.0,
            True,
        ),
        (
            LightState(on=True, hs=(0.0, 90.0)),
            LightState(on=True, hs=(360.0, 90.0)),
            0.0,
            True,
        ),
        (
            LightState(on=True, hs=(120.0, 90.0)),
            LightState(on=True, hs=(240.0, 90.0)),
            0.0,
            False,
        ),
        (
            LightState(on=True, hs=(120.0, 90.0)),
            LightState(on=True, hs=(120.0, 30.0)),
            0.0,
            False,
        ),
        # White has no hue.
        (
            LightState(on=True, hs=(120.0, 0.0)),
            LightState(on=True, hs=(0.0, 0.0)),
            0.0,
            True,
        ),
        (CoverState(position=50), CoverState(position=50, opening=True), 0.0, True),
        (
            ClimateState(mode=HVACMode.HEAT, target=20.0),
            ClimateState(mode=HVACMode.HEAT, target=20.0, current=18.0),
            0.0,
            True,
        ),
        (ClimateState(target=20.0), ClimateState(target=19.0), 0.0, False),
        (FanState(on=True), MediaState(muted=True), 0.0, False),
    ],
)
def test_agrees(
    expected: object, actual: object, tolerance: float, result: bool
) -> None:
    assert agrees(expected, actual, tolerance) is result


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (LightCommand(on=False, transition=3), LightState(on=False)),
        (
            LightCommand(on=True, brightness=5, hs=(1.0, 2.0)),
            LightState(on=True, brightness=5, hs=(1.0, 2.0), color_mode=ColorMode.HS),
        ),
        (
            LightCommand(on=True, kelvin=3000),
            LightState(on=True, kelvin=3000, color_mode=ColorMode.COLOR_TEMP),
        ),
        (
            FanCommand(on=True, percentage=5, preset="auto"),
            FanState(on=True, percentage=5, preset="auto"),
        ),
        (
            ClimateCommand(mode=HVACMode.OFF, target=5.0, preset="a", fan_mode="b"),
            ClimateState(mode=HVACMode.OFF, target=5.0, preset="a", fan_mode="b"),
        ),
    ],
)
def test_what_confirms_a_command(command: Any, expected: object) -> None:
    assert command.expected == expected


KEYS = st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"))
STATES = st.dictionaries(KEYS, st.one_of(st.none(), st.booleans(), st.integers(0, 3)))


@given(old=STATES, new=STATES)
def test_changed_keys(
    old: dict[tuple[str, str], object], new: dict[tuple[str, str], object]
) -> None:
    changed = list(changed_keys(old, new))
    assert len(changed) == len(set(changed))
    missing = object()
    assert set(changed) == {
        key
        for key in old.keys() | new.keys()
        if old.get(key, missing) != new.get(key, missing)
    }


@given(state=st.builds(LightState, on=st.booleans(), brightness=st.integers(1, 255)))
def test_merged_is_what_agrees(state: LightState) -> None:
    assert agrees(state, merge(LightState(on=False, kelvin=2000), state))


def test_errors_always_have_words() -> None:
    kinds: set[type[errors.BackendError]] = {
        NotConfirmedError,
        *errors.BackendError.__subclasses__(),
    }
    for kind in kinds:
        error = kind()
        assert error.placeholders["detail"] == "no details"
        assert str(error) == kind.key
        error = kind("broken", host="198.51.100.7")
        assert error.placeholders == {"detail": "broken", "host": "198.51.100.7"}
        assert (str(error), error.detail) == ("broken", "broken")


def test_rate_limit_keeps_the_time() -> None:
    assert errors.RateLimitedError().retry_after is None
    assert errors.RateLimitedError("slow", retry_after=9).retry_after == 9
