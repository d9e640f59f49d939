"""A button press runs the chosen action."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from .conftest import Automate, Pass, at, settled, shown

REMOTE, LAMP = "event.remote", "input_boolean.lamp"
ACTIONS: dict[str, Any] = {
    "on_press": [{"event": "did", "event_data": {"what": "press"}}],
    "on_hold": [{"event": "did", "event_data": {"what": "hold"}}],
    "on_release": [{"event": "did", "event_data": {"what": "release"}}],
}


@pytest.fixture(autouse=True)
async def lamp(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(at(12, 0))
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"lamp": {"initial": False}}}
    )
    hass.states.async_set(REMOTE, "unknown")


async def press(hass: HomeAssistant, second: int, kind: str, **more: Any) -> None:
    """Fire an event as an event entity reports it."""
    hass.states.async_set(
        REMOTE,
        f"2026-11-20T12:00:{second:02}.000+00:00",
        {"event_type": kind, **more},
    )
    await settled(hass)


async def test_press_hold_and_release(hass: HomeAssistant, automate: Automate) -> None:
    did = async_capture_events(hass, "did")
    await automate("remote_button", remote=REMOTE, lights=[LAMP], **ACTIONS)
    # OpenMotics: a short press, and a long one.
    await press(hass, 1, "press_start")
    assert shown(hass, LAMP) == "off"
    await press(hass, 2, "press_end")
    assert shown(hass, LAMP) == "on"
    for second, kind in enumerate(
        ("press_start", "long_press_start", "long_press_end"), 3
    ):
        await press(hass, second, kind)
    # Cozify.
    for second, kind in enumerate(("press", "longpress", "stop", "toggle"), 6):
        await press(hass, second, kind, button=2)
    assert [event.data["what"] for event in did] == [
        *("press", "hold", "release"),
        *("press", "hold", "release", "press"),
    ]
    assert shown(hass, LAMP) == "on"


@pytest.mark.parametrize("chosen", ["2", "Lower"])
async def test_only_one_of_its_buttons(
    hass: HomeAssistant, automate: Automate, chosen: str
) -> None:
    did = async_capture_events(hass, "did")
    await automate("remote_button", remote=REMOTE, button=chosen, **ACTIONS)
    await press(hass, 1, "press", button=1, label="Upper")
    await press(hass, 2, "press", button=12)
    assert not did
    await press(hass, 3, "press", button=2, label="Lower")
    assert len(did) == 1


async def test_what_was_pressed_before_is_not_pressed_again(
    hass: HomeAssistant, automate: Automate, wait: Pass
) -> None:
    did = async_capture_events(hass, "did")
    await automate("remote_button", remote=REMOTE, **ACTIONS)
    await press(hass, 1, "press")
    hass.states.async_set(REMOTE, "unavailable")
    await settled(hass)
    await press(hass, 1, "press")
    assert len(did) == 1
    await press(hass, 2, "press")
    await press(hass, 3, "press")
    assert len(did) == 3
