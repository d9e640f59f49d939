"""V0 actions of a simulated gateway that only read."""

from collections.abc import Awaitable, Callable, Mapping

from .engine import Engine
from .state import Row, State
from .switching import Refusal

type Handler = Callable[..., Row | Awaitable[Row]]


class Reads:
    """Actions that only read."""

    deprecated: Mapping[str, str] = {
        "get_thermostat_status": "get_thermostat_group_status",
        "get_sensor_temperature_status": "get_sensor_status",
        "get_sensor_humidity_status": "get_sensor_status",
        "get_sensor_brightness_status": "get_sensor_status",
    }

    def __init__(self, state: State, engine: Engine) -> None:
        """Read a state."""
        self.state = state
        self.engine = engine

    def configurations(self) -> dict[str, Callable[[], list[Row]]]:
        """Return the rows of each kind of configuration."""
        state = self.state
        rows: dict[str, Callable[[], list[Row]]] = {
            "output": lambda: [self._aged(row) for row in state.outputs],
            "input": lambda: [self._aged(row) for row in state.inputs],
            "shutter": lambda: [self._aged(row) for row in state.shutters],
            "shutter_group": lambda: [self._aged(row) for row in state.shutter_groups],
            "sensor": self._sensors,
            "thermostat": lambda: state.thermostats,
            "cooling": lambda: state.cooling,
            "thermostat_group": lambda: state.groups,
            "pulse_counter": lambda: [self._aged(row) for row in state.pulses],
            "group_action": lambda: state.actions,
            "room": lambda: state.rooms,
        }
        if not state.quirks.old:
            rows["ventilation"] = lambda: state.ventilations
        return rows

    def plain(self) -> dict[str, Handler]:
        """Return the actions without parameters."""
        state, old = self.state, self.state.quirks.old
        found: dict[str, Handler] = {
            "get_version": lambda: (
                {"version": state.version}
                if old
                else {
                    "version": state.version,
                    "gateway": state.version,
                    "master": state.master,
                    "python_version": "3.8.18",
                }
            ),
            "get_features": lambda: {"features": state.features},
            "get_status": lambda: {
                "time": "08:36",
                "date": "20/11/2026",
                "mode": "L",
                "version": state.master,
                "hw_version": 1,
            },
            "get_modules": lambda: {
                "outputs": ["o", "d", "o"],
                "inputs": ["i", "I"],
                "shutters": [],
                "can_inputs": ["E"],
            },
            "get_errors": lambda: {
                "errors": state.errors,
                "master_last_success": 0.0,
                "power_last_success": 1.0,
            },
            "get_timezone": lambda: {"timezone": "UTC"},
            "get_plugins": lambda: {"plugins": []},
            "list_schedules": lambda: {"schedules": []},
            "get_system_status": lambda: {
                "updates": {"status": "OK", "status_detail": []}
            },
            "get_reset_dirty_flag": lambda: {"eeprom": False, "power": False},
            "get_airco_status": self._unsupported,
            "get_output_status": lambda: {"status": self._shuffled(self._outputs())},
            "get_input_status": lambda: {
                "status": self._shuffled(
                    [
                        {"id": number, "status": int(pressed)}
                        for number, pressed in state.input_values.items()
                    ]
                )
            },
            "get_shutter_status": self._shutters,
            "get_thermostat_status": self._thermostats,
            "get_power_modules": lambda: {"modules": state.modules},
            "get_realtime_power": self._power,
            "get_total_energy": self._energy,
            "get_pulse_counter_status": lambda: {"counters": state.pulse_values},
        }
        for index, quantity in enumerate(("temperature", "humidity", "brightness")):
            found[f"get_sensor_{quantity}_status"] = (
                lambda quantity=quantity, index=index: self._old_sensors(quantity)
            )
        if not old:
            found |= {
                "get_platform_details": lambda: {
                    "platform": "CLASSIC" if state.quirks.classic else state.platform,
                    "operating_system": "debian",
                    "hardware": None,
                    "hardware_serial": state.serial,
                    "mac_address": state.mac,
                },
                "get_sensor_status": lambda: {
                    "status": self._shuffled(
                        [
                            {"id": number, "value": value}
                            for number, value in state.sensor_values.items()
                            if value is not None
                        ]
                    )
                },
                "get_thermostat_group_status": self._groups,
                "get_ventilation_status": lambda: {
                    "status": [
                        {
                            "id": number,
                            "mode": value["mode"],
                            "level": value["level"],
                            "remaining_time": None,
                            "timer": value.get("timer"),
                            "connected": value.get("connected", True),
                        }
                        for number, value in state.ventilation_values.items()
                    ]
                },
            }
        return found

    def _unsupported(self) -> Row:
        raise Refusal("Unsupported")

    def _aged(self, row: Row) -> Row:
        """Return a row as in this version; older ones mark unused rows by the name."""
        if not self.state.quirks.old:
            return row
        aged = {k: v for k, v in row.items() if k not in {"in_use", "module"}}
        aged.pop("lock_bit_id", None)
        if row.get("in_use") is False and "name" in row:
            aged["name"] = "NOT_IN_USE"
        return aged | {"floor": 255}

    def _shuffled(self, rows: list[Row]) -> list[Row]:
        return rows[::-1] if self.state.quirks.shuffled else rows

    def _outputs(self) -> list[Row]:
        self.engine.settle()
        return [
            {
                "id": number,
                "status": int(value.on),
                "ctimer": value.timer,
                "dimmer": value.level,
                "locked": value.locked,
            }
            for number, value in self.state.output_values.items()
        ]

    def _sensors(self) -> list[Row]:
        if not self.state.quirks.old:
            return self.state.sensors
        found: dict[int, Row] = {}
        for row in self.state.sensors:
            number = int(row["external_id"])
            found.setdefault(
                number,
                {
                    "id": number,
                    "name": row["name"],
                    "offset": 0,
                    "room": row["room"],
                    "virtual": False,
                },
            )
        return list(found.values())

    def _old_sensors(self, quantity: str) -> Row:
        values: list[float | None] = []
        for row in self.state.sensors:
            if row["physical_quantity"] != quantity:
                continue
            number = int(row["external_id"]) if self.state.quirks.old else row["id"]
            values += [None] * (number + 1 - len(values))
            values[number] = self.state.sensor_values.get(row["id"])
        return {"status": values}

    def _shutters(self) -> Row:
        self.engine.settle()
        runs = sorted(self.state.runs.items())
        return {
            "status": [run.state for _, run in runs],
            "detail": {
                str(number): {
                    "state": run.state,
                    "actual_position": run.position,
                    "desired_position": run.desired,
                    "last_change": run.changed,
                }
                for number, run in runs
            },
        }

    def _groups(self) -> Row:
        classic = self.state.quirks.classic
        units = []
        for number, unit in self.state.units.items():
            units.append(
                {
                    "id": number,
                    "actual_temperature": self.engine.reading(number),
                    "setpoint_temperature": self.engine.setpoint(unit),
                    "state": "on" if unit.on else "off",
                    "preset": unit.preset.upper() if classic else unit.preset,
                    "output0": abs(unit.steering),
                    "output1": 0,
                    "steering_power": unit.steering,
                }
            )
        return {
            "status": [
                {
                    "id": number,
                    "mode": mode,
                    "thermostats": units if number == 0 else [],
                }
                for number, mode in self.state.group_modes.items()
            ]
        }

    def _thermostats(self) -> Row:
        presets = {"away": 3, "vacation": 4, "party": 5}
        return {
            "thermostat_on": any(unit.on for unit in self.state.units.values()),
            "automatic": True,
            "setpoint": 0,
            "cooling": self.engine.cools(),
            "status": [
                {
                    "id": number,
                    "act": self.engine.reading(number),
                    "csetp": self.engine.setpoint(unit),
                    "outside": None,
                    "mode": self.state.group_modes.get(0, "heating"),
                    "automatic": unit.preset == "auto",
                    "setpoint": presets.get(unit.preset, 0),
                    "output0": abs(unit.steering),
                    "output1": 0,
                }
                for number, unit in self.state.units.items()
            ],
        }

    def _answering(self) -> list[int]:
        silent = self.state.quirks.silent_module
        return [row["id"] for row in self.state.modules if row["id"] != silent]

    def _power(self) -> Row:
        return {
            str(module): [
                [230.1 + port / 10, 50.0, abs(watts) / 230, watts]
                for (owner, port), watts in sorted(self.state.watts.items())
                if owner == module
            ]
            for module in self._answering()
        }

    def _energy(self) -> Row:
        glitch = self.state.quirks.glitch
        return {
            str(module): [
                [0, 0] if glitch else list(counted)
                for (owner, _), counted in sorted(self.state.energy.items())
                if owner == module
            ]
            for module in self._answering()
        }
