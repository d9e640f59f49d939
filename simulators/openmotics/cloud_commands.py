"""Commands of the simulated cloud, by path and body.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

import json

from .cloud_rows import OFFSET
from .engine import Engine
from .state import Row
from .switching import Refusal

SHUTTER_WORDS = {
    "open": "up",
    "close": "down",
    "up": "up",
    "down": "down",
    "stop": "stop",
}
"""Last part of a path, and the direction that it stands for."""


class NoSuchPathError(Exception):
    """The path does not exist in this generation of the cloud."""


class BadBodyError(Exception):
    """The body is not valid in this generation of the cloud."""


class CloudCommands:
    """Carries out posted commands.

    ``shutter_words`` are the shutter commands of this generation: ``open`` and ``close``, or
    ``up`` and ``down``, both, or ``change_direction``. ``positions`` tells whether a position
    comes in an object, in a text that contains JSON, or either.
    """

    def __init__(self, engine: Engine) -> None:
        """Control a gateway."""
        self.engine = engine
        self.state = engine.state
        self.shutter_words = frozenset({"open", "close", "stop"})
        self.positions = frozenset({"object", "text"})

    def do(self, path: list[str], body: object) -> None:
        """Carry out a command; ``body`` is parsed JSON, or None."""
        match path:
            case ["outputs", *rest]:
                self._output(rest, body)
            case ["lights", *rest]:
                self._light(rest, body)
            case ["shutters", number, *rest]:
                self._shutter(_local(number), rest, body)
            case ["groupactions", number, "trigger"]:
                _nothing(body)
                self.engine.group_action(_local(number))
            case ["thermostats", *rest]:
                self._thermostat(rest, body)
            case _:
                raise NoSuchPathError

    def _output(self, path: list[str], body: object) -> None:
        engine = self.engine
        match path:
            case ["turn_off"]:
                _nothing(body)
                for row in self.state.outputs:
                    if row["in_use"]:
                        engine.set_output(row["id"], False)
            case [number, "turn_on"]:
                engine.set_output(_local(number), True, _object(body).get("value"))
            case [number, "turn_off"]:
                _nothing(body)
                engine.set_output(_local(number), False)
            case [number, "toggle"]:
                _nothing(body)
                value = self.state.output_values.get(_local(number))
                engine.set_output(_local(number), not (value and value.on))
            case _:
                raise NoSuchPathError

    def _light(self, path: list[str], body: object) -> None:
        match path:
            case ["turn_off"]:
                _nothing(body)
                for lamp in self.state.lamps:
                    self._switch(lamp, False, None)
            case [number, "turn_on"]:
                self._switch(self._lamp(number), True, _object(body).get("value"))
            case [number, "turn_off"]:
                _nothing(body)
                self._switch(self._lamp(number), False, None)
            case [number, "toggle"]:
                _nothing(body)
                lamp = self._lamp(number)
                self._switch(lamp, not lamp["on"], None)
            case _:
                raise NoSuchPathError

    def _lamp(self, number: str) -> Row:
        for lamp in self.state.lamps:
            if lamp["id"] == _local(number):
                return lamp
        raise NoSuchPathError

    def _switch(self, lamp: Row, on: bool, value: int | None) -> None:
        self.engine.commands.append(("lamp", lamp["id"], (on, value)))
        if self.state.quirks.deaf:
            return
        lamp["on"] = on
        if value is not None and "RANGE" in lamp["capabilities"]:
            lamp["value"] = min(max(value, 0), 100)

    def _shutter(self, number: int, path: list[str], body: object) -> None:
        engine = self.engine
        if self.state.shutter(number) is None:
            raise NoSuchPathError
        locked = number in self.state.locked_shutters
        match path:
            case ["lock"] | ["unlock"]:
                _nothing(body)
                engine.commands.append(("shutter", number, path[0]))
                if path == ["lock"]:
                    self.state.locked_shutters.add(number)
                else:
                    self.state.locked_shutters.discard(number)
            case [word] if word in self.shutter_words and word in SHUTTER_WORDS:
                _nothing(body)
                self._free(locked=locked)
                engine.move(number, SHUTTER_WORDS[word])
            case ["change_direction"] if "change_direction" in self.shutter_words:
                self._free(locked=locked)
                engine.move(number, str(_object(body)["direction"]).lower())
            case ["change_position"]:
                self._free(locked=locked)
                self._place(number, self._given(body)["position"])
            case ["change_relative_position"]:
                self._free(locked=locked)
                here = self.state.runs[number].position or 0
                self._place(number, here + self._given(body)["offset"])
            case ["preset"]:
                self.state.shutter_presets[number] = self._given(body)["position"]
                engine.commands.append(("shutter", number, "preset"))
            case ["move"]:
                _nothing(body)
                self._free(locked=locked)
                self._place(number, self.state.shutter_presets.get(number, 0))
            case _:
                raise NoSuchPathError

    def _free(self, *, locked: bool) -> None:
        if locked:
            raise Refusal("shutter is locked")

    def _place(self, number: int, position: int) -> None:
        last = self.engine.steps(number) - 1
        goal = min(max(position, 0), last)
        here = self.state.runs[number].position or 0
        self.engine.move(number, "up" if goal < here else "down", goal)

    def _given(self, body: object) -> Row:
        """Return the object of a body, which may be a text that contains JSON."""
        form = "text" if isinstance(body, str) else "object"
        if form not in self.positions:
            raise BadBodyError
        return _object(json.loads(body) if isinstance(body, str) else body)

    def _thermostat(self, path: list[str], body: object) -> None:
        engine, told = self.engine, _object(body)
        match path:
            case ["mode"]:
                for group in self.state.group_modes:
                    engine.set_group(group, told["mode"], None)
            case ["state"]:
                for group in self.state.group_modes:
                    engine.set_group(group, None, told["state"])
            case ["preset"]:
                for unit in self.state.units:
                    engine.set_unit(unit, told["preset"], None)
            case ["groups", number, "mode"]:
                engine.set_group(_local(number), told["mode"], None)
            case ["units", number, "state"]:
                engine.set_unit(_local(number), None, told["state"])
            case ["units", number, "preset"]:
                engine.set_unit(_local(number), told["preset"], None)
            case ["units", number, "setpoint"]:
                engine.set_setpoint(_local(number), told["temperature"])
            case ["units", number, "preset", "config"]:
                self._presets(_local(number), told)
            case _:
                raise NoSuchPathError

    def _presets(self, number: int, told: Row) -> None:
        """Set all six temperatures."""
        names = {"AWAY": "setp3", "VACATION": "setp4", "PARTY": "setp5"}
        for way, rows in (
            ("heating", self.state.thermostats),
            ("cooling", self.state.cooling),
        ):
            for name, field in names.items():
                rows[number][field] = float(told[way][name])
        self.engine.commands.append(("thermostat", number, "presets"))


def _local(number: str) -> int:
    return int(number) - OFFSET if number.isdecimal() else -1


def _object(body: object) -> Row:
    if not isinstance(body, dict):
        raise BadBodyError
    return body


def _nothing(body: object) -> None:
    """Refuse a body; the known clients send none."""
    if body is not None:
        raise BadBodyError
