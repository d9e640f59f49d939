"""A user adds the dashboard, opens every view, and changes its options."""

from copy import deepcopy
import json
from typing import Any
from uuid import UUID

import pytest

from custom_components.junction.frontend import MODULES
from demo.backends import SYSTEMS
from demo.backends.cozify import SimulatedCozify
from demo.client import wait_for
from simulators.cozify.seed import LAMP_RGBW

from .board import (
    DESKTOP,
    PATH,
    PHONE,
    VIEWS,
    all_added,
    as_seen,
    look,
    only,
    open_at,
    save,
    shown_entities,
    tabs,
    texts,
)
from .stage import Stage, on_stage

pytestmark = pytest.mark.e2e

LANGUAGES = ("en", "nl", "fr", "de", "fi", "sv")
# Content for each system when it is the only one.
ALONE = {
    "cozify": ("energy", "trends", "house", "water", "health"),
    "dsmr": ("energy", "trends", "water", "health"),
    "dsmr_reader": ("energy", "trends", "health"),
    "iotile": ("trends", "water", "health"),
    "mycodo": ("greenhouse", "health"),
    "openmotics": ("energy", "house", "health"),
}
MANY = 500
HOSTILE = "<img src=x onerror=window.hacked=1><b class=hostile>"
LONG_NAME = (
    f"{HOSTILE} **Bold** [link](javascript:window.hacked=1) {{{{ 1 / 0 }}}} `code` "
    + "long " * 20
)


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


@pytest.mark.parametrize("name", SYSTEMS)
@on_stage
async def test_each_system_alone(stage: Stage, name: str) -> None:
    """Nothing of the others is there, and nothing is missed."""
    await only(stage, name)
    await save(stage)
    await open_at(stage, ALONE[name][0])
    assert tuple(await tabs(stage)) == ALONE[name]
    for view in ALONE[name]:
        shown = await look(stage, view)
        assert await shown.locator("hui-card").count() > 1, view


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


@on_stage
async def test_one_of_several_installations(stage: Stage) -> None:
    entries = await all_added(stage)
    await save(stage, installations=[entries["mycodo"]])
    await open_at(stage, "greenhouse")
    assert tuple(await tabs(stage)) == ALONE["mycodo"]


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
async def test_entities_are_hidden_disabled_and_renamed(stage: Stage) -> None:
    """The dashboard that is open follows, and shows nothing that is gone."""
    entry_id = await stage.added("dsmr")
    points = {e.point: e.entity_id for e in await stage.client.entities(entry_id)}
    await save(stage, installations=[entry_id])
    shown = await open_at(stage, "energy")
    hidden, disabled = points["power_import"], points["power_export"]
    renamed = "sensor.what_comes_in"
    assert {hidden, disabled, points["tariff"]} <= await shown_entities(shown)
    for entity_id, change in (
        (hidden, {"hidden_by": "user"}),
        (disabled, {"disabled_by": "user"}),
        (points["tariff"], {"new_entity_id": renamed}),
    ):
        await stage.client.api.command(
            "config/entity_registry/update", entity_id=entity_id, **change
        )

    async def followed() -> bool:
        found = await shown_entities(shown)
        return renamed in found and not found & {*points.values()} & {
            hidden,
            disabled,
            points["tariff"],
        }

    await wait_for(followed, 20, "the dashboard did not follow")
    for view in ALONE["dsmr"]:
        await look(stage, view)


@on_stage
async def test_hostile_names(stage: Stage) -> None:
    """Names of installations, areas, devices, and entities are shown as text, never as HTML."""
    await all_added(stage)
    command = stage.client.api.command
    for entry in await stage.client.entries():
        entry_id = str(entry["entry_id"])
        await command("config_entries/update", entry_id=entry_id, title=LONG_NAME)
        for device in await stage.client.devices(entry_id):
            await command(
                "config/device_registry/update",
                device_id=device["id"],
                name_by_user=LONG_NAME,
            )
        entities = await stage.client.entities(entry_id)
        for entity in entities[::3]:
            await command(
                "config/entity_registry/update",
                entity_id=entity.entity_id,
                name=LONG_NAME,
            )
    for area in await command("config/area_registry/list"):
        # The names of areas are unique.
        await command(
            "config/area_registry/update",
            area_id=area["area_id"],
            name=f"{LONG_NAME} {area['name']}",
        )
    await save(stage)
    await open_at(stage, VIEWS[0])
    page = stage.visitor.page
    async with as_seen(stage, PHONE, "light"):
        for view in VIEWS:
            shown = await look(stage, view)
            await shown.get_by_text(HOSTILE).first.wait_for()
            # Tooltips contain names, too.
            for hovered in ("ha-chart-base", "ha-entity-marker", "hui-tile-card"):
                if await shown.locator(hovered).count():
                    await shown.locator(hovered).first.hover(force=True)
            assert await page.locator("img[src=x], b.hostile").count() == 0, view
            assert await page.evaluate("window.hacked") is None, view
    await page.get_by_role("button", name="Edit dashboard").click()
    await (
        page.locator("junction-dashboard-editor").get_by_text(HOSTILE).first.wait_for()
    )
    assert await page.evaluate("window.hacked") is None


@on_stage
async def test_hundreds_of_entities(stage: Stage) -> None:
    """All entities are there, each view is limited, and it is drawn quickly."""
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
