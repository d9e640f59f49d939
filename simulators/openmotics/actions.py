"""The V0 actions of a simulated gateway: parameters, answers and refusals (reference §1)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
from typing import Any

from .engine import Engine, Refusal
from .state import Row, State

type Handler = Callable[..., Row | Awaitable[Row]]

OK: Row = {"status": "OK"}


class BadRequest(Exception):
    """An answer with another status than 200: the status and the words, or a page."""

    def __init__(self, status: int, words: str, *, html: bool = False) -> None:
        """Keep all of it."""
        super().__init__(words)
        self.status, self.words, self.html = status, words, html


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``parameters`` are the types by name; optional ones end in ``?``."""

    handler: Handler
    parameters: Mapping[str, Callable[[str], Any]]
    deprecated: str | None = None
    since: str = ""

    def read(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Parse what was given, as the gateway does (§1.1)."""
        names = {name.rstrip("?") for name in self.parameters}
        if unknown := sorted(set(given) - names):
            words = f"Unexpected body parameters: {', '.join(unknown)}"
            raise BadRequest(400, words, html=True)
        if missing := [
            name
            for name in self.parameters
            if not name.endswith("?") and name not in given
        ]:
            raise BadRequest(404, f"Missing parameters: {','.join(missing)}")
        read: dict[str, Any] = {}
        for name, parse in self.parameters.items():
            text = given.get(name.rstrip("?"))
            if text is None or text.lower() in {"null", "none", ""}:
                continue
            try:
                read[name.rstrip("?")] = parse(text)
            except ValueError:
                raise BadRequest(406, "invalid_parameters") from None
        return read


def truth(text: str) -> bool:
    """Read a truth value: everything but a few words is true."""
    return text.lower() not in {"false", "0", "0.0", "no"}


def whole(text: str) -> int:
    """Read a whole number: "3" and "3.0"."""
    return int(float(text))


def build(state: State, engine: Engine) -> dict[str, Action]:
    """Return all actions of a gateway."""
    reads = Reads(state, engine)
    actions: dict[str, Action] = {}
    for name, rows in reads.configurations().items():
        actions[f"get_{name}_configurations"] = Action(
            lambda fields=None, rows=rows: {"config": _chosen(rows(), fields)},
            {"fields?": json.loads},
        )
        actions[f"get_{name}_configuration"] = Action(
            lambda id, fields=None, rows=rows: {  # noqa: A006 - the parameter's name
                "config": _one(_chosen(rows(), fields), id)
            },
            {"id": whole, "fields?": json.loads},
        )
    for name, handler in reads.plain().items():
        actions[name] = Action(handler, {}, reads.deprecated.get(name))
    return actions | _commands(engine)


def _commands(engine: Engine) -> dict[str, Action]:
    state = engine.state

    def done(command: Callable[..., None], answer: Row = OK) -> Handler:
        def handler(**given: Any) -> Row:
            command(**given)
            return answer

        return handler

    def new_engine(handler: Handler) -> Handler:
        def guarded(**given: Any) -> Row | Awaitable[Row]:
            if state.quirks.classic:
                raise Refusal("Feature unavailable")
            return handler(**given)

        return guarded

    async def goto(*, id: int, position: int) -> Row:  # noqa: A002 - the parameter's name
        await engine.goto(id, position)
        return OK

    def set_unit(
        thermostat_id: int,
        preset: str | None = None,
        state: str | None = None,
        temperature: float | None = None,
    ) -> None:
        engine.set_unit(thermostat_id, preset, state)
        if temperature is not None:
            engine.set_setpoint(thermostat_id, temperature)

    def set_mode(thermostat_id: int, automatic: bool, setpoint: int) -> None:
        names = {3: "away", 4: "vacation", 5: "party"}
        preset = "auto" if automatic else names.get(setpoint, "manual")
        engine.set_unit(thermostat_id, preset, None)

    def set_all(
        thermostat_on: bool, cooling_mode: bool | None = None, **_rest: Any
    ) -> None:
        if not state.quirks.classic:
            raise Refusal(
                "(sqlite3.ProgrammingError) Cannot operate on a closed database."
            )
        engine.set_group(
            0,
            "cooling" if cooling_mode else "heating",
            "on" if thermostat_on else "off",
        )

    def lights_off() -> None:
        for row in state.outputs:
            if row["type"] == 255:
                engine.put_output(row["id"], False)

    def indicate() -> None:
        engine.commands.append(("indicate", 0, None))

    one = {"id": whole}
    return {
        "set_output": Action(
            done(
                lambda id, is_on, dimmer=None, timer=None: engine.set_output(  # noqa: A006
                    id, is_on, dimmer, timer
                ),
                {},
            ),
            {"id": whole, "is_on": truth, "dimmer?": whole, "timer?": whole},
        ),
        "set_all_lights_off": Action(done(lights_off, {}), {}),
        "set_input": Action(
            # The cache is updated first, so nobody is told (§1.6).
            done(lambda id, is_on: _quiet_press(engine, id, is_on), {}),  # noqa: A006
            {"id": whole, "is_on": truth},
        ),
        **{
            f"do_shutter_{way}": Action(
                done(lambda id, way=way: engine.move(id, way)),  # noqa: A006
                one,
            )
            for way in ("up", "down", "stop")
        },
        **{
            f"do_shutter_group_{way}": Action(
                done(lambda id, way=way: _move_group(engine, id, way)),  # noqa: A006
                one,
            )
            for way in ("up", "down", "stop")
        },
        "do_shutter_goto": Action(goto, {"id": whole, "position": whole}),
        "set_current_setpoint": Action(
            done(engine.set_setpoint),
            {"thermostat": whole, "temperature": float},
        ),
        "set_thermostat": Action(
            new_engine(done(set_unit)),
            {
                "thermostat_id": whole,
                "preset?": str,
                "state?": str,
                "temperature?": float,
            },
        ),
        "set_thermostat_group": Action(
            new_engine(
                done(
                    lambda thermostat_group_id, mode=None, state=None: engine.set_group(
                        thermostat_group_id, mode, state
                    ),
                    {},
                )
            ),
            {"thermostat_group_id": whole, "mode?": str, "state?": str},
        ),
        "set_per_thermostat_mode": Action(
            done(set_mode),
            {"thermostat_id": whole, "automatic": truth, "setpoint": whole},
        ),
        "set_thermostat_mode": Action(
            done(set_all),
            {
                "thermostat_on": truth,
                "automatic?": truth,
                "setpoint?": whole,
                "cooling_mode?": truth,
                "cooling_on?": truth,
            },
        ),
        "do_group_action": Action(
            done(engine.group_action, {}),
            {"group_action_id": whole},
        ),
        "set_ventilation_level": Action(
            done(
                lambda ventilation_id, level, timer=None: engine.ventilate(
                    ventilation_id, level
                ),
                {},
            ),
            {"ventilation_id": whole, "level": whole, "timer?": float},
        ),
        "set_ventilation_mode_auto": Action(
            done(lambda ventilation_id: engine.ventilate(ventilation_id, None), {}),
            {"ventilation_id": whole},
        ),
        "indicate": Action(done(indicate), {}),
    }


class Reads:
    """Everything that only looks."""

    deprecated: Mapping[str, str] = {
        "get_thermostat_status": "get_thermostat_group_status",
        "get_sensor_temperature_status": "get_sensor_status",
        "get_sensor_humidity_status": "get_sensor_status",
        "get_sensor_brightness_status": "get_sensor_status",
    }

    def __init__(self, state: State, engine: Engine) -> None:
        """Look at a state."""
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
        """Return what takes no parameters."""
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
                "errors": [],
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
                            "timer": None,
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
        """Return a row as this version shows it: older ones mark unused by the name."""
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


def _chosen(rows: list[Row], fields: list[str] | None) -> list[Row]:
    if not fields:
        return rows
    chosen = []
    for row in rows:
        for name in fields:
            if name not in row:
                raise Refusal(f"'{name}'")
        chosen.append({name: row[name] for name in fields})
    return chosen


def _one(rows: list[Row], number: int) -> Row:
    for row in rows:
        if row["id"] == number:
            return row
    raise Refusal("Object not found")


def _quiet_press(engine: Engine, number: int, pressed: bool) -> None:
    row = next((row for row in engine.state.inputs if row["id"] == number), None)
    if row is None:
        raise Refusal("Object not found")
    engine.state.input_values[number] = pressed
    if pressed and row["action"] < 240:
        linked = row["action"]
        engine.put_output(linked, not engine.state.output_values[linked].on)


def _move_group(engine: Engine, number: int, way: str) -> None:
    for row in engine.state.shutters:
        if number in {row["group_1"], row["group_2"]}:
            engine.move(row["id"], way)
