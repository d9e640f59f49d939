"""Lists of the simulated cloud: the house of a gateway, with its own ids.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Callable

from .engine import Engine
from .state import UNSET, Row, State

TYPES = {
    0: "OUTLET",
    1: "VALVE",
    2: "ALARM",
    3: "APPLIANCE",
    4: "PUMP",
    5: "HVAC",
    6: "GENERIC",
    7: "MOTOR",
    8: "VENTILATION",
    9: "HEATER",
    127: "SHUTTER_RELAY",
    255: "LIGHT",
}
_STEPPED = ("POSITION", "CLOUD_LOCK", "PRESET", "CHANGE_PRESET")
"""Capabilities of shutters with a position."""
OFFSET = 1000
"""Offset of the cloud's ids from those of the gateway."""


class CloudRows:
    """Lists by path. ``null_status``: rows have no status where that is possible."""

    def __init__(self, state: State, engine: Engine, installation: int) -> None:
        """List the content of a gateway."""
        self.state = state
        self.engine = engine
        self.installation = installation
        self.null_status = False

    def lists(self) -> dict[str, Callable[[], list[Row]]]:
        """Return the function that makes each list."""
        return {
            "outputs": self._outputs,
            "lights": self._lights,
            "inputs": self._inputs,
            "shutters": self._shutters,
            "sensors": self._sensors,
            "thermostats/groups": self._groups,
            "thermostats/units": self._units,
            "ventilations/units": lambda: [
                self._thing(row, {"mode": "automatic", "level": 2})
                for row in self.state.ventilations
            ],
            "groupactions": lambda: [
                {
                    "id": row["id"] + OFFSET,
                    "local_id": row["id"],
                    "name": row["name"],
                    "actions": [],
                    "location": {"installation_id": self.installation},
                }
                for row in self.state.actions
                if row["name"]
            ],
            "rooms": lambda: [
                {"id": row["id"] + OFFSET, "name": row["name"], "floor_id": None}
                for row in self.state.rooms
                if row["name"]
            ],
        }

    def hidden(self, path: str, row: Row) -> bool:
        """Return whether the filter CONTROL hides a row that a process controls."""
        if path == "outputs":
            valves = {
                unit[name]
                for unit in (*self.state.thermostats, *self.state.cooling)
                for name in ("output0", "output1")
                if unit[name] != UNSET
            }
            return row["type"] == "SHUTTER_RELAY" or row["local_id"] in valves
        return path == "groupactions" and any(
            one["id"] == row["local_id"] and one["internal"]
            for one in self.state.actions
        )

    def _thing(self, row: Row, status: Row, **extra: object) -> Row:
        room = row.get("room", UNSET)
        return {
            "id": row["id"] + OFFSET,
            "local_id": row["id"],
            "name": row["name"],
            "location": {
                "installation_id": self.installation,
                "gateway_id": 408,
                "room_id": None if room == UNSET else room + OFFSET,
                "floor_id": None,
                "floor_coordinates": {"x": None, "y": None},
            },
            "status": None if self.null_status else status,
            "_version": 1.0,
            **extra,
        }

    def _outputs(self) -> list[Row]:
        self.engine.settle()
        rows = []
        for row in self.state.outputs:
            if not row["in_use"]:
                continue
            value = self.state.output_values[row["id"]]
            dims = row["module_type"] in "dD"
            status: Row = {
                "on": value.on,
                "locked": value.locked,
                "manual_override": False,
            }
            if dims:
                status["value"] = value.level
            rows.append(
                self._thing(
                    row,
                    status,
                    type=TYPES[row["type"]],
                    capabilities=["ON_OFF", "RANGE"] if dims else ["ON_OFF"],
                    metadata=None,
                )
            )
        return rows

    def _lights(self) -> list[Row]:
        """Return lights of other manufacturers, without a status instead of a null one."""
        rows = []
        for lamp in self.state.lamps:
            row = self._thing(
                lamp,
                {"on": lamp["on"], "value": lamp["value"]},
                capabilities=lamp["capabilities"],
            )
            if self.null_status:
                del row["status"]
            rows.append(row)
        return rows

    def _inputs(self) -> list[Row]:
        return [
            self._thing(row, {"on": self.state.input_values[row["id"]]})
            for row in self.state.inputs
            if row["in_use"]
        ]

    def _shutters(self) -> list[Row]:
        self.engine.settle()
        rows = []
        for row in self.state.shutters:
            if not row["name"]:
                continue
            run = self.state.runs[row["id"]]
            stepped = 2 <= row["steps"] < 65535
            status: Row = {
                "state": run.state.upper(),
                "position": run.position,
                "locked": row["id"] in self.state.locked_shutters,
                "last_change": run.changed,
                "preset_position": self.state.shutter_presets.get(row["id"]),
            }
            thing = self._thing(
                row,
                status,
                type="SHUTTER",
                capabilities=["UP_DOWN", *(_STEPPED if stepped else ())],
                configuration={"steps": row["steps"] if stepped else None},
            )
            if self.null_status:
                # Never null here, but possibly empty.
                thing["status"] = {}
            rows.append(thing)
        return rows

    def _sensors(self) -> list[Row]:
        rows = [
            self._thing(
                row,
                {row["physical_quantity"]: self.state.sensor_values.get(row["id"])},
                physical_quantity=row["physical_quantity"],
            )
            for row in self.state.sensors
        ]
        # Current transformers are sensors here, of power only.
        for module in self.state.modules:
            for port in range(12):
                if (name := module[f"input{port}"]) and not name.isspace():
                    number = 500 + 20 * module["id"] + port
                    watts = self.state.watts[module["id"], port]
                    rows.append(
                        self._thing(
                            {"id": number, "name": name},
                            {"power": watts},
                            physical_quantity="power",
                        )
                    )
        return rows

    def _groups(self) -> list[Row]:
        return [
            self._thing(
                row,
                {"mode": self.state.group_modes[row["id"]].upper(), "state": "ON"},
                capabilities=["HEATING", "COOLING"],
                thermostat_ids=[number + OFFSET for number in self.state.units],
            )
            for row in self.state.groups
        ]

    def _units(self) -> list[Row]:
        rows = []
        for number, unit in self.state.units.items():
            presets: Row = {}
            for way, units in (
                ("heating", self.state.thermostats),
                ("cooling", self.state.cooling),
            ):
                row = units[number]
                presets[way] = {
                    "presets": {
                        "AWAY": row["setp3"],
                        "VACATION": row["setp4"],
                        "PARTY": row["setp5"],
                    }
                }
                for index in (0, 1):
                    if row[f"output{index}"] != UNSET:
                        presets[way][f"output_{index}_id"] = (
                            row[f"output{index}"] + OFFSET
                        )
            thing = self._thing(
                self.state.thermostats[number],
                {
                    "state": "ON" if unit.on else "OFF",
                    "mode": self.state.group_modes[0].upper(),
                    "current_setpoint": self.engine.setpoint(unit),
                    "actual_temperature": self.engine.reading(number),
                    "active_preset": unit.preset.upper(),
                    "steering_power": unit.steering,
                },
                configuration=presets,
            )
            thing["location"]["thermostat_group_id"] = OFFSET
            rows.append(thing)
        return rows
