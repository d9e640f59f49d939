"""Junction's dashboard on the stage: save it, open it, and look at its views."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from typing import Any, Final

from playwright.async_api import Locator

from custom_components.junction.frontend import MODULES
from demo.backends import SYSTEMS

from .stage import Stage

VIEWS: Final = ("energy", "trends", "house", "greenhouse", "water", "health")
PATH: Final = "dashboard-junction"
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1400, "height": 900}
_WRONG: Final = (
    "hui-error-card, hui-warning, hui-error-badge, ha-alert[alert-type=error]"
)


def texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (MODULES / "texts" / f"{language}.json").read_text()
    )
    return found


async def save(stage: Stage, **options: Any) -> None:
    """Have a dashboard of the strategy, without the dialog."""
    await stage.visitor.page.goto("about:blank")
    strategy = {"type": "custom:junction", **options}
    await stage.client.save_dashboard(PATH, "Junction", {"strategy": strategy})


async def tabs(stage: Stage) -> list[str]:
    """Return the paths of the dashboard's views that have a tab, once they are there."""
    strip = stage.visitor.page.locator("hui-root")
    await strip.wait_for()
    found: list[str] = await strip.evaluate(
        "root => root.lovelace.config.views"
        ".filter(view => !view.subview).map(view => view.path)"
    )
    return found


async def open_at(stage: Stage, view: str) -> Locator:
    """Load the saved dashboard at a view."""
    await stage.visitor.page.goto(f"{stage.hass.url}/{PATH}/{view}")
    return await drawn(stage, view)


async def look(stage: Stage, view: str) -> Locator:
    """Go to another view of the dashboard that is open."""
    await stage.visitor.go(f"/{PATH}/{view}")
    return await drawn(stage, view)


async def drawn(stage: Stage, view: str) -> Locator:
    """Wait until a view is drawn; nothing in it may be wrong."""
    page = stage.visitor.page
    await page.wait_for_function(
        """view => {
          const inside = (part, name) => part?.shadowRoot?.querySelector(name);
          const main = inside(document.querySelector("home-assistant"), "home-assistant-main");
          const root = inside(inside(main, "ha-panel-lovelace"), "hui-root");
          const shown = inside(root, "hui-view");
          return shown?.querySelector("hui-sections-view")
            && root.lovelace.config.views[shown.index]?.path === (view || "empty");
        }""",
        arg=view,
    )
    found = page.locator("hui-sections-view")
    await found.locator("hui-heading-card").first.wait_for()
    # Cards appear one by one; those that need the recorder are not awaited.
    await page.wait_for_timeout(700)
    for wrong in (found.locator(_WRONG), found.get_by_text("undefined")):
        assert await wrong.count() == 0, view
    too_wide = await page.evaluate(
        "document.scrollingElement.scrollWidth > window.innerWidth"
    )
    assert not too_wide, f"{view} has to be scrolled sideways"
    return found


@asynccontextmanager
async def as_seen(
    stage: Stage, size: dict[str, int], scheme: str
) -> AsyncIterator[None]:
    """Look with a screen of a size, by day or by night."""
    page = stage.visitor.page
    await page.set_viewport_size({"width": size["width"], "height": size["height"]})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    try:
        yield
    finally:
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size(
            {"width": DESKTOP["width"], "height": DESKTOP["height"]}
        )


async def all_added(stage: Stage) -> dict[str, str]:
    """Return the entries of all systems by name; add the missing ones."""
    return {name: await stage.added(name) for name in SYSTEMS}


async def only(stage: Stage, name: str) -> None:
    """Have one system, and no entry of any other."""
    # Home Assistant's own pages do not bear that the view they show goes away.
    await stage.visitor.page.goto("about:blank")
    kept = await stage.entry(name)
    for entry in await stage.client.entries():
        if entry["entry_id"] != kept:
            await stage.client.remove(str(entry["entry_id"]))
    await stage.added(name)
    assert len(await stage.client.entries()) == 1


async def shown_entities(place: Locator) -> set[str]:
    """Return the entities that have a tile in a view."""
    tiles = place.locator("hui-tile-card")
    found: list[str] = await tiles.evaluate_all(
        "tiles => tiles.map(tile => tile._config.entity)"
    )
    return set(found)
