"""Press events of inputs, derived from their states.

Protocol: docs/protocols/openmotics.md#local-websocket.
"""

from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ...base import Sink
from .inputs import LONG_PRESS_END, LONG_PRESS_START, PRESS_END, PRESS_START, press_key

LONG_PRESS: Final = 0.8
"""Minimum seconds of a long press."""


class InputEvents:
    """States of the inputs.

    The gateway repeats all states from time to time: a press is a difference from the
    last known state, and missed presses are not reported.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize without states."""
        self._hass = hass
        self._pressed: dict[str, bool] = {}
        self._long: dict[str, CALLBACK_TYPE | None] = {}

    @callback
    def know(self, number: str, pressed: object) -> None:
        """Take over a state that was read, without an event."""
        if isinstance(pressed, bool):
            self._pressed[number] = pressed
            if not pressed:
                self._cancel(number)

    @callback
    def take(self, number: str, pressed: bool, sink: Sink) -> None:
        """Report the event of a state change, if any, without delay."""
        known = self._pressed.get(number)
        self._pressed[number] = pressed
        if known is None or known == pressed:
            return
        key = press_key(number)
        if pressed:
            sink.event(key, PRESS_START, {})

            @callback
            def held(_now: datetime) -> None:
                self._long[number] = None
                sink.event(key, LONG_PRESS_START, {})

            self._long[number] = async_call_later(self._hass, LONG_PRESS, held)
            return
        # A long press whose timer has fired already.
        was_long = self._long.get(number, no_timer) is None
        self._cancel(number)
        sink.event(key, LONG_PRESS_END if was_long else PRESS_END, {})

    @callback
    def forget(self) -> None:
        """Forget all states, because changes may have been missed."""
        self._pressed.clear()
        self.close()

    @callback
    def close(self) -> None:
        """Cancel all timers."""
        for number in list(self._long):
            self._cancel(number)

    def _cancel(self, number: str) -> None:
        if (cancel := self._long.pop(number, None)) is not None:
            cancel()


@callback
def no_timer() -> None:
    """Do nothing; stands for a timer that never ran."""
