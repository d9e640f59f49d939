"""A user with a browser adds, uses, repairs, and removes each system."""

import json
from math import cos, degrees, radians, sin
from pathlib import Path
from typing import Any

import pytest

from demo.backends import SYSTEMS
from demo.backends.base import Answers
from demo.backends.cozify import SimulatedCozify
from demo.backends.dsmr_reader import SimulatedReader
from demo.client import wait_for
from demo.dialog import FlowDialog, texts
from demo.log import complaints, records
from simulators.cozify.seed import LAMP_RGBW

from .stage import Stage, on_stage

pytestmark = pytest.mark.e2e

# Options to choose in lists of check boxes.
CHOICES: dict[str, Answers] = {
    "iotile": {"iotile_projects": {"projects": ["p--0000-0005", "p--0000-0006"]}}
}

each_system = pytest.mark.parametrize("name", SYSTEMS)
# Those that differ most; the tests of the flows have them all.
MOVING = ("cozify", "dsmr_reader", "mycodo")
LOCKING_OUT = ("iotile", "mycodo", "openmotics")
WITH_OPTIONS = ("cozify", "dsmr", "mycodo")


@each_system
@on_stage
async def test_add(stage: Stage, name: str) -> None:
    """Adds each system with all its errors first, in a single dialog."""
    system = stage.systems[name]
    if isinstance(system, SimulatedReader):
        # This makes the section with it mandatory.
        system.hide_behind_proxy()
    if (entry_id := await stage.entry(name)) is not None:
        await stage.client.remove(entry_id)
    slips = system.slips()
    await stage.visitor.add_integration()
    answers = {**system.answers(), **CHOICES.get(name, {})}
    led: list[str] = []

    async def look(step: str) -> None:
        if step == "done":
            link = stage.visitor.dialog.locator("ha-markdown a").first
            led.append(str(await link.get_attribute("href")))

    seen = await FlowDialog(stage.visitor, look=look).follow(answers, slips)
    assert seen.end == "create_entry"
    assert len(seen.errors) == len(slips) > 0
    assert led == ["/config/lovelace/dashboards"]
    entry_id = await stage.entry(name)
    assert entry_id is not None
    await stage.client.wait_until_loaded(entry_id)
    row = await stage.visitor.entry(entry_id)
    await row.locator("ha-config-entry-device-row").first.wait_for()


@on_stage
async def test_colour_of_a_light(stage: Stage) -> None:
    """The color wheel changes the light on the hub, and the hub's state is shown."""
    entry_id = await stage.added("cozify")
    system = stage.systems["cozify"]
    assert isinstance(system, SimulatedCozify)
    hub = system.hub
    hub.state.set(LAMP_RGBW, isOn=True, brightness=0.5)
    [light] = [
        entity
        for entity in await stage.client.entities(entry_id)
        if entity.unique_id.endswith(f"/{LAMP_RGBW}/light")
    ]
    page = stage.visitor.page
    await stage.visitor.go(f"/config/devices/device/{light.device_id}")
    name = hub.state.items["devices"][LAMP_RGBW]["name"]
    await page.locator("ha-device-entities-card").get_by_text(name).first.click()
    dialog = page.locator("ha-more-info-dialog")
    await dialog.get_by_label("Color", exact=True).first.click()
    wheel = page.locator("ha-hs-color-picker")
    await wheel.wait_for()
    box = await wheel.bounding_box()
    assert box is not None
    radius, hue = box["width"] / 2, radians(120)
    await page.mouse.click(
        box["x"] + radius * (1 + 0.7 * cos(hue)),
        box["y"] + box["height"] / 2 + 0.7 * radius * sin(hue),
    )

    async def green() -> bool:
        state = hub.state.items["devices"][LAMP_RGBW]["state"]
        return abs(degrees(state["hue"]) - 120) < 8 and state["saturation"] > 0.5

    await wait_for(green, 20, "the hub was not told")
    hub.state.set(LAMP_RGBW, brightness=0.25)
    await dialog.get_by_text("25%").first.wait_for()
    await page.keyboard.press("Escape")
    await wheel.wait_for(state="hidden")


@pytest.mark.parametrize("name", MOVING)
@on_stage
async def test_reconfigure(stage: Stage, name: str) -> None:
    """The system has moved to another address."""
    entry_id = await stage.added(name)
    entities = {e.entity_id for e in await stage.client.entities(entry_id)}
    answers = await stage.systems[name].move()
    row = await stage.visitor.entry(entry_id)
    await stage.visitor.choose(row, "Reconfigure")
    seen = await FlowDialog(stage.visitor).follow(answers)
    assert seen.end == "reconfigure_successful"
    await stage.client.wait_until_loaded(entry_id)
    now = {e.entity_id for e in await stage.client.entities(entry_id)}
    assert entities <= now, "entities were lost"


@pytest.mark.parametrize("name", LOCKING_OUT)
@on_stage
async def test_reauthenticate(stage: Stage, name: str) -> None:
    """The system no longer takes the credentials: Home Assistant asks for others."""
    entry_id = await stage.added(name)
    answers = stage.systems[name].lock_out()
    await stage.client.reload(entry_id)
    await stage.visitor.go("/config/integrations/integration/junction")
    page = stage.visitor.page
    await page.get_by_role("button", name="Reconfigure", exact=True).first.click()
    seen = await FlowDialog(stage.visitor).follow(answers)
    assert seen.end == "reauth_successful"
    await stage.client.wait_until_loaded(entry_id)


@pytest.mark.parametrize("name", WITH_OPTIONS)
@on_stage
async def test_options(stage: Stage, name: str) -> None:
    """Entered values are there when the options are opened again."""
    entry_id = await stage.added(name)
    options = stage.systems[name].options()
    step = list(options)[-1]
    labels = texts("options")["step"][step]["data"]
    found: dict[str, Any] = {}

    async def look(where: str) -> None:
        if where == step:
            for key in options[step]:
                found[key] = await again.read(labels[key])

    again = FlowDialog(stage.visitor, "options", look)
    for dialog, answers in (
        (FlowDialog(stage.visitor, "options"), options),
        (again, {**options, step: {}}),
    ):
        row = await stage.visitor.entry(entry_id)
        await stage.visitor.configure(row)
        seen = await dialog.follow(answers)
        assert seen.end == "create_entry"
        await stage.client.wait_until_loaded(entry_id)
    assert found == options[step]


@each_system
@on_stage
async def test_download_diagnostics(stage: Stage, name: str) -> None:
    """The file describes the installation, without its secrets."""
    entry_id = await stage.added(name)
    row = await stage.visitor.entry(entry_id)
    async with stage.visitor.page.expect_download() as download:
        await stage.visitor.choose(row, "Download diagnostics")
    file = await (await download.value).path()
    text = Path(file).read_text()
    assert json.loads(text)["data"]["backend"] == name
    secrets = list(stage.systems[name].secrets())
    assert secrets
    assert [s for s in secrets if s.casefold() in text.casefold()] == []


@each_system
@on_stage
async def test_delete(stage: Stage, name: str) -> None:
    """Nothing is left of it, and no restart is needed."""
    entry_id = await stage.added(name)
    row = await stage.visitor.entry(entry_id)
    await stage.visitor.choose(row, "Delete")
    box = stage.visitor.page.locator("dialog-box")
    await box.get_by_role("button", name="Delete", exact=True).click()
    await row.wait_for(state="detached")

    async def gone() -> bool:
        return not await stage.client.devices(entry_id)

    await wait_for(gone, 20, "devices are left")
    assert await stage.client.entities(entry_id) == []


@on_stage
async def test_log(stage: Stage) -> None:
    """The log has only messages that the tests caused."""
    # Systems moved away and forgot credentials.
    expected = ("ould not authenticate", "Error fetching")
    found = [
        record
        for record in complaints(records(stage.hass.log()))
        if not any(words in record.text for words in expected)
    ]
    assert [str(record) for record in found] == []
