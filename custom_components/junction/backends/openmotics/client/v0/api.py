"""The V0 actions that read: what there is, and what it shows.

How a call travels is left to the subclasses.

On the wire: docs/protocols/openmotics.md#identity-versions-and-features.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
import json
from typing import Any, Final, override

from .....errors import RejectedError, UnsupportedError
from ....http import Answer, UnexpectedJsonError, json_fields as j
from ..concurrency import gather_or_cancel
from ..errors import MissingActionError, judge_v0
from ..gateway import Gateway
from ..house import lasting_mac, lasting_serial
from ..models import Abilities, Configuration, Identity, Key, States, Topic
from . import configuration as listing, states

CLASSIC_TIMERS: Final = (150, 450, 900, 1500, 2220, 3120)
"""The only durations in s that a Classic master knows."""
CLASSIC_POSITIONS: Final = (3, 143, 113)
"""The first Classic master that sends timed shutters to a position."""

READING: Final = ("get_", "list_", "in_", "health_check")
"""How the names of actions begin that only read."""

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


class V0Api(ABC, Gateway):
    """Everything that only looks; ``V0Gateway`` steers as well."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._abilities = Abilities()
        self._features: frozenset[str] = frozenset()
        self._platform: str | None = None
        self._classic = False
        self._master: tuple[int, ...] = ()
        self._missing: set[str] = set()
        self._given: set[str] = set()
        self._whole: set[str] = set()
        self._presets: States | None = None
        self._cooling = False
        self._on = True

    @property
    @override
    def abilities(self) -> Abilities:
        return self._abilities

    @override
    async def call(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        idempotent: bool | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        """Call an action and return its answer, if ``success`` is true.

        Lists and objects among the parameters are sent as JSON. ``idempotent`` says
        whether it may be sent again when the connection breaks; None = if it only reads.
        Raises MissingActionError when the gateway is older than the action, RejectedError
        with its words when it refuses, and what any server may fail with.
        """
        return opened(
            await self._send_action(
                name,
                _form(parameters),
                idempotent=is_reading(name) if idempotent is None else idempotent,
                timeout=timeout,
            )
        )

    @override
    async def whole_answer(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> Answer:
        answer = await self._send_action(
            name, _form(parameters), idempotent=is_reading(name), timeout=None
        )
        opened(answer)
        return answer

    @abstractmethod
    async def _send_action(
        self,
        action: str,
        form: Mapping[str, Any],
        *,
        idempotent: bool,
        timeout: float | None,
    ) -> Answer:
        """Send an action with the login, and return its answer unopened."""

    # What there is.

    async def describe(self) -> Identity:
        """Ask who answers, and find out what it can do.

        Raises UnexpectedJsonError when the answer names no version.
        """
        self._missing.clear()
        self._whole.clear()
        version = await self.call("get_version")
        sw_version = j.text(version, "gateway") or j.text(version, "version")
        if sw_version is None:
            raise UnexpectedJsonError("version")
        features = await self._optional("get_features")
        details = await self._optional("get_platform_details")
        self._features = frozenset(
            found
            for found in j.sequence(features, "features") or ()
            if isinstance(found, str)
        )
        master = j.text(version, "master")
        platform = self._platform = j.text(details, "platform")
        engine = "thermostats_gateway" in self._features
        # Before there were other platforms, nobody had to say so.
        self._classic = platform == "CLASSIC" or (platform is None and not engine)
        self._master = _numbers(master)
        self._abilities = Abilities(
            timers=CLASSIC_TIMERS if self._classic else (),
            unit_off=engine,
            tolerance=2.0 if "100_steps_dimmer" in self._features else 10.0,
            identify=True,
            lights_off=True,
            feeds=True,
        )
        mac = lasting_mac(j.text(details, "mac_address"))
        serial = lasting_serial(j.text(details, "hardware_serial"))
        return Identity(
            id=(mac or "").replace(":", "") or serial or "",
            title="OpenMotics",
            model=platform or ("Classic" if self._classic else None),
            sw_version=sw_version,
            hw_version=master,
            serial=serial,
            mac=mac,
            features=self._features,
        )

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
        rooms = listing.rooms(rows["get_room_configurations"])
        unused: set[Key] = set()
        units = tuple(
            listing.thermostats(
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
                listing.thermostat_groups(
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
            health=True,
            unused=frozenset(unused),
        )

    async def _rows(self, action: str) -> list[dict[str, Any]]:
        """Return the rows of a configuration, of which long ones are shortened.

        An action that this gateway does not have gives none; everything else that goes
        wrong is raised, for what is not listed counts as removed.
        """
        fields = listing.FIELDS.get(action)
        answer: Mapping[str, Any] | None = None
        if fields is not None and action not in self._whole:
            try:
                answer = await self._optional(action, {"fields": json.dumps(fields)})
            except RejectedError, UnsupportedError:
                # An older gateway, which does not know one of the fields.
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

    async def _optional(
        self, action: str, form: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call an action that not every gateway has; without it the answer is empty."""
        if action in self._missing:
            return {}
        try:
            answer = await self.call(action, form)
        except UnsupportedError as err:
            if action in self._given or (
                form and not isinstance(err, MissingActionError)
            ):
                # It was there; that it is refused now does not empty it.
                raise
            self._missing.add(action)
            return {}
        self._given.add(action)
        return answer

    # What it shows.

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
        """Return them as the configuration just said them, or read them again."""
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

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "platform": self._platform,
            "classic": self._classic,
            "features": sorted(self._features),
            "missing_actions": sorted(self._missing),
            "configurations_without_fields": sorted(self._whole),
        }


def opened(answer: Answer) -> dict[str, Any]:
    """Return the body of an answer; raise what ``success: false`` means."""
    body = answer.object()
    if j.boolean(body, "success") is False:
        raise judge_v0(answer.clean(j.text(body, "msg") or ""))
    return body


def is_reading(name: str) -> bool:
    """Return whether an action only reads, by its name."""
    return name.startswith(READING)


def _form(parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        key: json.dumps(value) if isinstance(value, list | dict) else value
        for key, value in (parameters or {}).items()
    }


def _numbers(version: str | None) -> tuple[int, ...]:
    parts = (version or "").split(".")
    return tuple(int(part) for part in parts) if all(map(str.isdigit, parts)) else ()
