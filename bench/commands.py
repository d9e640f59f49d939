"""Outcome of commands to devices that clamp, round, ignore, refuse, or respond late.

    python -m bench.commands

One Home Assistant has the simulated house behind OpenMotics, Cozify, and Mycodo, each with its
real backend and a real server. The three other systems take no commands. Prints a table in
Markdown: the final state of the entity, the duration of the action in seconds, and its error, if
any. To measure version 0.1.0 of Junction, copy this file, ``command_kinds.py``, and
``command_rows.py`` into a checkout of that version.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
import logging
from tempfile import TemporaryDirectory
import time
from typing import Final

from aiohttp import web
from homeassistant import loader
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, frame
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# Import this first: Home Assistant puts a package of the same name at the front of the path.
import custom_components.junction  # noqa: F401
from simulators.http_faults import Fault, Handler

from .command_kinds import Kind, System
from .command_rows import cozify, mycodo, openmotics

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
"""Seconds that a late device takes."""
SOON: Final = 0.1


def _later(
    system: System, seconds: float, put: Callable[[], object] | None = None
) -> Fault:
    """Accept a command and carry it out later, or let the device do something else."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.read()

        async def carry_out() -> None:
            await asyncio.sleep(seconds)
            if put is None:
                await handler(request)
            else:
                put()

        _running.add(task := asyncio.create_task(carry_out()))
        task.add_done_callback(_running.discard)
        return web.json_response(system.accepted)

    return fault


_running: set[asyncio.Task[None]] = set()


def _refuse(system: System) -> Fault:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        code, body = system.refused
        return web.json_response(body, status=code)

    return fault


class Table:
    """All devices and situations, and the outcome of each.

    Where a situation is built into the simulated device, the simulator handles it. Otherwise the
    system accepts the command, and the device takes another value, does nothing, or responds late.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Use a Home Assistant with all systems set up."""
        self._hass = hass
        self.cells: dict[tuple[str, str], str] = {}

    async def fill(self, system: System, unique_id: str) -> None:
        """Run all cases of a system, one after the other."""
        registry = er.async_get(self._hass)
        for kind in system.kinds:
            entity = registry.async_get_entity_id(
                kind.platform, "junction", f"{unique_id}/{kind.point}"
            )
            if entity is None:
                raise RuntimeError(f"{system.name} has no {kind.point}")
            for situation in SITUATIONS:
                if (cell := await self._try(system, kind, entity, situation)) != "":
                    self.cells[f"{system.name}: {kind.name}", situation] = cell

    async def _try(
        self, system: System, kind: Kind, entity: str, situation: str
    ) -> str:
        case = kind.cases.get(situation, kind.cases[""])
        if case is None:
            return ""
        # Start each case from the same value, known to Home Assistant.
        kind.put(kind.start)
        await asyncio.sleep(2 * SOON)
        await self._hass.services.async_call(
            "homeassistant", "update_entity", {"entity_id": entity}, blocking=True
        )
        await asyncio.sleep(0.5)
        asked, becomes = case
        fault: Fault | None = None
        if situation == "ignored":
            fault = _later(system, SOON, lambda: None)
        elif situation == "refused":
            fault = _refuse(system)
        elif situation == "late":
            fault = _later(system, LATE)
        elif becomes is not None:
            fault = _later(system, SOON, lambda: kind.put(becomes))
        if fault is not None:
            for path in system.paths:
                system.server.inject(fault, path, method=system.method)
        begin = time.monotonic()
        problem = ""
        action, data = kind.ask(asked)
        domain, service = action.split(".")
        try:
            await self._hass.services.async_call(
                domain, service, {**data, "entity_id": entity}, blocking=True
            )
        except HomeAssistantError as err:
            problem = f", “{err}”"
        took = time.monotonic() - begin
        # Wait for updates that are still on their way.
        await asyncio.sleep(2 * LATE)
        system.server.heal()
        state = self._hass.states.get(entity)
        assert state is not None
        shown = kind.shows({**state.attributes, "state": state.state})
        return f"{shown}, {took:.1f} s{problem}"

    def lines(self) -> list[str]:
        """Return the table in Markdown."""
        names = dict.fromkeys(name for name, _situation in self.cells)
        return [
            f"| | {' | '.join(SITUATIONS)} |",
            "|---" * (len(SITUATIONS) + 1) + "|",
            *(
                f"| {name} | "
                + " | ".join(self.cells.get((name, s), "–") for s in SITUATIONS)
                + " |"
                for name in names
            ),
        ]


async def _run() -> list[str]:
    logging.disable(logging.WARNING)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        systems = [await make(stack) for make in (openmotics, cozify, mycodo)]
        hass = await stack.enter_async_context(
            async_test_home_assistant(config_dir=folder)
        )
        frame.async_setup(hass)
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        entries = []
        for system in systems:
            entry = MockConfigEntry(
                domain="junction",
                unique_id=system.unique_id,
                title=system.name,
                data=system.data,
                options=system.options,
            )
            entry.add_to_hass(hass)
            if not await hass.config_entries.async_setup(entry.entry_id):
                raise RuntimeError(f"{system.name}: {entry.reason}")
            entries.append(entry)
        await hass.async_block_till_done()
        await async_setup_component(hass, "homeassistant", {})
        table = Table(hass)
        await asyncio.gather(*(table.fill(s, s.unique_id) for s in systems))
        for entry in entries:
            await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_stop(force=True)
    return table.lines()


if __name__ == "__main__":
    print("\n".join(asyncio.run(_run())))
