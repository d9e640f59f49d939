"""V0 actions of a simulated gateway, by name.

Protocol: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from .action import Action, truth, whole
from .engine import Engine
from .reads import Handler, Reads
from .schedules import Schedules
from .state import Row, State
from .switching import Refusal
from .upkeep import Upkeep
from .writes import Writes

OK: Row = {"status": "OK"}


def build(state: State, engine: Engine) -> dict[str, Action]:
    """Return all actions of a gateway."""
    reads = Reads(state, engine)
    actions: dict[str, Action] = {}
    for name, rows in reads.configurations().items():
        key = "ventilation_id" if name == "ventilation" else "id"
        actions[f"get_{name}_configurations"] = Action(
            lambda fields=None, rows=rows: {"config": _chosen(rows(), fields)},
            {"fields?": json.loads},
        )
        actions[f"get_{name}_configuration"] = Action(
            lambda fields=None, rows=rows, key=key, **given: {
                "config": _chosen([_one(rows(), given[key])], fields)[0]
            },
            {key: whole, "fields?": json.loads},
        )
    for name, handler in reads.plain().items():
        actions[name] = Action(handler, {}, reads.deprecated.get(name))
    return (
        actions
        | Upkeep(engine).actions()
        | _commands(engine)
        | _writes(engine)
        | _schedules(state)
    )


def _schedules(state: State) -> dict[str, Action]:
    schedules = Schedules(state)
    one = {"schedule_id": whole}
    return {
        "list_schedules": Action(schedules.listed, {}),
        "add_schedule": Action(
            schedules.add,
            {
                "name": str,
                "start": whole,
                "schedule_type": str,
                "arguments?": json.loads,
                "repeat?": json.loads,
                "duration?": whole,
                "end?": whole,
            },
        ),
        "pause_schedule": Action(schedules.pause, one),
        "resume_schedule": Action(schedules.resume, one),
        "remove_schedule": Action(schedules.remove, one),
    }


def _writes(engine: Engine) -> dict[str, Action]:
    writes = Writes(engine)
    found = {
        f"set_{kind}_configuration": Action(handler, {"config": json.loads})
        for kind, handler in writes.configurations().items()
    }

    def restart() -> Row:
        engine.state.restarts += 1
        return {"restart_services": "pending"}

    return found | {
        "set_sensor_status": Action(writes.set_sensor_status, {"status": json.loads}),
        "set_virtual_sensor": Action(
            writes.set_virtual_sensor,
            {
                "sensor_id": whole,
                "temperature": float,
                "humidity": float,
                "brightness": whole,
            },
        ),
        "set_pulse_counter_status": Action(
            writes.set_pulse_counter_status,
            {"pulse_counter_id": whole, "value": whole},
        ),
        "restart_services": Action(restart, {}),
    }


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
        "set_all_lights_off": Action(done(engine.lights_off, {}), {}),
        "set_input": Action(
            # The cache is updated first, so there is no event.
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
                    ventilation_id, level, timer
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
