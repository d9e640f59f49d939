"""Commands to the cloud.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Mapping
from functools import partial
import json
from typing import Any, Final, override

from ....http import NotFoundError, json_fields as j
from ..concurrency import gather_or_cancel
from ..errors import BadRequestError, TransportUnsupportedError, WrongMethodError
from ..gateway import Direction
from ..models import Preset
from .api import CloudApi
from .variants import Variants

SHUTTER_WORDS: Final[Mapping[Direction, tuple[str, ...]]] = {
    Direction.UP: ("open", "up"),
    Direction.DOWN: ("close", "down"),
    Direction.STOP: ("stop",),
}
"""Shutter commands, the current one first; the others were used until 2023."""

_PRESETS: Final = (Preset.AWAY, Preset.VACATION, Preset.PARTY)


class CloudGateway(CloudApi):
    """One installation, with all commands."""

    def __init__(self, *given: Any, **options: Any) -> None:
        """Store the settings, as ``CloudApi`` does."""
        super().__init__(*given, **options)
        self._shutter_forms = Variants(NotFoundError, WrongMethodError)
        self._position_forms = Variants(BadRequestError)

    async def _send(self, path: str, body: object = None) -> None:
        await self.session.data("POST", self.path(path), body=body, idempotent=False)

    # Outputs and lights.

    @override
    async def set_output(
        self,
        output: int,
        on: bool,
        *,
        level: int | None = None,
        seconds: int | None = None,
    ) -> None:
        if seconds is not None:
            raise TransportUnsupportedError
        await self._switch(f"outputs/{output}", on, level)

    @override
    async def set_lamp(self, lamp: int, on: bool, *, level: int | None = None) -> None:
        await self._switch(f"lights/{lamp}", on, level)

    async def _switch(self, path: str, on: bool, level: int | None) -> None:
        if not on:
            await self._send(f"{path}/turn_off")
            return
        # Without a value the light keeps its level.
        await self._send(f"{path}/turn_on", {} if level is None else {"value": level})

    @override
    async def turn_lights_off(self) -> None:
        # "All outputs" would include outlets.
        rows = await self._list("outputs")
        lit = [
            row
            for row in rows
            if j.text(row, "type") == "LIGHT"
            and j.boolean(row, "status", "on") is not False
        ]
        await gather_or_cancel(
            *(self._send(f"outputs/{j.integer(row, 'id')}/turn_off") for row in lit)
        )
        if "lights" in self._given:
            await self._send("lights/turn_off")

    # Shutters.

    @override
    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        path = f"shutters/{shutter}"
        await self._shutter_forms.send(
            "stop" if direction is Direction.STOP else "move",
            [
                *(
                    partial(self._send, f"{path}/{word}")
                    for word in SHUTTER_WORDS[direction]
                ),
                partial(
                    self._send,
                    f"{path}/change_direction",
                    {"direction": direction.upper()},
                ),
            ],
        )

    @override
    async def place_shutter(
        self, shutter: int, position: int, *, seconds: float
    ) -> None:
        await self._tell_position(f"shutters/{shutter}/change_position", position)

    async def _tell_position(self, path: str, position: int) -> None:
        body = {"position": position}
        # The vendor's client sends JSON in a text; it is unknown whether an object is
        # accepted.
        await self._position_forms.send(
            "position",
            [partial(self._send, path, form) for form in (body, json.dumps(body))],
        )

    @override
    async def lock_shutter(self, shutter: int, locked: bool) -> None:
        await self._send(f"shutters/{shutter}/{'lock' if locked else 'unlock'}")

    @override
    async def set_shutter_preset(self, shutter: int, position: int) -> None:
        await self._tell_position(f"shutters/{shutter}/preset", position)

    @override
    async def recall_shutter(self, shutter: int) -> None:
        await self._send(f"shutters/{shutter}/move")

    @override
    async def move_shutter_group(self, group: int, direction: Direction) -> None:
        raise TransportUnsupportedError

    # Thermostats.

    @override
    async def set_thermostat(
        self,
        unit: int,
        *,
        on: bool | None = None,
        setpoint: float | None = None,
        preset: Preset | None = None,
    ) -> None:
        path = f"thermostats/units/{unit}"
        if on is not None:
            await self._send(f"{path}/state", {"state": "ON" if on else "OFF"})
        if preset is not None:
            await self._send(f"{path}/preset", {"preset": preset.upper()})
        if setpoint is not None:
            await self._send(f"{path}/setpoint", {"temperature": setpoint})

    @override
    async def set_thermostat_group(
        self, group: int, *, on: bool | None = None, cooling: bool | None = None
    ) -> None:
        if cooling is not None:
            await self._send(
                f"thermostats/groups/{group}/mode",
                {"mode": "COOLING" if cooling else "HEATING"},
            )
        if on is not None:
            await self._send("thermostats/state", {"state": "ON" if on else "OFF"})

    @override
    async def set_preset_temperature(
        self, unit: int, preset: Preset, temperature: float, *, cooling: bool
    ) -> None:
        path = f"thermostats/units/{unit}"
        row = await self.session.data("GET", self.path(path))
        told: dict[str, dict[str, float]] = {}
        for way in ("heating", "cooling"):
            known = {
                one.upper(): j.number(row, "configuration", way, "presets", one.upper())
                for one in _PRESETS
            }
            told[way] = {
                name: value for name, value in known.items() if value is not None
            }
        told["cooling" if cooling else "heating"][preset.upper()] = temperature
        if any(len(values) < len(_PRESETS) for values in told.values()):
            # All six must be sent, and guessed values would change the others.
            raise TransportUnsupportedError
        await self._send(f"{path}/preset/config", told)

    # Other commands.

    @override
    async def run_group_action(self, action: int) -> None:
        await self._send(f"groupactions/{action}/trigger")

    @override
    def diagnostics(self) -> dict[str, Any]:
        found = super().diagnostics()
        return {
            **found,
            "forms": {
                **found["forms"],
                **self._shutter_forms.works,
                **self._position_forms.works,
            },
        }
