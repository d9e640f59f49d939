"""Take the pictures of the documentation: ``scripts/screenshots``."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
import sys
import tempfile
from typing import Final

from .action_pictures import ACTIONS, picture_actions
from .api import Api
from .backends import SYSTEMS, MakeSystem
from .backends.base import SimulatedSystem
from .backends.dsmr_reader import SimulatedReader
from .browser import Visitor, browse
from .check import PASSWORD, USERNAME
from .client import Client, wait_for
from .config import ROOT
from .dashboard import URL_PATH
from .dashboard_pictures import picture_dashboard
from .dialog_page import SECTIONS, forget_others, write
from .dialog_pictures import DLMS, DialogPhotographer
from .hass import HomeAssistant, free_port
from .house import DemoHouse
from .run import furnish
from .strangers import strangers
from .table import CheckStopped, Table

FOLDER: Final = ROOT / "docs" / "images"
DIALOGS: Final = FOLDER / "dialogs"
PAGE: Final = ROOT / "docs" / "dialogs.md"
_WEEKS: Final = 26
# High enough for all entities of any device: one without a value spoils the picture.
_DEVICES: Final = 100


class Photographer:
    """Takes pictures of devices, options, and dashboards."""

    def __init__(
        self, table: Table, client: Client, house: DemoHouse, visitor: Visitor
    ) -> None:
        """Use a Home Assistant with all systems."""
        self._table = table
        self._client = client
        self._house = house
        self._visitor = visitor

    async def look_around(self) -> None:
        """Take pictures of devices, options, and dashboards."""
        entries: dict[str, str] = {}
        for entry in await self._client.entries():
            entry_id = str(entry["entry_id"])
            [first, *_] = await self._client.entities(entry_id)
            entries[first.backend] = entry_id
        with self._table.step("the devices"):
            for system in self._house.systems:
                # The interesting part of this system is in the Energy dashboard.
                if system.name != "dsmr_reader":
                    await self._device(system, entries[system.name])
        with self._table.step("a lamp and its colours"):
            await self._wheel(entries["cozify"])
        with self._table.step("the integration"):
            await self._integration(entries)
        with self._table.step("the dashboards"):
            await picture_dashboard(self._visitor, self._client.api.url)
            await self.energy()

    async def _device(self, system: SimulatedSystem, entry_id: str) -> None:
        entities = await self._client.entities(entry_id)
        devices = await self._client.devices(entry_id)
        main = [e for e in entities if not e.disabled_by and e.category is None]
        counts = {
            device["id"]: sum(1 if not entity.missing else -_DEVICES for entity in own)
            for device in devices
            if (own := [e for e in main if e.device_id == device["id"]])
        }
        most = max(counts, key=lambda device: counts[device])
        await self._visitor.go(f"/config/devices/device/{most}")
        name = system.name.replace("_", "-")
        await self._visitor.picture(f"{name}-device", settle=3)

    async def _wheel(self, entry_id: str) -> None:
        light = next(
            entity
            for entity in await self._client.entities(entry_id)
            if entity.platform == "light"
            and "hs" in (entity.attribute("supported_color_modes") or ())
        )
        await self._client.call(
            "light.turn_on", light.entity_id, hs_color=[200, 80], brightness=153
        )
        page = self._visitor.page
        more = f"/{URL_PATH}/house?more-info-entity-id={light.entity_id}"
        await self._visitor.visit(more)
        dialog = page.locator("ha-more-info-dialog")
        await dialog.get_by_label("Color", exact=True).first.click()
        await page.locator("ha-hs-color-picker").wait_for()
        await self._visitor.picture("cozify-light", settle=2)
        await page.keyboard.press("Escape")

    async def _integration(self, entries: Mapping[str, str]) -> None:
        row = await self._visitor.entry(entries["mycodo"])
        await row.locator("ha-dropdown ha-icon-button").first.click()
        await self._visitor.picture("integration", settle=2)
        await self._visitor.page.keyboard.press("Escape")
        await self._visitor.visit("/config/automation/dashboard")
        await self._visitor.picture("automations", settle=2, height=700)

    async def energy(self) -> None:
        """Take a picture of Home Assistant's Energy dashboard."""
        page = self._visitor.page
        await self._visitor.visit("/energy")
        await page.get_by_role("button", name="Previous").first.click()
        await self._visitor.picture("energy-dashboard", settle=4, height=1000)

    async def wait(self, minutes: float) -> None:
        """Wait for data to show: turn loads on and off until the past is imported."""
        loads = [
            entity.entity_id
            for entry in await self._client.entries()
            for entity in await self._client.entities(str(entry["entry_id"]))
            if entity.point in ("switch", "output_8") and not entity.disabled_by
        ]
        for action, share in (("turn_off", 0.4), ("turn_on", 0.35), ("turn_off", 0.25)):
            for load in loads:
                await self._client.call(f"homeassistant.{action}", load)
            await asyncio.sleep(60 * minutes * share)
        prefs = await self._client.api.command("energy/get_prefs")
        grid = prefs["energy_sources"][0]["stat_energy_from"]

        async def imported() -> bool:
            now = datetime.now(UTC)
            rows = await self._client.hours([grid], now - timedelta(hours=4), now)
            return bool(rows.get(grid))

        await wait_for(imported, 300, "the past was not imported")


@asynccontextmanager
async def _opened(
    table: Table, makers: Sequence[MakeSystem], folder: Path
) -> AsyncIterator[tuple[DemoHouse, Client, Visitor, Path]]:
    """Start the systems, a Home Assistant with a logged-in owner, and a browser.

    The last result is the folder for their files. Raises CheckStopped.
    """
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with table.step("start everything", vital=True):
            house = await enter(DemoHouse(work, makers, public_addresses=True))
            addresses = {
                place: address
                for system in house.systems
                for place, address in system.addresses().items()
            }
            hass = HomeAssistant(work / "config", free_port(), (), addresses)
            await enter(hass)
            api = await enter(Api(hass.url))
            await api.log_in("Owner", USERNAME, PASSWORD)
            client = Client(api)
            await client.use_european_formats()
            await client.wait_until_running()
            visitor = await enter(browse(api, folder))
        yield house, client, visitor, work


async def photograph_dialogs(folder: Path, systems: Sequence[str]) -> bool:
    """Take every dialog of some systems, and update the page if the folder is that of the docs.

    Returns whether all went well. Raises BrowserMissing.
    """
    table = Table()
    makers = [SYSTEMS[name] for name in systems if name in SYSTEMS]
    if ACTIONS in systems:
        makers = list(SYSTEMS.values())
    with suppress(CheckStopped):
        async with (
            _opened(table, makers, folder) as (house, client, visitor, work),
            strangers() as others,
        ):
            person = DialogPhotographer(table, client, visitor, others, folder)
            by_name = {system.name: system for system in house.systems}
            for name in systems:
                if name == DLMS:
                    taken = await person.walk(house, work)
                elif name == ACTIONS:
                    taken = await picture_actions(visitor, client, house, folder)
                else:
                    taken = await person.look_at(by_name[name])
                await client.api.refresh_tokens()
                if folder == DIALOGS:
                    write(PAGE, name, taken)
    if folder == DIALOGS and set(systems) == set(SECTIONS):
        forget_others(PAGE, folder)
    return table.close()


async def photograph(
    folder: Path, minutes: float, *, dashboards_only: bool = False
) -> bool:
    """Take all pictures into a folder; those of the dashboards after some minutes.

    Returns whether all went well. Raises BrowserMissing.
    """
    makers: list[MakeSystem] = [
        partial(SimulatedReader, weeks=_WEEKS) if name == "dsmr_reader" else make
        for name, make in SYSTEMS.items()
    ]
    table = Table()
    with suppress(CheckStopped):
        async with _opened(table, makers, folder) as (house, client, visitor, _):
            person = Photographer(table, client, house, visitor)
            await furnish(client, house, table)
            if dashboards_only:
                with table.step("the dashboard"):
                    await picture_dashboard(visitor, client.api.url)
                return table.close()
            with table.step("let there be something to see"):
                await person.wait(minutes)
                await client.api.refresh_tokens()
            await person.look_around()
            for path in visitor.pictures:
                print(f"{path.stat().st_size / 1000:6.0f} kB  {path.name}")
    return table.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/screenshots",
        description="Take the pictures of the documentation, in a real Home Assistant.",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help=f"({FOLDER}, for dialogs {DIALOGS} with their page docs/dialogs.md)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=10,
        help="what the graphs of the dashboards show (default: %(default)s)",
    )
    parser.add_argument(
        "--dashboards", action="store_true", help="only those of the dashboard"
    )
    parser.add_argument(
        "--dialogs",
        nargs="*",
        choices=SECTIONS,
        metavar="SYSTEM",
        help="only every dialog of these systems (all), with its mistakes: %(choices)s",
    )
    arguments = parser.parse_args(argv)
    dialogs = arguments.dialogs
    folder = arguments.folder or (FOLDER if dialogs is None else DIALOGS)
    folder.mkdir(parents=True, exist_ok=True)
    if dialogs is not None:
        work = photograph_dialogs(folder, dialogs or tuple(SECTIONS))
    else:
        work = photograph(
            folder, arguments.minutes, dashboards_only=arguments.dashboards
        )
    return 0 if asyncio.run(work) else 1


if __name__ == "__main__":
    sys.exit(main())
