"""Check that the demo starts a second time: ``scripts/demo --check``."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from .backends import MakeSystem
from .client import Client
from .hass import free_port
from .log import complaints, records
from .run import begin, furnish
from .table import CheckStopped, StepFailed, Table

# Some systems add devices only in their second polling round.
_STEADY: Final = 8
"""Seconds without a new entity after which the set is complete."""


async def start_twice(folder: Path, systems: Sequence[MakeSystem], seed: int) -> bool:
    """Start the demo, stop it, and start it again; return whether it is unchanged."""
    table = Table()
    port = free_port()
    counts: list[int] = []
    try:
        for _ in range(2):
            async with AsyncExitStack() as stack:
                begun = await begin(stack, table, folder, systems, port, seed)
                await furnish(begun.client, begun.house, table, past=False)
                with table.step("all that comes later") as step:
                    counts.append(await _steady(begun.client))
                    step.say(f"{counts[-1]} entities")
                with table.step("nothing to repair or to complain of"):
                    issues = await begun.client.repairs()
                    log = begun.hass.log()
                    found = [*map(str, issues), *map(str, complaints(records(log)))]
                    if found:
                        raise StepFailed("\n".join(found))
        with table.step("the second start shows what the first did") as step:
            if counts[0] != counts[1]:
                raise StepFailed(f"{counts[0]} entities, then {counts[1]}")
            step.say(f"{counts[0]} entities")
    except CheckStopped:
        pass
    return table.close()


async def _steady(client: Client) -> int:
    """Wait until no new entities appear, and return how many have a value."""
    last, same = -1, 0
    async with asyncio.timeout(60):
        while same < _STEADY:
            entries = [str(entry["entry_id"]) for entry in await client.entries()]
            found = [e for one in entries for e in await client.entities(one)]
            count = sum(
                e.state is not None and e.state.state != "unavailable" for e in found
            )
            same = same + 1 if count == last else 0
            last = count
            await asyncio.sleep(1)
    return last
