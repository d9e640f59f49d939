"""Outputs and inputs of a simulated gateway.

Protocol: docs/protocols/openmotics.md#outputs.
"""

from collections.abc import Callable
from typing import Any

from .state import LIGHT, SHUTTER_RELAY, Row, State

type Emit = Callable[[str, Row], None]


class Refusal(Exception):
    """``success: false`` with a status of 200; the text is the gateway's."""


class Switching:
    """Switches outputs and presses inputs, and reports both."""

    def __init__(self, state: State, emit: Emit) -> None:
        """Control a state; events go to ``emit``."""
        self.state = state
        self._emit = emit
        self.commands: list[tuple[str, int, Any]] = []
        """Every command that reached something, in order: for tests that count them."""
        self.on_output: Callable[[int, bool, int], None] = lambda *_: None
        """Told of every output that switched: number, on, level."""

    # Outputs

    def set_output(
        self, number: int, on: bool, level: int | None = None, timer: int | None = None
    ) -> None:
        """Switch an output, except one that is locked or belongs to a shutter."""
        row = self.state.output(number)
        if row is None:
            raise Refusal("Object not found")
        if self.state.quirks.classic and timer not in {
            *(None, 150, 450, 900),
            *(1500, 2220, 3120),
        }:
            raise Refusal("Timer should be one of [150, 450, 900, 1500, 2220, 3120]")
        self.commands.append(("output", number, (on, level, timer)))
        value = self.state.output_values[number]
        if row["type"] == SHUTTER_RELAY or value.locked or self.state.quirks.deaf:
            return
        self.put_output(number, on, level if on else None)
        value.off_at = None
        if on and timer is not None:
            value.timer = timer
            value.off_at = self.state.now() + timer if timer else None

    def end_timers(self) -> None:
        """Switch off outputs with an expired timer."""
        now = self.state.now()
        for number, value in self.state.output_values.items():
            if value.off_at is not None and now >= value.off_at:
                value.off_at = None
                self.put_output(number, False)

    def put_output(self, number: int, on: bool, level: int | None = None) -> None:
        """Switch an output that is not locked; there is no event without a change."""
        value = self.state.output_values[number]
        if value.locked:
            return
        before = (value.on, value.level)
        value.on = on
        if not on:
            value.off_at = None
        if level is not None and self._dims(number):
            value.level = min(max(level, 0), 100)
        if (value.on, value.level) != before:
            _note(self.state.output_changes, number, self.state.now())
            self.tell_output(number)
            self.on_output(number, value.on, value.level)

    def lights_off(self) -> None:
        """Switch all lights off."""
        self.commands.append(("lights", 0, False))
        if self.state.quirks.deaf:
            return
        for row in self.state.outputs:
            if row["type"] == LIGHT:
                self.put_output(row["id"], False)

    def set_lock(self, number: int, *, locked: bool) -> None:
        """Lock an output, as an input may be configured to do."""
        value = self.state.output_values[number]
        if value.locked != locked:
            value.locked = locked
            self.tell_output(number)

    def _dims(self, number: int) -> bool:
        row = self.state.output(number)
        return row is not None and row["module_type"] in "dD"

    def tell_output(self, number: int) -> None:
        """Send OUTPUT_CHANGE."""
        row, value = self.state.output(number), self.state.output_values[number]
        status: Row = {"on": value.on, "locked": value.locked}
        if self._dims(number):
            status["value"] = value.level
        self._emit(
            "OUTPUT_CHANGE",
            {
                "id": number,
                "status": status,
                "location": {"room_id": (row or {})["room"]},
            },
        )

    # Inputs

    def press(self, number: int, *, pressed: bool = True) -> None:
        """Press or release a button; the output linked to it toggles on the press."""
        row = next(row for row in self.state.inputs if row["id"] == number)
        if self.state.input_values[number] == pressed:
            return
        self.state.input_values[number] = pressed
        _note(self.state.input_changes, number, self.state.now())
        self.tell_input(number)
        linked = row["action"]
        if pressed and linked < 240:
            self.put_output(linked, not self.state.output_values[linked].on)

    def tell_input(self, number: int) -> None:
        """Send INPUT_CHANGE."""
        row = next(row for row in self.state.inputs if row["id"] == number)
        self._emit(
            "INPUT_CHANGE",
            {
                "id": number,
                "status": self.state.input_values[number],
                "location": {"room_id": row["room"]},
            },
        )


def _note(changes: dict[int, float], number: int, now: float) -> None:
    """Move a change to the end of the list."""
    changes.pop(number, None)
    changes[number] = now
