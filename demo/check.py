"""Check all systems in a real Home Assistant: ``scripts/demo --check``."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from .api import Api
from .backends import MakeSystem
from .client import Client
from .config import ROOT
from .hass import HomeAssistant, free_port
from .house import DemoHouse
from .log import complaints, records
from .system_check import SystemCheck
from .table import CheckStopped, StepFailed, Table

USERNAME: Final = "demo"
PASSWORD: Final = "junction-demo"  # noqa: S105 - printed for everybody to use


async def check(folder: Path, systems: Sequence[MakeSystem], seed: int = 1) -> bool:
    """Check the systems in a folder of its own, and return whether all checks passed."""
    table = Table()
    try:
        async with AsyncExitStack() as stack:
            hass, api, house = await _start(table, stack, folder, systems, seed)
            checks = [
                SystemCheck(table, hass, Client(api), system)
                for system in house.systems
            ]
            for one in checks:
                await _one(one)
            await _stop(table, hass, checks)
    except CheckStopped:
        pass
    return table.close()


async def _start(
    table: Table,
    stack: AsyncExitStack,
    folder: Path,
    systems: Sequence[MakeSystem],
    seed: int,
) -> tuple[HomeAssistant, Api, DemoHouse]:
    with table.step("start the simulated systems", vital=True) as step:
        house = DemoHouse(folder, systems, seed=seed)
        await stack.enter_async_context(house)
        step.say(", ".join(system.about()[0] for system in house.systems))
    addresses = {
        place: address
        for system in house.systems
        for place, address in system.addresses().items()
    }
    hass = HomeAssistant(
        folder / "config",
        free_port(),
        (ROOT / "demo" / "statistics_now",),
        addresses,
    )
    with table.step("start Home Assistant", vital=True) as step:
        await stack.enter_async_context(hass)
        api = await stack.enter_async_context(Api(hass.url))
        await api.log_in("Owner", USERNAME, PASSWORD)
        client = Client(api)
        step.say(f"{await client.wait_until_running()}, owner logged in")
    return hass, api, house


async def _one(check: SystemCheck) -> None:
    limit = check.system.time_limit
    try:
        async with asyncio.timeout(limit):
            await check.add()
            await check.look()
            await check.disturb()
    except CheckStopped:
        pass
    except TimeoutError:
        with check.table.step(f"{check.system.name}: in time"):
            raise StepFailed(f"it took more than {limit:.0f} s") from None


async def _stop(table: Table, hass: HomeAssistant, checks: list[SystemCheck]) -> None:
    with table.step("stop Home Assistant") as step:
        code = await hass.stop()
        if code:
            raise StepFailed(f"exit code {code}")
        step.say("in good order")
    with table.step("log of Home Assistant") as step:
        expected = {str(record) for one in checks for record in one.expected_complaints}
        said = list(records(hass.log()))
        if not any(record.ours for record in said):
            raise StepFailed("nothing of Junction in it, or its format is another")
        found = [record for record in complaints(said) if str(record) not in expected]
        if found:
            raise StepFailed("\n".join(map(str, found)))
        step.say("no warning, error or traceback")
