"""The demo to look at: everything set up, until somebody stops it."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from .api import Api, Json
from .backends import MakeSystem
from .check import PASSWORD, USERNAME
from .client import Client, Entity, wait_for
from .dashboards import TITLE, URL_PATH, dashboard, energy_sources
from .hass import HomeAssistant
from .house import DemoHouse
from .points import Points

_MINUTE: Final = 60


async def run(folder: Path, systems: Sequence[MakeSystem], port: int) -> None:
    """Start everything, say where it is, and stay until cancelled.

    Raises HomeAssistantError, OSError or ApiError when something does not start.
    """
    async with AsyncExitStack() as stack:
        print("demo: starting the simulated house and Home Assistant …", flush=True)
        house = await stack.enter_async_context(DemoHouse(folder, systems))
        hass = await stack.enter_async_context(HomeAssistant(folder / "config", port))
        api = await stack.enter_async_context(Api(hass.url))
        await api.log_in("Owner", USERNAME, PASSWORD)
        client = Client(api)
        await client.use_european_formats()
        version = await client.wait_until_running()
        entities: list[Entity] = []
        for entry_id in await _entries(client, house):
            entities += await _shown(client, entry_id)
        points = Points(entities)
        await client.save_dashboard(URL_PATH, TITLE, dashboard(points))
        await client.save_energy(await _energy(client, house, points))
        await api.close()
        print(_words(hass, house, version, len(entities)), flush=True)
        await asyncio.Event().wait()


async def _entries(client: Client, house: DemoHouse) -> list[str]:
    """Add the systems that are not there from a run before; return all entries."""
    known: dict[str, str] = {}
    for entry in await client.entries():
        entry_id = str(entry["entry_id"])
        for entity in await client.entities(entry_id):
            known[entity.unique_id.partition(":")[0]] = entry_id
    for system in house.systems:
        if system.name in known:
            continue
        result = await client.add(system.answers())
        print(f"demo: added {result.title} ({' > '.join(result.steps)})", flush=True)
        known[system.name] = result.entry_id
    return list(known.values())


async def _shown(client: Client, entry_id: str) -> list[Entity]:
    """Wait until an entry's entities show something; whatever comes later comes later."""
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
    """Return the sources of the Energy dashboard, each from one place only.

    Imported history is years long; what a sensor shows begins today.
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


def _words(hass: HomeAssistant, house: DemoHouse, version: str, count: int) -> str:
    simulated = "\n".join(
        f"    {line}" for system in house.systems for line in system.about()
    )
    return f"""
  Home Assistant {version}   {hass.url}
  user name            {USERNAME}
  password             {PASSWORD}
  dashboard            {hass.url}/{URL_PATH}
  Energy dashboard     {hass.url}/energy

  {count} entities; simulated here:
{simulated}

  log                  {hass.log_file}
  Ctrl-C stops everything; the next start goes on from here (--fresh does not).
"""
