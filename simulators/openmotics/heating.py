"""Thermostats of a simulated gateway: the new engine.

Protocol: docs/protocols/openmotics.md#thermostats.
"""

from .state import UNSET, Row, Unit
from .switching import Refusal, Switching


class Heating(Switching):
    """Controls the outputs of thermostats as well."""

    def unit(self, number: int) -> Unit:
        """Return a thermostat."""
        if number not in self.state.units:
            raise Refusal("Object not found")
        return self.state.units[number]

    def set_setpoint(self, thermostat: int, temperature: float) -> None:
        """Set the setpoint of a thermostat: away, vacation, and party become manual."""
        unit = self.unit(thermostat)
        self.commands.append(("thermostat", thermostat, temperature))
        if not temperature or self.state.quirks.deaf:
            return
        if unit.preset not in {"auto", "manual"}:
            unit.preset = "manual"
        if self.state.quirks.classic:
            temperature = round(min(max(temperature, -32.0), 95.5) * 2) / 2
        unit.setpoints[unit.preset] = temperature
        self.control(thermostat)

    def set_unit(self, number: int, preset: str | None, state: str | None) -> None:
        """Set preset and state; any preset is accepted, and unknown ones start at 14 °C."""
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
        """Set a group; all units return to auto. A state alone causes no event."""
        if number not in self.state.group_modes:
            raise Refusal("Object not found")
        self.commands.append(("group", number, (mode, state)))
        if self.state.quirks.deaf:
            return
        changed = set()
        for key, unit in self.state.units.items():
            before = (unit.preset, unit.on)
            unit.preset = "auto"
            if state:
                unit.on = state.lower() == "on"
            if (unit.preset, unit.on) != before:
                changed.add(key)
        if not mode:
            return
        if mode.lower() != self.state.group_modes[number]:
            self.state.group_modes[number] = mode.lower()
            self._emit(
                "THERMOSTAT_GROUP_CHANGE",
                {"id": number, "status": {"mode": mode.upper()}},
            )
            changed.update(self.state.units)
        for key in sorted(changed):
            self.control(key)

    def row_of(self, number: int) -> Row:
        """Return the configuration of a thermostat in the current mode."""
        rows = self.state.cooling if self.cools() else self.state.thermostats
        return next(row for row in rows if row["id"] == number)

    def cools(self) -> bool:
        """Return whether the first group cools."""
        return self.state.group_modes.get(0) == "cooling"

    def reading(self, number: int) -> float | None:
        """Return the temperature of a thermostat."""
        sensor: int = self.row_of(number)["sensor"]
        return self.state.sensor_values.get(sensor)

    def setpoint(self, unit: Unit) -> float:
        """Return the setpoint of a thermostat."""
        return unit.setpoints[unit.preset] + (8.0 if self.cools() else 0.0)

    def control(self, number: int, *, tell: bool = True) -> None:
        """Control the valves of a thermostat, and report."""
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
        """Control and report all thermostats, as once a minute."""
        for number in self.state.units:
            self.control(number)
