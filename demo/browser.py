"""Drive Home Assistant's user interface in a real Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil
from typing import Any, Final

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Route,
    ViewportSize,
    async_playwright,
)

from .api import Api
from .client import DOMAIN
from .page_scripts import BELOW, CUT_OFF, GO, READDRESS

_COMMANDS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
_WIDTH: Final = 1400
_PHONE: Final = ViewportSize(width=390, height=844)
# Extra height of a picture beyond a phone screen (pixels), because device lists can be very long.
_LONGEST: Final = 700
_AROUND: Final = 24
_SIDE_BAR: Final = 256
# Time-out for the user interface; generous for a busy Raspberry Pi.
_TIMEOUT: Final = 30_000
# Time-out for elements that appear at once if at all (ms).
_MOMENT: Final = 3000
# Simulated systems are on this machine; pictures show a typical address instead.
HERE: Final = "127.0.0.1"
AT_HOME: Final = "192.168.1.20"


class BrowserMissing(Exception):
    """There is no Chromium; ``scripts/setup browser`` installs one."""


def executable() -> str:
    """Return the path of a Chromium; raises BrowserMissing."""
    for command in _COMMANDS:
        if path := shutil.which(command):
            return path
    raise BrowserMissing("no Chromium found: run scripts/setup browser")


@asynccontextmanager
async def browse(api: Api, folder: Path) -> AsyncIterator[Visitor]:
    """Open a browser in which the user of ``api`` is logged in.

    Pictures go to ``folder``, which is created. Raises BrowserMissing.
    """
    path = executable()
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        try:
            context = await browser.new_context(
                viewport={"width": _WIDTH, "height": 900},
                service_workers="block",
                locale="en-GB",
                timezone_id="Europe/Amsterdam",
                reduced_motion="reduce",
            )
            await _prepare(context, api)
            page = await context.new_page()
            page.set_default_timeout(_TIMEOUT)
            try:
                yield Visitor(page, api, folder)
            except Exception:
                await page.screenshot(path=folder / "failure.png")
                raise
        finally:
            await browser.close()


async def _prepare(context: BrowserContext, api: Api) -> None:
    """Log in, and block all requests to other machines."""
    tokens = {**api.tokens, "hassUrl": api.url, "clientId": api.client_id}
    stored = {"hassTokens": json.dumps(tokens), "selectedLanguage": '"en"'}
    await context.add_init_script(
        # An empty page without an origin has no storage.
        'if (location.protocol.startsWith("http"))'
        f" for (const [key, value] of Object.entries({json.dumps(stored)}))"
        " localStorage.setItem(key, value);"
    )

    async def here_only(route: Route) -> None:
        if route.request.url.startswith((api.url, "data:", "blob:")):
            await route.continue_()
        else:
            await route.abort()

    await context.route("**/*", here_only)


class Visitor:
    """A user with a browser."""

    def __init__(self, page: Page, api: Api, folder: Path) -> None:
        """Use a page; pictures go to ``folder``."""
        self.page = page
        self.pictures: list[Path] = []
        self.errors: list[str] = []
        self.shown_as: dict[str, str] = {HERE: AT_HOME}
        """What pictures show in place of addresses and paths of this machine."""
        self._api = api
        self._folder = folder
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and DOMAIN in message.text:
            self.errors.append(message.text)

    async def visit(self, path: str) -> None:
        """Go to a page of Home Assistant and wait until it is drawn."""
        await self.page.goto(f"{self._api.url}{path}")
        await self.page.locator("ha-sidebar").wait_for()

    async def go(self, path: str) -> None:
        """Go to a page as a link in Home Assistant does, without a reload."""
        if await self.page.locator("ha-sidebar").count():
            await self.page.evaluate(GO, path)
        else:
            await self.visit(path)

    async def picture(
        self,
        name: str,
        settle: float = 1.0,
        height: int = 900,
        width: int = _WIDTH,
        top: int = 0,
        bottom: int = 0,
    ) -> None:
        """Take a picture of the page once animations have ended.

        ``top`` or ``bottom`` limits it to a number of pixels at that end; the latter leaves out
        the side bar.
        """
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.wait_for_timeout(settle * 1000)
        left = _SIDE_BAR if bottom else 0
        await self._take(
            name,
            clip={
                "x": left,
                "y": height - bottom if bottom else 0,
                "width": width - left,
                "height": top or bottom or height,
            },
        )

    async def phone_picture(self, name: str) -> None:
        """Take a picture of the page at the size of a phone, and restore the size."""
        before = self.page.viewport_size
        await self.page.set_viewport_size(_PHONE)
        await self.page.wait_for_timeout(700)
        await self._take(name)
        if before is not None:
            await self.page.set_viewport_size(before)

    async def phone_dialog_picture(self, name: str) -> list[str]:
        """Take a picture of a flow's dialog on a phone, tall enough to show all of it.

        Returns the texts that are cut off all the same.
        """
        before = self.page.viewport_size
        await self.page.set_viewport_size(_PHONE)
        await self.page.wait_for_timeout(500)
        if below := await self.dialog.evaluate(BELOW):
            longer = ViewportSize(
                width=_PHONE["width"],
                height=_PHONE["height"] + min(int(below), _LONGEST),
            )
            await self.page.set_viewport_size(longer)
            await self.page.wait_for_timeout(300)
        await self._take(name)
        found = await self.cut_off()
        if before is not None:
            await self.page.set_viewport_size(before)
        return found

    async def cut_off(self) -> list[str]:
        """Return the texts of a flow's dialog that are cut off."""
        found: list[str] = await self.dialog.evaluate(CUT_OFF)
        return found

    async def dialog_picture(self, name: str, height: int = 1150) -> None:
        """Take a picture of the dialog alone, with a small margin."""
        await self.page.set_viewport_size({"width": _WIDTH, "height": height})
        await self.page.wait_for_timeout(700)
        boxes = [
            box
            for part in await self.page.locator("dialog[open]").all()
            if (box := await part.bounding_box())
        ]
        box = max(boxes, key=lambda box: box["width"])
        await self._take(
            name,
            clip={
                "x": box["x"] - _AROUND,
                "y": box["y"] - _AROUND,
                "width": box["width"] + 2 * _AROUND,
                "height": box["height"] + 2 * _AROUND,
            },
        )

    async def _take(self, name: str, **options: Any) -> None:
        path = self._folder / f"{name}.png"
        # The form keeps its own values, so restore the entered ones.
        for real, shown in self.shown_as.items():
            await self.page.evaluate(READDRESS, [real, shown])
        await self.page.screenshot(path=path, **options)
        for real, shown in self.shown_as.items():
            await self.page.evaluate(READDRESS, [shown, real])
        self.pictures.append(path)

    async def add_integration(self) -> None:
        """Open the dialog that adds an installation, at its menu."""
        await self.visit(f"/config/integrations/dashboard/add?domain={DOMAIN}")
        await self.page.get_by_role("button", name="OK").click()

    async def entry(self, entry_id: str) -> Locator:
        """Go to the integration's page, and return the row of an entry."""
        await self.go(f"/config/integrations/integration/{DOMAIN}")
        row = self.page.locator(f"ha-config-entry-row[data-entry-id='{entry_id}']")
        await row.wait_for()
        return row

    async def configure(self, row: Locator) -> None:
        """Open the options of an entry."""
        button = row.locator("ha-icon-button:not(.expand-button):not([slot=trigger])")
        await button.first.click()

    async def choose(self, row: Locator, item: str) -> None:
        """Choose from the menu of an entry's row."""
        menu = row.locator("ha-dropdown").first
        await menu.locator("ha-icon-button").first.click()
        await menu.get_by_role("menuitem", name=item, exact=True).click()

    async def action_picture(self, action: str, title: str, name: str) -> None:
        """Take a picture of the form of an action in the developer tools."""
        await self.page.set_viewport_size({"width": _WIDTH - 400, "height": 2400})
        await self.visit(f"/config/tools/action?service={action}")
        form = self.page.locator("tools-action ha-service-control")
        await (
            form.locator("ha-service-picker").get_by_text(title, exact=True).wait_for()
        )
        await self.page.wait_for_timeout(700)
        box = await self.page.locator("tools-action ha-card").first.bounding_box()
        assert box is not None, "not drawn"
        await self._take(
            name,
            clip={
                "x": box["x"] - _AROUND / 2,
                "y": box["y"] - _AROUND / 2,
                "width": box["width"] + _AROUND,
                "height": box["height"] + _AROUND,
            },
        )

    @property
    def dialog(self) -> Locator:
        """The dialog of a flow, or of a repair that says something only."""
        return self.page.locator("dialog-data-entry-flow, dialog-repairs-issue")

    async def repair(self, title: str) -> None:
        """Open the dialog of the repair whose title begins with this text."""
        await self.visit("/config/repairs")
        await self.page.get_by_text(title).first.click()

    async def close_dialog(self) -> None:
        """Close the dialog without an answer, which ends its flow."""
        close = self.dialog.get_by_role("button", name="Close")
        await close.first.click(timeout=_MOMENT)
        await self.page.wait_for_timeout(500)
        await self.leave()

    async def leave(self) -> None:
        """Go to a page without a dialog."""
        await self.visit(f"/config/integrations/integration/{DOMAIN}")

    async def press(self, name: str) -> None:
        """Press a button of the dialog."""
        await self.dialog.get_by_role("button", name=name).click()

    async def see(self, text: str) -> None:
        """Wait until the dialog shows a text."""
        await self.dialog.get_by_text(text).first.wait_for()
