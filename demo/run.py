"""Set up the demo and keep it running: ``scripts/demo``."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
import time
from typing import Final

from .api import Api, Json
from .automations import automations
from .backends import MakeSystem
from .check import PASSWORD, USERNAME
from .client import Client, Entity, wait_for
from .dashboard import CONFIG, TITLE, URL_PATH
from .energy import energy_sources
from .hass import HomeAssistant
from .house import DemoHouse
from .past import give_past
from .points import Points
from .table import StepFailed, Table

_MINUTE: Final = 60


async def run(
    folder: Path, systems: Sequence[MakeSystem], port: int, seed: int = 1
) -> None:
    """Start everything, print the addresses, and run until cancelled.

    Raises CheckStopped, HomeAssistantError, OSError, or ApiError, after printing the reason, when
    something does not start.
    """
    async with AsyncExitStack() as stack:
        table = Table()
        begun = await begin(stack, table, folder, systems, port, seed)
        points = await furnish(begun.client, begun.house, table)
        await begun.client.api.close()
        seconds = time.monotonic() - table.started
        print(_words(begun, len(points), seconds), flush=True)
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Begun:
    """A demo that is running."""

    house: DemoHouse
    hass: HomeAssistant
    client: Client
    version: str


async def begin(
    stack: AsyncExitStack,
    table: Table,
    folder: Path,
    systems: Sequence[MakeSystem],
    port: int,
    seed: int,
) -> Begun:
    """Start the systems with their kept settings, and Home Assistant with a logged-in owner.

    ``stack`` stops both. Raises CheckStopped.
    """
    step = partial(table.step, vital=True)
    with step("start the simulated systems"):
        house = DemoHouse(folder, systems, seed=seed, kept=True)
        await stack.enter_async_context(house)
    hass = HomeAssistant(folder / "config", port)
    with step("start Home Assistant") as line:
        await stack.enter_async_context(hass)
        api = await stack.enter_async_context(Api(hass.url))
        await api.log_in("Owner", USERNAME, PASSWORD)
        client = Client(api)
        await client.use_european_formats()
        version = await client.wait_until_running()
        line.say(version)
    return Begun(house, hass, client, version)


async def furnish(
    client: Client, house: DemoHouse, table: Table, *, past: bool = True
) -> Points:
    """Add the systems that are missing, and create the dashboards and automations.

    Without ``past``, entities have no history: importing it takes a minute on 2026.10.
    """
    step = partial(table.step, vital=True)
    known = await _known(client)
    new = {system.name for system in house.systems} - known.keys()
    for system in house.systems:
        if system.name in new:
            with step(f"add {system.name}") as line:
                result = await client.add(system.answers())
                known[system.name] = result.entry_id
                line.say(f"{result.title}: {' > '.join(result.steps)}")
    entities: list[Entity] = []
    with step("wait for all entities, and put devices into areas") as line:
        for system in house.systems:
            entry_id = known[system.name]
            entities += await _shown(client, entry_id)
            await client.put_into_area(entry_id, system.area)
        line.say(f"{len(entities)} entities")
    points = Points(entities)
    if past:
        with step("give them a past of two weeks") as line:
            strangers = [entity for entity in entities if entity.backend in new]
            line.say(f"{await give_past(client, house.house.plan, strangers)} hours")
    with step("configure the Energy dashboard") as line:
        energy = await _energy(client, house, points)
        await client.save_energy(energy)
        line.say(", ".join(source["type"] for source in energy))
    with step("make a dashboard"):
        await client.save_dashboard(URL_PATH, TITLE, CONFIG)
    with step("make automations of blueprints") as line:
        made = automations(points)
        for key, config in made.items():
            await client.save_automation(key, config)
        states = {key: (await client.automation(key)).state for key in made}
        if wrong := [key for key, state in states.items() if state != "on"]:
            raise StepFailed(f"not valid: {wrong}")
        line.say(f"{len(made)} automations")
    return points


async def _known(client: Client) -> dict[str, str]:
    """Return the existing entries, by name of the backend."""
    known: dict[str, str] = {}
    for entry in await client.entries():
        entry_id = str(entry["entry_id"])
        for entity in await client.entities(entry_id):
            known[entity.backend] = entry_id
    return known


async def _shown(client: Client, entry_id: str) -> list[Entity]:
    """Wait until the first entities of an entry have a value, not for late ones."""
    await client.wait_until_loaded(entry_id, _MINUTE)

    async def some() -> list[Entity]:
        entities = await client.entities(entry_id)
        enabled = [entity for entity in entities if not entity.disabled_by]
        unavailable = [
            e for e in enabled if not e.state or e.state.state == "unavailable"
        ]
        return [] if unavailable else enabled

    return await wait_for(some, _MINUTE, "nothing is shown")


async def _energy(client: Client, house: DemoHouse, points: Points) -> list[Json]:
    """Return the energy sources, each from one system only.

    Imported history covers years, while a sensor's statistics begin today.
    """
    imported: list[Json] = []

    async def begun() -> bool:
        nonlocal imported
        ids = await client.statistic_ids()
        found = [system.imported_sources(ids) for system in house.systems]
        imported = [source for sources in found for source in sources or ()]
        return None not in found

    await wait_for(begun, _MINUTE, "no history was imported")
    kinds = {source["type"] for source in imported}
    return [
        *imported,
        *(one for one in energy_sources(points) if one["type"] not in kinds),
    ]


def _words(begun: Begun, count: int, seconds: float) -> str:
    hass = begun.hass
    simulated = "\n".join(
        f"    {line}" for system in begun.house.systems for line in system.about()
    )
    return f"""
  Home Assistant {begun.version}   {hass.url}
  user name            {USERNAME}
  password             {PASSWORD}
  dashboard            {hass.url}/{URL_PATH}
  Energy dashboard     {hass.url}/energy

  {count} entities, usable after {seconds:.0f} s. Simulated here:
{simulated}

  log                  {hass.log_file}
  Ctrl-C stops everything. The next start goes on from here (with --fresh, from nothing).
"""
