"""Check that the demo starts a second time: ``scripts/demo --check``."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from .backends import MakeSystem
from .hass import free_port
from .log import complaints, records
from .run import begin, furnish
from .table import CheckStopped, StepFailed, Table


async def start_twice(folder: Path, systems: Sequence[MakeSystem], seed: int) -> bool:
    """Start the demo, stop it, and start it again; return whether it is as it was."""
    table = Table()
    port = free_port()
    counts: list[int] = []
    try:
        for _ in range(2):
            async with AsyncExitStack() as stack:
                begun = await begin(stack, table, folder, systems, port, seed)
                points = await furnish(begun.client, begun.house, table, past=False)
                counts.append(len(points))
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
