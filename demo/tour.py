"""A person's way through the user interface, with pictures."""

import asyncio
import json
from pathlib import Path
import re
from typing import Final

from playwright.async_api import Locator

from .api import Api, Json
from .browser import Visitor, browse
from .client import DOMAIN, wait_for
from .config import ROOT
from .dashboards import URL_PATH, Points, energy_sources
from .system_check import SystemCheck
from .table import StepFailed, Table

_MINUTE: Final = 60


class Tour:
    """Adds systems by hand, and looks at what comes of them."""

    def __init__(self, table: Table, api: Api, folder: Path, linger: float) -> None:
        """Take pictures into ``folder``, of the dashboards after ``linger`` minutes."""
        self._table = table
        self._api = api
        self._folder = folder
        self._linger = linger
        texts = ROOT / "custom_components" / DOMAIN / "translations" / "en.json"
        self._texts = json.loads(texts.read_text())["config"]

    async def add(self, check: SystemCheck) -> None:
        """Add a system in the browser."""
        name = check.system.name
        with self._table.step(f"{name}: add it in a browser", vital=True) as step:
            await check.client.use_european_formats()
            before = {entry["entry_id"] for entry in await check.client.entries()}
            async with browse(self._api, self._folder) as visitor:
                await self._choose(visitor, name)
                await self._answer(visitor, check)
                _complain(visitor)
                step.say(", ".join(path.name for path in visitor.pictures))
            [check.entry_id] = {
                entry["entry_id"] for entry in await check.client.entries()
            } - before
            await check.client.wait_until_loaded(check.entry_id)

    async def _choose(self, visitor: Visitor, name: str) -> None:
        """Go to the menu, which must say of every backend what it is, and choose one."""
        await visitor.visit(f"/config/integrations/dashboard/add?domain={DOMAIN}")
        await visitor.page.get_by_role("button", name="OK").click()
        await self._pick(visitor, self._texts["step"]["user"], name, "add-integration")

    async def _answer(self, visitor: Visitor, check: SystemCheck) -> None:
        """Fill in one form after the other until the entry is there."""
        name = check.system.name
        answers = check.system.answers()
        # It skips nothing where the system suggests areas.
        done = visitor.page.get_by_role(
            "button", name=re.compile("^(Skip and f|F)inish$")
        )
        steps: dict[re.Pattern[str], str] = {
            _plain(text["title"]): step
            for step, text in self._texts["step"].items()
            if "title" in text and self._owner(step) == name
        }
        seen: list[str] = []

        async def next_step() -> str | None:
            if await done.count():
                return "done"
            for title, step in steps.items():
                if step not in seen and await visitor.dialog.get_by_text(title).count():
                    return step
            return None

        while True:
            step: str = await wait_for(next_step, 45, f"no step after {seen}")
            if step == "done":
                await visitor.picture(f"{name}-done")
                await done.click()
                return
            seen.append(step)
            text, answer = self._texts["step"][step], answers.get(step, {})
            if chosen := answer.get("next_step_id"):
                await self._pick(visitor, text, chosen, step)
                continue
            for field, value in answer.items():
                if field in text.get("sections", {}):
                    section = text["sections"][field]
                    await visitor.dialog.get_by_text(section["name"]).first.click()
                    for inner, given in value.items():
                        await self._fill(visitor, section["data"][inner], given)
                else:
                    await self._fill(visitor, text["data"][field], value)
            kind = "-form" if step == name else ""
            await visitor.picture(step.replace("_", "-") + kind)
            await visitor.press("Submit")

    async def _pick(
        self, visitor: Visitor, text: Json, chosen: str, picture: str
    ) -> None:
        """Choose from a menu, which must say of everything in it what it is."""
        for option, title in text["menu_options"].items():
            await visitor.see(title)
            await visitor.see(text["menu_option_descriptions"][option])
        await visitor.picture(f"{picture.replace('_', '-')}-menu")
        title = text["menu_options"][chosen]
        await visitor.dialog.get_by_text(title, exact=True).first.click()

    def _owner(self, step: str) -> str | None:
        """Return the backend that a step belongs to: its name is how the step's begins."""
        names = self._texts["step"]["user"]["menu_options"]
        owners = [n for n in names if step == n or step.startswith(f"{n}_")]
        return max(owners, key=len, default=None)

    async def _fill(self, visitor: Visitor, label: str, value: Json) -> None:
        """Enter a value; a list of ports has a last line for all that is not in it."""

        async def there() -> Locator | None:
            for selector in await visitor.dialog.locator("ha-selector").all():
                if await selector.evaluate("selector => selector.label") == label:
                    return selector
            return None

        selector: Locator = await wait_for(there, 10, f"no field {label}")
        picker = selector.locator("ha-picker-field")
        option = selector.locator(f"[value={json.dumps(str(value))}]")
        text = selector.locator("input:not([type=radio]), textarea")
        await picker.or_(option).or_(text).first.wait_for()
        if await option.count():
            await option.first.click()
            return
        if await picker.count():
            await picker.click()
            await selector.get_by_text("Enter manually").click()
            await picker.wait_for(state="detached")
        await text.first.fill(str(value))

    async def look(self, check: SystemCheck) -> None:
        """Look at the devices and the dashboards."""
        name = check.system.name
        with self._table.step(f"{name}: look at it in a browser") as step:
            if self._linger:
                await asyncio.sleep(self._linger * _MINUTE)
                await self._api.refresh_tokens()
            async with browse(self._api, self._folder) as visitor:
                [first, *_] = sorted(
                    await check.client.devices(check.entry_id),
                    key=lambda d: d["via_device_id"] or "",
                )
                await visitor.visit(f"/config/devices/device/{first['id']}")
                await visitor.picture(f"{name}-device", settle=2)
                for wheel in check.system.wheels:
                    await self._wheel(visitor, check, wheel)
                await visitor.visit(f"/{URL_PATH}/house")
                await visitor.picture(f"{name}-dashboard", settle=4, height=1250)
                if energy_sources(Points(await check.enabled())):
                    await visitor.visit("/energy")
                    await visitor.picture("energy-dashboard", settle=4, height=1000)
                _complain(visitor)
                step.say(", ".join(path.name for path in visitor.pictures))

    async def _wheel(self, visitor: Visitor, check: SystemCheck, device: str) -> None:
        """Open the dialog of a light, and its colour wheel."""
        [light] = [
            entity.entity_id
            for entity in await check.enabled()
            if entity.unique_id.endswith(f"/{device}/light")
        ]
        await check.client.call(
            "light.turn_on", light, hs_color=[200, 80], brightness=153
        )
        await visitor.visit(f"/{URL_PATH}/house?more-info-entity-id={light}")
        dialog = visitor.page.locator("ha-more-info-dialog")
        await dialog.locator("ha-state-control-light-brightness").wait_for()
        await dialog.get_by_label("Color", exact=True).first.click()
        await visitor.page.locator("ha-hs-color-picker").wait_for()
        await visitor.picture(f"{check.system.name}-light", settle=2)


def _plain(title: str) -> re.Pattern[str]:
    """Return what finds a title whatever its placeholders became."""
    pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(title))
    return re.compile(rf"^\s*{pattern}\s*$")


def _complain(visitor: Visitor) -> None:
    if visitor.errors:
        raise StepFailed("the user interface complains: " + "\n".join(visitor.errors))
