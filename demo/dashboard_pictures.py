"""Pictures of the dashboard: each view in light and dark mode, and some on a phone."""

from collections.abc import Mapping
from typing import Final

from .browser import Visitor
from .dashboard import URL_PATH

_WIDE: Final = 1280
_NARROW: Final = 390
# Height of the relevant part of each view (px).
_VIEWS: Final[Mapping[str, int]] = {
    "energy": 1500,
    "trends": 1250,
    "house": 1500,
    "greenhouse": 1500,
    "water": 1500,
    "health": 800,
}
_ON_PHONE: Final = ("energy", "house")


async def picture_dashboard(visitor: Visitor, url: str) -> None:
    """Take each view of the dashboard in light and dark mode, and some on a phone."""
    page = visitor.page
    for suffix in ("", "-dark"):
        await page.emulate_media(color_scheme="dark" if suffix else "light")
        for view, height in _VIEWS.items():
            for size, width in (("", _WIDE), ("-phone", _NARROW)):
                if size and view not in _ON_PHONE:
                    continue
                await page.set_viewport_size({"width": width, "height": height})
                await page.goto(f"{url}/{URL_PATH}/{view}")
                await page.locator("hui-heading-card").first.wait_for()
                name = "dashboard" if view == "energy" else f"dashboard-{view}"
                tall = _NARROW * 2 if size else height
                await visitor.picture(
                    f"{name}{size}{suffix}", settle=5, width=width, height=tall
                )
    await page.emulate_media(color_scheme="light")
    await visitor.visit("/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").first.click()
    await page.locator("dashboard-card", has_text="Junction").wait_for()
    await visitor.picture("dashboard-add", settle=1, width=_WIDE)
    await visitor.visit(f"/{URL_PATH}/energy")
    await page.get_by_role("button", name="Edit dashboard").click()
    await page.locator("junction-dashboard-editor ha-form").wait_for()
    await visitor.picture("dashboard-options", settle=2, width=_WIDE)
