"""Read configuration and states with V0 actions.

Protocol: docs/protocols/openmotics.md#conventions.
"""

from collections.abc import Collection, Mapping
import json
from typing import Any, Final, override

from .....errors import RejectedError, UnsupportedError
from ....http import UnexpectedJsonError, json_fields as j
from ..concurrency import gather_or_cancel
from ..models import Configuration, Day, Key, Kind, States, Topic
from . import configuration as listing, states, thermostats
from .api import V0Api
from .rows import rooms as rooms_of
from .schedule import week

CLASSIC_POSITIONS: Final = (3, 143, 113)
"""First version of the Classic master that moves timed shutters to a position."""

_CONFIGURATIONS: Final = (
    "get_room_configurations",
    "get_output_configurations",
    "get_input_configurations",
    "get_shutter_configurations",
    "get_shutter_group_configurations",
    "get_sensor_configurations",
    "get_thermostat_configurations",
    "get_cooling_configurations",
    "get_thermostat_group_configurations",
    "get_power_modules",
    "get_pulse_counter_configurations",
    "get_group_action_configurations",
    "get_ventilation_configurations",
)


_LISTED: Final = (
    Kind.OUTPUT,
    Kind.INPUT,
    Kind.SHUTTER,
    Kind.SENSOR,
    Kind.UNIT,
    Kind.GROUP,
    Kind.VENTILATION,
    Kind.ACTION,
)
"""Kinds whose actions have the same name."""


class V0Reading(V0Api):
    """All actions that read."""

    @override
    async def configuration(self, keep: Collection[Key] = ()) -> Configuration:
        rows = dict(
            zip(
                _CONFIGURATIONS,
                await gather_or_cancel(
                    *(self._rows(action) for action in _CONFIGURATIONS)
                ),
                strict=True,
            )
        )
        self._presets = states.presets(
            rows["get_thermostat_configurations"], rows["get_cooling_configurations"]
        )
        rooms = rooms_of(rows["get_room_configurations"])
        unused: set[Key] = set()
        units = tuple(
            thermostats.thermostats(
                rows["get_thermostat_configurations"],
                rows["get_cooling_configurations"],
                rooms,
            )
        )
        found = rows["get_sensor_configurations"]
        if any("physical_quantity" in row for row in found):
            sensors = tuple(listing.sensors(found, rooms))
        else:
            values = await self._old_sensors() if found else {}
            sensors = tuple(listing.old_sensors(found, rooms, values))
            unused.update(values)
        return Configuration(
            outputs=tuple(
                listing.outputs(rows["get_output_configurations"], rooms, unused)
            ),
            inputs=tuple(listing.inputs(rows["get_input_configurations"], rooms)),
            shutters=tuple(
                listing.shutters(
                    rows["get_shutter_configurations"],
                    rooms,
                    unused,
                    timed_positions=self._classic and self._master >= CLASSIC_POSITIONS,
                    positions="shutter_positions" in self._features,
                )
            ),
            shutter_groups=tuple(
                listing.shutter_groups(rows["get_shutter_group_configurations"], rooms)
            ),
            sensors=sensors,
            thermostats=units,
            groups=tuple(
                thermostats.thermostat_groups(
                    rows["get_thermostat_group_configurations"], units
                )
            ),
            modules=tuple(listing.modules(rows["get_power_modules"])),
            pulses=tuple(
                listing.pulses(rows["get_pulse_counter_configurations"], rooms)
            ),
            actions=tuple(
                listing.group_actions(rows["get_group_action_configurations"])
            ),
            ventilations=tuple(
                listing.ventilations(rows["get_ventilation_configurations"], rooms)
            ),
            presets=frozenset(self._presets),
            refused=frozenset(
                kind
                for kind in _LISTED
                if f"get_{kind}_configurations" in self._missing
            ),
            health=True,
            unused=frozenset(unused),
        )

    @override
    async def schedules(self) -> dict[int, dict[str, dict[str, Day]]]:
        found: dict[int, dict[str, dict[str, Day]]] = {}
        for way, kind in (("heating", "thermostat"), ("cooling", "cooling")):
            rows = await self._whole_rows(f"get_{kind}_configurations")
            for row in rows:
                number = j.integer(row, "id")
                if number is not None and (days := week(row)):
                    found.setdefault(number, {})[way] = days
        return found

    async def _whole_rows(self, action: str) -> list[dict[str, Any]]:
        """Return the rows of a configuration with all fields."""
        return j.mappings(await self._optional(action), "config") or []

    async def _rows(self, action: str) -> list[dict[str, Any]]:
        """Return the rows of a configuration, of long ones with selected fields.

        A missing action returns no rows. All other errors are raised, because objects
        that are not listed count as removed.
        """
        fields = listing.FIELDS.get(action)
        answer: Mapping[str, Any] | None = None
        if fields is not None and action not in self._whole:
            try:
                answer = await self._optional(action, {"fields": json.dumps(fields)})
            except RejectedError, UnsupportedError:
                # An older gateway that lacks one of the fields.
                self._whole.add(action)
        if answer is None:
            answer = await self._optional(action)
        if not answer:
            return []
        name = "modules" if action == "get_power_modules" else "config"
        found = j.mappings(answer, name)
        if found is None:
            raise UnexpectedJsonError(name)
        return found

    # States.

    @override
    async def status(self, topic: Topic) -> States:
        match topic:
            case Topic.OUTPUTS:
                return states.outputs(await self.call("get_output_status"))
            case Topic.INPUTS:
                return states.inputs(await self.call("get_input_status"))
            case Topic.SHUTTERS:
                return states.shutters(await self.call("get_shutter_status"))
            case Topic.SENSORS:
                if answer := await self._optional("get_sensor_status"):
                    return states.sensors(answer)
                return await self._old_sensors()
            case Topic.THERMOSTATS:
                return await self._thermostats()
            case Topic.VENTILATION:
                return states.ventilations(await self.call("get_ventilation_status"))
            case Topic.POWER:
                return states.power(await self.call("get_realtime_power"))
            case Topic.ENERGY:
                return states.energy(await self.call("get_total_energy"))
            case Topic.PULSES:
                return states.pulses(await self.call("get_pulse_counter_status"))
            case Topic.PRESETS:
                return await self._preset_temperatures()
            case Topic.MODULES:
                return states.module_errors(await self._optional("get_errors"))
            case Topic.LAMPS:
                return {}

    async def _preset_temperatures(self) -> States:
        """Return the preset temperatures from the last configuration, or read them again."""
        found, self._presets = self._presets, None
        if found is not None:
            return found
        return states.presets(
            *await gather_or_cancel(
                *(
                    self._rows(f"get_{kind}_configurations")
                    for kind in ("thermostat", "cooling")
                )
            )
        )

    async def _old_sensors(self) -> States:
        answers = await gather_or_cancel(
            *(
                self.call(f"get_sensor_{quantity}_status")
                for quantity in listing.OLD_QUANTITIES
            )
        )
        found: dict[Key, object] = {}
        for quantity, answer in zip(listing.OLD_QUANTITIES, answers, strict=True):
            found |= states.old_sensors(quantity, answer)
        return found

    async def _thermostats(self) -> States:
        if answer := await self._optional("get_thermostat_group_status"):
            return states.thermostat_groups(answer)
        answer = await self.call("get_thermostat_status")
        self._on = j.boolean(answer, "thermostat_on") is not False
        self._cooling = bool(j.boolean(answer, "cooling"))
        return states.thermostats(answer)
