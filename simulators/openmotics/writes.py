"""V0 actions of a simulated gateway that write configurations and sensor values.

Protocol: docs/protocols/openmotics.md#facts-found-by-running-the-gateway.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from .engine import Engine
from .state import UNSET, Row
from .switching import Refusal

FIRST_FOREIGN = 200
"""First sensor of the gateway; lower numbers belong to the master."""

ERASED: dict[str, dict[str, object]] = {
    "thermostat": {"output0": UNSET, "output1": UNSET},
    "cooling": {"output0": UNSET, "output1": UNSET},
    "pulse_counter": {"input": UNSET},
    "shutter": {
        "timer_up": UNSET,
        "timer_down": UNSET,
        "group_1": UNSET,
        "up_down_config": 0,
    },
}
"""Fields that a write resets unless it includes them."""


class Writes:
    """Actions that write."""

    def __init__(self, engine: Engine) -> None:
        """Write to the state of an engine."""
        self.engine = engine
        self.state = engine.state

    def configurations(self) -> dict[str, Callable[[Any], Row]]:
        """Return the functions that write one configuration, by kind."""
        rows: dict[str, list[Row]] = {
            "output": self.state.outputs,
            "input": self.state.inputs,
            "shutter": self.state.shutters,
            "sensor": self.state.sensors,
            "thermostat": self.state.thermostats,
            "cooling": self.state.cooling,
            "pulse_counter": self.state.pulses,
            "group_action": self.state.actions,
            "room": self.state.rooms,
        }
        return {kind: partial(self._write, kind, found) for kind, found in rows.items()}

    def _write(self, kind: str, rows: list[Row], config: Row) -> Row:
        for row in rows:
            if row["id"] == config["id"]:
                self.engine.commands.append(("configuration", row["id"], kind))
                row |= ERASED.get(kind, {}) | config
                if kind in {"thermostat", "cooling"}:
                    self._aim(row, cooling=kind == "cooling")
                return {}
        raise Refusal("Object not found")

    def _aim(self, row: Row, *, cooling: bool) -> None:
        """Apply the configuration to presets, and report all units."""
        unit = self.state.units.get(row["id"])
        if unit is not None and not cooling:
            fields = {"away": "setp3", "vacation": "setp4", "party": "setp5"}
            for preset, field in fields.items():
                unit.setpoints[preset] = row[field]
        for number in self.state.units:
            self.engine.tell_unit(number)

    def set_sensor_status(self, status: Row) -> Row:
        """Set the value of a sensor; only its id is checked."""
        if status["id"] < FIRST_FOREIGN:
            raise Refusal(f"Sensor {status['id']} status is readonly")
        self.engine.commands.append(("sensor", status["id"], status["value"]))
        self._measure(status["id"], status["value"])
        return {"status": status}

    def _measure(self, sensor: int, value: float | None) -> None:
        """Report a sensor, and update its thermostats."""
        self.engine.measure(sensor, value)
        for number in self.state.units:
            if self.engine.row_of(number)["sensor"] == sensor:
                self.engine.control(number)

    def set_virtual_sensor(
        self, sensor_id: int, temperature: float, humidity: float, brightness: int
    ) -> Row:
        """Set a virtual sensor of the master, by the master's own number."""
        rows = [
            row
            for row in self.state.sensors
            if row["source"]["type"] == "master"
            and row["external_id"] == str(sensor_id)
        ]
        if not rows:
            raise Refusal("Object not found")
        if not rows[0]["virtual"]:
            raise Refusal(f"Sensor ID {sensor_id} does not map to a virtual Sensor")
        given = {
            "temperature": temperature,
            "humidity": humidity,
            "brightness": float(brightness),
        }
        self.engine.commands.append(("virtual_sensor", sensor_id, given))
        for row in rows:
            self._measure(row["id"], given[row["physical_quantity"]])
        return {}

    def set_pulse_counter_status(self, pulse_counter_id: int, value: int) -> Row:
        """Set a counter of the gateway; the master's counters count by themselves."""
        ordered = sorted(row["id"] for row in self.state.pulses)
        if pulse_counter_id not in ordered:
            raise Refusal("Object not found")
        if pulse_counter_id < 32:
            raise Refusal(
                "Cannot set pulse counter value for a Master controlled PulseCounter"
            )
        self.engine.commands.append(("pulse", pulse_counter_id, value))
        self.state.pulse_values[ordered.index(pulse_counter_id)] = value
        return {"value": value}
