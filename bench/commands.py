"""What comes of a command to a device that clamps, rounds, ignores, refuses or is late.

    python -m bench.commands

One Home Assistant with a house in which each platform has a device of each kind. They
are told by push what they do, as OpenMotics tells it, and are as patient. Prints a table
in Markdown: what the entity shows in the end, after how many seconds the action ended,
and with which error, if with one. Also runs on versions of Junction that knew less of
what devices do: fields of points that they do not have are left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
import logging
import sys
from tempfile import TemporaryDirectory
import time
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

from homeassistant import loader
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.junction import backends
from custom_components.junction.backends.base import BackendInfo, Sink
from custom_components.junction.errors import RejectedError
from custom_components.junction.model import (
    CoverState,
    Delta,
    DeviceSpec,
    Point,
    PointKey,
    Snapshot,
    Topology,
    merge,
)

from .command_kinds import KINDS, Kind, known

SITUATIONS: Final = (
    "clamped",
    "rounded",
    "already so",
    "ignored",
    "refused",
    "late",
    "moved elsewhere",
)
LATE: Final = 1.5
"""Seconds that a late device takes; a travel of a cover takes as long."""


class House:
    """The far side: each device does what its situation says, and tells it."""

    def __init__(self) -> None:
        """Make a device of every kind in every situation."""
        self.states: dict[PointKey, Any] = {}
        self.points: list[Point[Any]] = []
        self.sink: Sink | None = None
        for name, kind in KINDS.items():
            for situation in SITUATIONS:
                if situation not in kind.asks and (
                    "" not in kind.asks or situation in kind.without
                ):
                    continue
                device = f"{name}/{situation}"
                point = kind.make(device, self._steer(device, kind, situation))
                self.points.append(point)
                self.states[point.key] = kind.start
        self.topology = Topology(
            devices=tuple(
                DeviceSpec(
                    id=point.device, name="Kitchen " + point.device.split("/")[0]
                )
                for point in self.points
            ),
            points=tuple(self.points),
        )

    def _steer(
        self, device: str, kind: Kind, situation: str
    ) -> Callable[[Callable[..., Any]], Callable[..., Awaitable[None]]]:
        """Return what makes a command of what it should lead to."""

        def steer(becomes: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
            async def send(*args: Any) -> None:
                await asyncio.sleep(0.02)
                if situation == "refused":
                    raise RejectedError("the device is locked")
                if situation == "ignored":
                    return
                bend = kind.bends.get(situation, lambda state: state)
                state = bend(becomes(*args))
                moving = isinstance(state, CoverState)
                wait = LATE if situation == "late" else LATE if moving else 0.05
                loop = asyncio.get_running_loop()
                if moving and situation != "already so":
                    loop.call_later(0.1, self._become, device, CoverState(opening=True))
                    state = replace(state, opening=False)
                loop.call_later(wait, self._become, device, state)

            return send

        return steer

    def _become(self, device: str, state: object) -> None:
        key = (device, device)
        new = merge(self.states[key], state)
        # A device tells of what changes.
        if self.sink is not None and new != self.states[key]:
            self.states[key] = new
            self.sink.push(Delta(states={key: new}))


class Backend:
    """The adapter of the house."""

    def __init__(self, house: House) -> None:
        """Take the house."""
        self._house = house

    async def connect(self) -> None:
        """Do nothing."""

    async def fetch(self) -> Snapshot:
        """Return everything."""
        return Snapshot(topology=self._house.topology, states=dict(self._house.states))

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return the states of some points."""
        await asyncio.sleep(0.02)
        return Delta(states={key: self._house.states[key] for key in keys})

    def subscribe(self, sink: Sink) -> None:
        """Push from now on."""
        self._house.sink = sink

    async def close(self) -> None:
        """Push no longer."""
        self._house.sink = None

    def diagnostics(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}


async def _run() -> dict[tuple[str, str], str]:
    logging.disable(logging.WARNING)
    house = House()
    module = ModuleType("bench_house")
    info = known(
        BackendInfo,
        name="bench",
        title="Bench",
        platforms=tuple(Platform(name.replace(" ", "_")) for name in KINDS),
        create=lambda hass, entry: Backend(house),
        poll_interval=lambda entry: None,
        confirm_after=(2.0, 2.0, 4.0),
        live=lambda backend, key: True,
    )
    vars(module)["INFO"] = info
    sys.modules[module.__name__] = module
    with (
        TemporaryDirectory() as folder,
        patch.dict(backends.BACKENDS, {"bench": module.__name__}),
    ):
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            entry: MockConfigEntry = MockConfigEntry(
                domain="junction", unique_id="bench:1", data={"backend": "bench"}
            )
            entry.add_to_hass(hass)
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            found = await asyncio.gather(
                *(_tell(hass, point) for point in house.points)
            )
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_stop(force=True)
    return dict(found)


async def _tell(hass: HomeAssistant, point: Point[Any]) -> tuple[tuple[str, str], str]:
    """Tell a device something; return what comes of it."""
    name, situation = point.device.split("/")
    kind = KINDS[name]
    action, data = kind.asks.get(situation) or kind.asks[""]
    domain, service = action.split(".")
    entity = er.async_get(hass).async_get_entity_id(
        point.platform, "junction", f"bench:1/{point.device}/{point.device}"
    )
    assert entity is not None
    begin = time.monotonic()
    problem = ""
    try:
        await hass.services.async_call(
            domain, service, {**data, "entity_id": entity}, blocking=True
        )
    except HomeAssistantError as err:
        problem = f", “{err}”"
    took = time.monotonic() - begin
    # What moves arrives by then.
    await asyncio.sleep(2 * LATE)
    state = hass.states.get(entity)
    assert state is not None
    shown = kind.shows({**state.attributes, "state": state.state})
    return (name, situation), f"{shown}, {took:.1f} s{problem}"


def main() -> None:
    """Print the table."""
    found = asyncio.run(_run())
    print(f"| | {' | '.join(SITUATIONS)} |")
    print("|---" * (len(SITUATIONS) + 1) + "|")
    for name in KINDS:
        cells = [found.get((name, situation), "–") for situation in SITUATIONS]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
