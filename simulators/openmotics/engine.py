"""Behavior of a simulated gateway, and the events that it sends.

Protocol: docs/protocols/openmotics.md#local-websocket.
"""

import asyncio

from .heating import Heating
from .state import UNSET, Row, ShutterRun
from .switching import Refusal

_STEPS = 100


class Engine(Heating):
    """Carries out commands and reports changes."""

    # Shutters

    def _run(self, number: int) -> tuple[Row, ShutterRun]:
        row = self.state.shutter(number)
        if row is None:
            raise Refusal("Object not found")
        return row, self.state.runs[number]

    def steps(self, number: int) -> int:
        """Return the number of steps of a shutter; 100 with time-based control."""
        steps = self._run(number)[0]["steps"]
        return int(steps) if 2 <= steps < 65535 else _STEPS

    def move(self, number: int, direction: str, to: int | None = None) -> None:
        """Start to move up or down, or stop."""
        _row, run = self._run(number)
        self.commands.append(("shutter", number, direction if to is None else to))
        if self.state.quirks.deaf:
            return
        self.settle()
        moves = run.state.startswith("going_")
        if direction == "stop":
            if moves:
                run.position = self._where(number)
                self._set_run(number, "stopped", None)
            return
        last = self.steps(number) - 1
        goal = to if to is not None else 0 if direction == "up" else last
        if (run.state, run.desired) == (f"going_{direction}", goal):
            return
        if moves:
            run.position = self._where(number)
        run.begun, run.begun_at = self.state.now(), run.position
        self._set_run(number, f"going_{direction}", goal)

    def _where(self, number: int) -> int | None:
        """Return the current position, computed from the running time."""
        row, run = self._run(number)
        if not run.state.startswith("going_") or run.begun_at is None:
            return run.position
        up = run.state == "going_up"
        full = float(row["timer_up"] if up else row["timer_down"])
        moved = (self.state.now() - run.begun) / full * (self.steps(number) - 1)
        here = run.begun_at + (-moved if up else moved)
        return round(min(max(here, 0), self.steps(number) - 1))

    def settle(self) -> None:
        """End the moves and the timers that are due."""
        now = self.state.now()
        self.end_timers()
        self._end_ventilation(now)
        for row in self.state.shutters:
            run = self.state.runs[row["id"]]
            if not run.state.startswith("going_"):
                continue
            up = run.state == "going_up"
            last = self.steps(row["id"]) - 1
            full = float(row["timer_up"] if up else row["timer_down"])
            way = (
                last if run.begun_at is None else abs((run.desired or 0) - run.begun_at)
            )
            if now - run.begun >= full * way / last:
                run.position = run.desired
                end = "up" if run.position == 0 else "down"
                self._set_run(
                    row["id"],
                    end if run.position in {0, last} else "stopped",
                    run.desired,
                )

    def _set_run(self, number: int, state: str, desired: int | None) -> None:
        _, run = self._run(number)
        run.state, run.desired, run.changed = state, desired, self.state.now()
        for relay, way in ((2 * number, "going_up"), (2 * number + 1, "going_down")):
            if relay in self.state.output_values:
                self.put_output(relay, state == way)
        if number == 0 and self.state.quirks.mute_shutter_zero:
            return
        self.tell_shutter(number)

    def tell_shutter(self, number: int) -> None:
        """Send SHUTTER_CHANGE."""
        row, run = self._run(number)
        room = row["room"]
        self._emit(
            "SHUTTER_CHANGE",
            {
                "id": number,
                "status": {
                    "state": run.state.upper(),
                    "position": run.position,
                    "desired_position": run.desired,
                    "last_change": run.changed,
                },
                "location": {"room_id": None if room == UNSET else room},
            },
        )

    async def goto(self, number: int, position: int) -> None:
        """Move to a position; from an unknown one, time-based shutters block until they are up."""
        row, run = self._run(number)
        last = self.steps(number) - 1
        if not 0 <= position <= last:
            words = f"has a position limit of 0 <= position <= {last}"
            raise Refusal(f"Shutter {number} {words}")
        timed = not 2 <= row["steps"] < 65535
        if timed and run.position is None:
            self.move(number, "up")
            while run.state == "going_up":
                await asyncio.sleep(0.02)
                self.settle()
            if run.position is None:
                words = f"Timer expired when resetting shutter {number}"
                raise Refusal(f"{words}, could not get actual position")
        if timed and not self.state.quirks.classic:
            run.desired = position
            raise Refusal("Shutter timers are not supported")
        if run.position == position:
            return
        here = last if run.position is None else run.position
        self.move(number, "up" if position < here else "down", position)

    # Sensors

    def measure(self, number: int, value: float | None) -> None:
        """Set the value of a sensor; there is no event without a change."""
        if self.state.sensor_values.get(number) == value:
            return
        self.state.sensor_values[number] = value
        self.tell_sensor(number)

    def tell_sensor(self, number: int) -> None:
        """Send SENSOR_CHANGE."""
        value = self.state.sensor_values.get(number)
        self._emit("SENSOR_CHANGE", {"id": number, "value": value})

    # Group actions, ventilation, restart

    def group_action(self, group_action_id: int) -> None:
        """Run a group action: 161 turns off, 162 toggles, 165 turns on."""
        row = next(
            (row for row in self.state.actions if row["id"] == group_action_id), None
        )
        if row is None:
            words = "not in range 0 <= id <= 255"
            raise Refusal(f"GroupAction ID {group_action_id} {words}")
        self.commands.append(("group_action", group_action_id, None))
        if self.state.quirks.deaf:
            return
        numbers = [int(part) for part in row["actions"].split(",") if part]
        for what, output in zip(numbers[::2], numbers[1::2], strict=True):
            on = self.state.output_values[output].on
            self.put_output(output, {161: False, 162: not on}.get(what, True))

    def ventilate(
        self, number: int, level: int | None, timer: float | None = None
    ) -> None:
        """Set a level, for ``timer`` seconds or permanently, or the automatic mode."""
        row = next(
            (row for row in self.state.ventilations if row["id"] == number), None
        )
        if row is None:
            raise Refusal("Object not found")
        levels = list(range(row["amount_of_levels"] + 1))
        if level is not None and level not in levels:
            raise Refusal(f"ventilation level {level} not in {levels}")
        self.commands.append(("ventilation", number, level))
        if self.state.quirks.deaf:
            return
        before = self.state.ventilation_values.get(number, {})
        value: Row = {"mode": "auto" if level is None else "manual", "level": level}
        if "connected" in before:
            value["connected"] = before["connected"]
        if timer:
            # The gateway only stores it; the plugin of the unit applies it.
            value |= {"timer": timer, "until": self.state.now() + timer}
        self.state.ventilation_values[number] = value
        # Like the real gateway, it also reports an unchanged level.
        if level is not None or value != before:
            self.tell_ventilation(number)

    def _end_ventilation(self, now: float) -> None:
        for number, value in self.state.ventilation_values.items():
            if now >= value.get("until", now + 1):
                self.state.ventilation_values[number] = {"mode": "auto", "level": None}
                self.tell_ventilation(number)

    def tell_ventilation(self, number: int) -> None:
        """Send VENTILATION_CHANGE."""
        value = self.state.ventilation_values[number]
        self._emit(
            "VENTILATION_CHANGE",
            {
                "id": number,
                "mode": value["mode"],
                "level": value["level"],
                "timer": value.get("timer"),
                "remaining_time": None,
                "is_connected": value.get("connected", True),
            },
        )

    def burst(self) -> None:
        """Send the state of everything, as every 15 minutes."""
        for number in self.state.output_values:
            self.tell_output(number)
        for number in self.state.input_values:
            self.tell_input(number)
        for number in self.state.sensor_values:
            self.tell_sensor(number)
        for row in self.state.shutters:
            if row["id"] or not self.state.quirks.mute_shutter_zero:
                self.tell_shutter(row["id"])

    def forget(self) -> None:
        """Reset the state that a restart loses: shutter positions and sensor values."""
        for run in self.state.runs.values():
            run.position, run.state = None, "stopped"
        for number in self.state.sensor_values:
            self.state.sensor_values[number] = None
