"""What a simulated gateway does: reference §1.5 to §1.11 and the events of §2.1."""

import asyncio
from collections.abc import Callable
from typing import Any

from .state import SHUTTER_RELAY, UNSET, Row, ShutterRun, State, Unit

type Emit = Callable[[str, Row], None]

_STEPS = 100


class Refusal(Exception):
    """``success: false`` under a status of 200; the text is the gateway's."""


class Engine:
    """Carries out commands and tells of changes."""

    def __init__(self, state: State, emit: Emit) -> None:
        """Steer a state; events go to ``emit``."""
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
        """Switch, except what is locked or belongs to a shutter."""
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
        value.timer = timer or 0

    def put_output(self, number: int, on: bool, level: int | None = None) -> None:
        """Switch an output, whoever wants it; there is no event without a change."""
        value = self.state.output_values[number]
        before = (value.on, value.level)
        value.on = on
        if level is not None and self._dims(number):
            value.level = min(max(level, 0), 100)
        if (value.on, value.level) != before:
            self.tell_output(number)
            self.on_output(number, value.on, value.level)

    def set_lock(self, number: int, *, locked: bool) -> None:
        """Lock an output, as an input of the installation does."""
        self.state.output_values[number].locked = locked
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

    # Shutters

    def _run(self, number: int) -> tuple[Row, ShutterRun]:
        row = self.state.shutter(number)
        if row is None:
            raise Refusal("Object not found")
        return row, self.state.runs[number]

    def steps(self, number: int) -> int:
        """Return the steps of a shutter; time makes a hundred."""
        steps = self._run(number)[0]["steps"]
        return int(steps) if 2 <= steps < 65535 else _STEPS

    def move(self, number: int, direction: str, to: int | None = None) -> None:
        """Start a run up or down, or stop."""
        _row, run = self._run(number)
        self.commands.append(("shutter", number, direction if to is None else to))
        if self.state.quirks.deaf:
            return
        self.settle()
        if direction == "stop":
            run.position = self._where(number)
            self._set_run(number, "stopped", None)
            return
        last = self.steps(number) - 1
        goal = to if to is not None else 0 if direction == "up" else last
        run.begun, run.begun_at = self.state.now(), run.position
        self._set_run(number, f"going_{direction}", goal)

    def _where(self, number: int) -> int | None:
        """Return the position at this moment, computed from the time of the run."""
        row, run = self._run(number)
        if not run.state.startswith("going_") or run.begun_at is None:
            return run.position
        up = run.state == "going_up"
        full = float(row["timer_up"] if up else row["timer_down"])
        moved = (self.state.now() - run.begun) / full * (self.steps(number) - 1)
        here = run.begun_at + (-moved if up else moved)
        return round(min(max(here, 0), self.steps(number) - 1))

    def settle(self) -> None:
        """End the runs that are over by now."""
        now = self.state.now()
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
        """Go to a position; by time, from an unknown one, block until it is up (§1.7)."""
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
        """Give a sensor a value; there is no event without a change."""
        if self.state.sensor_values.get(number) == value:
            return
        self.state.sensor_values[number] = value
        self.tell_sensor(number)

    def tell_sensor(self, number: int) -> None:
        """Send SENSOR_CHANGE."""
        value = self.state.sensor_values.get(number)
        self._emit("SENSOR_CHANGE", {"id": number, "value": value})

    # Thermostats

    def unit(self, number: int) -> Unit:
        """Return a thermostat."""
        if number not in self.state.units:
            raise Refusal("Object not found")
        return self.state.units[number]

    def set_setpoint(self, thermostat: int, temperature: float) -> None:
        """Set what a thermostat aims at: away, vacation and party become manual."""
        unit = self.unit(thermostat)
        self.commands.append(("thermostat", thermostat, temperature))
        if not temperature or self.state.quirks.deaf:
            return
        if unit.preset not in {"auto", "manual"}:
            unit.preset = "manual"
        unit.setpoints[unit.preset] = temperature
        self.control(thermostat)

    def set_unit(self, number: int, preset: str | None, state: str | None) -> None:
        """Set preset and state; any preset is accepted, and unknown ones begin at 14 °C."""
        unit = self.unit(number)
        self.commands.append(("thermostat", number, (preset, state)))
        if self.state.quirks.deaf:
            return
        if preset:
            unit.preset = preset.lower()
            unit.setpoints.setdefault(unit.preset, 14.0)
        if state:
            unit.on = state.lower() == "on"
        self.control(number)

    def set_group(self, number: int, mode: str | None, state: str | None) -> None:
        """Set a group; all units go back to auto. With a state only, nobody is told."""
        if number not in self.state.group_modes:
            raise Refusal("Object not found")
        self.commands.append(("group", number, (mode, state)))
        for unit in self.state.units.values():
            unit.preset = "auto"
            if state:
                unit.on = state.lower() == "on"
        if mode:
            self.state.group_modes[number] = mode.lower()
            self._emit(
                "THERMOSTAT_GROUP_CHANGE",
                {"id": number, "status": {"mode": mode.upper()}},
            )
            self.tick()

    def row_of(self, number: int) -> Row:
        """Return the configuration of a thermostat in the mode of now."""
        rows = self.state.cooling if self.cools() else self.state.thermostats
        return next(row for row in rows if row["id"] == number)

    def cools(self) -> bool:
        """Tell whether the first group cools."""
        return self.state.group_modes.get(0) == "cooling"

    def reading(self, number: int) -> float | None:
        """Return what a thermostat measures."""
        sensor: int = self.row_of(number)["sensor"]
        return self.state.sensor_values.get(sensor)

    def setpoint(self, unit: Unit) -> float:
        """Return what a thermostat aims at."""
        return unit.setpoints[unit.preset] + (8.0 if self.cools() else 0.0)

    def control(self, number: int, *, tell: bool = True) -> None:
        """Drive the valves of a thermostat, and tell."""
        unit = self.state.units[number]
        current = self.reading(number)
        row = self.row_of(number)
        off = (self.setpoint(unit) - (current or 20.0)) * (-1 if self.cools() else 1)
        power = 100 if unit.on and off > 0 else 0
        unit.steering = -power if self.cools() else power
        if tell:
            self.tell_unit(number)
        if (valve := row["output0"]) != UNSET and valve in self.state.output_values:
            self.put_output(valve, power > 0, power)

    def tell_unit(self, number: int) -> None:
        """Send THERMOSTAT_CHANGE."""
        unit, row = self.state.units[number], self.row_of(number)
        self._emit(
            "THERMOSTAT_CHANGE",
            {
                "id": number,
                "status": {
                    "state": "ON" if unit.on else "OFF",
                    "preset": unit.preset.upper(),
                    "mode": self.state.group_modes.get(0, "heating").upper(),
                    "current_setpoint": self.setpoint(unit),
                    "actual_temperature": self.reading(number),
                    "output_0": abs(unit.steering) if row["output0"] != UNSET else None,
                    "output_1": None,
                    "steering_power": unit.steering,
                },
            },
        )

    def tick(self) -> None:
        """Be the minute in which every thermostat is controlled, and tells."""
        for number in self.state.units:
            self.control(number)

    # The rest

    def group_action(self, group_action_id: int) -> None:
        """Run a group action: 161 is off, 162 toggles, 165 is on."""
        row = next(
            (row for row in self.state.actions if row["id"] == group_action_id), None
        )
        if row is None:
            raise Refusal("Object not found")
        self.commands.append(("group_action", group_action_id, None))
        numbers = [int(part) for part in row["actions"].split(",") if part]
        for what, output in zip(numbers[::2], numbers[1::2], strict=True):
            self.put_output(output, what == 165)

    def ventilate(self, number: int, level: int | None) -> None:
        """Set a level, or the automatic mode."""
        row = next(
            (row for row in self.state.ventilations if row["id"] == number), None
        )
        if row is None:
            raise Refusal("Object not found")
        levels = list(range(row["amount_of_levels"] + 1))
        if level is not None and level not in levels:
            raise Refusal(f"ventilation level {level} not in {levels}")
        self.commands.append(("ventilation", number, level))
        if not self.state.quirks.deaf:
            self.state.ventilation_values[number] = {
                "mode": "auto" if level is None else "manual",
                "level": level,
            }
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
                "timer": None,
                "remaining_time": None,
                "is_connected": value.get("connected", True),
            },
        )

    def burst(self) -> None:
        """Send the state of everything once more, as every quarter of an hour."""
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
        """Lose what a restart loses: positions of shutters and values of sensors."""
        for run in self.state.runs.values():
            run.position, run.state = None, "stopped"
        for number in self.state.sensor_values:
            self.state.sensor_values[number] = None
