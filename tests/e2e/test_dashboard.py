"""A person adds the dashboard, looks at every view, and changes its options."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
import json
from typing import Any
from uuid import UUID

from playwright.async_api import Locator
import pytest

from custom_components.junction.frontend import MODULES
from demo.backends import SYSTEMS
from demo.backends.cozify import SimulatedCozify
from demo.client import wait_for
from simulators.cozify.seed import LAMP_RGBW

from .stage import Stage, on_stage

pytestmark = pytest.mark.e2e

LANGUAGES = ("en", "nl", "fr", "de", "fi", "sv")
VIEWS = ("energy", "trends", "house", "greenhouse", "water", "health")
# What each system has to show when it is alone.
ALONE = {
    "cozify": ("energy", "trends", "house", "water", "health"),
    "dsmr": ("energy", "trends", "water", "health"),
    "dsmr_reader": ("energy", "trends", "health"),
    "iotile": ("trends", "water", "health"),
    "mycodo": ("greenhouse", "health"),
    "openmotics": ("energy", "house", "health"),
}
MANY = 500
PATH = "dashboard-junction"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1400, "height": 900}
WRONG = "hui-error-card, hui-warning, hui-error-badge, ha-alert[alert-type=error]"


def texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (MODULES / "texts" / f"{language}.json").read_text()
    )
    return found


async def save(stage: Stage, **options: Any) -> None:
    """Have a dashboard of the strategy, without the dialog."""
    # Home Assistant's own pages do not bear that the view they show goes away.
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
    """Load the dashboard as it is saved now, at a view."""
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
    # Cards come one after the other; what waits for the recorder is not waited for.
    await page.wait_for_timeout(700)
    for wrong in (found.locator(WRONG), found.get_by_text("undefined")):
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
    """Return the entries of all systems by name; add what is not there."""
    return {name: await stage.added(name) for name in SYSTEMS}


@on_stage
async def test_added_by_the_dialog(stage: Stage) -> None:
    page = stage.visitor.page
    await stage.added("cozify")
    await stage.visitor.visit("/config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").first.click()
    card = page.locator("dashboard-card", has_text="Junction")
    await card.wait_for()
    dialog = json.loads((MODULES / "texts" / "dialog.json").read_text())
    await card.get_by_text(dialog["en"]["description"]).wait_for()
    await card.click()
    await page.get_by_role("button", name="Create").click()
    await page.get_by_role("button", name="Create").wait_for(state="detached")
    await open_at(stage, "house")
    assert tuple(await tabs(stage)) == ALONE["cozify"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@on_stage
async def test_all_systems(stage: Stage, size: dict[str, int], scheme: str) -> None:
    await all_added(stage)
    await save(stage)
    async with as_seen(stage, size, scheme):
        await open_at(stage, VIEWS[0])
        for view in VIEWS:
            shown = await look(stage, view)
            assert await shown.locator("hui-card").count() > 4
        assert tuple(await tabs(stage)) == VIEWS


@pytest.mark.parametrize("name", SYSTEMS)
@on_stage
async def test_each_system_alone(stage: Stage, name: str) -> None:
    entries = await all_added(stage)
    await save(stage, installations=[entries[name]])
    await open_at(stage, ALONE[name][0])
    for view in ALONE[name]:
        await look(stage, view)
    assert tuple(await tabs(stage)) == ALONE[name]


@on_stage
async def test_page_of_an_area(stage: Stage) -> None:
    """The heading of an area leads to all of its entities, and the arrow leads back."""
    await all_added(stage)
    await save(stage)
    shown = await open_at(stage, "house")
    page = stage.visitor.page
    heading = shown.locator("hui-heading-card", has_text="Kitchen").first
    await heading.get_by_text("Kitchen").click()
    await page.wait_for_url("**/house-*")
    await page.locator("hui-heading-card", has_text="Sensors").first.wait_for()
    await page.locator("ha-icon-button-arrow-prev").first.click()
    await page.wait_for_url("**/house")


@pytest.mark.parametrize("language", LANGUAGES)
@on_stage
async def test_in_six_languages(stage: Stage, language: str) -> None:
    await all_added(stage)
    await save(stage)
    own = texts(language)
    await stage.client.use_european_formats(language)
    try:
        shown = await open_at(stage, "greenhouse")
        for key in ("control", "climate", "outputs"):
            text = own[f"greenhouse.{key}"]
            await shown.locator("hui-heading-card").get_by_text(text).wait_for()
        root = stage.visitor.page.locator("hui-root")
        titles = await root.evaluate(
            "root => root.lovelace.config.views"
            ".filter(view => !view.subview).map(view => view.title)"
        )
        assert titles == [own[f"view.{view}"] for view in VIEWS]
    finally:
        await stage.client.use_european_formats()


@on_stage
async def test_options(stage: Stage) -> None:
    """Views are taken away and the limit of the peak is changed in the dialog."""
    await all_added(stage)
    await save(stage)
    await open_at(stage, "energy")
    page = stage.visitor.page
    await page.get_by_role("button", name="Edit dashboard").click()
    editor = page.locator("junction-dashboard-editor")
    own = texts("en")
    for view in ("trends", "water"):
        await editor.get_by_text(own[f"view.{view}"], exact=True).click()
    limit = editor.locator("ha-selector-number input")
    await limit.fill("4.5")
    await limit.press("Tab")
    await page.get_by_role("button", name="Save").click()
    await editor.wait_for(state="detached")

    async def saved() -> Any:
        config = await stage.client.api.command("lovelace/config", url_path=PATH)
        return config["strategy"].get("peak_limit") == 4.5 and config["strategy"]

    strategy: Any = await wait_for(saved, 20, "the options were not saved")
    kept = [view for view in VIEWS if view not in ("trends", "water")]
    assert strategy == {"type": "custom:junction", "views": kept, "peak_limit": 4.5}
    await open_at(stage, "energy")
    assert await tabs(stage) == kept
    chart = page.locator("hui-picture-card img").first
    assert "kW" in str(await chart.get_attribute("alt"))


@on_stage
async def test_hundreds_of_entities(stage: Stage) -> None:
    """All are there, what is shown at once stays bounded, and it is drawn in a moment."""
    entry_id = await stage.added("cozify")
    system = stage.systems["cozify"]
    assert isinstance(system, SimulatedCozify)
    state = system.hub.state
    for number in range(MANY):
        lamp = deepcopy(state.items["devices"][LAMP_RGBW])
        lamp |= {"id": str(UUID(int=7_000_000 + number)), "name": f"Lamp {number}"}
        state.put("devices", lamp)

    async def there() -> bool:
        return len(await stage.client.entities(entry_id)) > MANY

    await wait_for(there, 60, "the lamps were not added")
    await save(stage)
    shown = await open_at(stage, "house")
    assert 0 < await shown.locator("hui-tile-card").count() < MANY / 2


@on_stage
async def test_nothing_chosen_and_nothing_there(stage: Stage) -> None:
    entries = await all_added(stage)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"installations": []}, "chosen"),
        ({}, "none"),
    ]
    for options, key in cases:
        if key == "none":
            for entry_id in entries.values():
                await stage.client.remove(entry_id)
        await save(stage, **options)
        shown = await open_at(stage, "")
        words = texts("en")[f"empty.{key}"].split("[")[0].strip()
        await shown.get_by_text(words).first.wait_for()
        assert await tabs(stage) == ["empty"]
