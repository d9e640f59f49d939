"""The documentation is correct: links resolve, examples are valid, names exist."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.components.automation.config import (
    ValidationStatus,
    async_validate_config_item,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import slugify
import pytest
import yaml

from custom_components.junction.backends import BACKENDS
from custom_components.junction.backends.dsmr.client import errors
from custom_components.junction.errors import BackendError

from .selectors import ACTIONS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / "junction"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

YAML_BLOCK = re.compile(r"^( *)```yaml\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
IN_CODE = re.compile(r"\b(docs/[\w/.-]+\.md)(?:#([\w-]+))?")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CHAPTERS = (
    "What it supports",
    "Setting it up",
    "Options",
    "How data is updated",
    "Entities",
    "Automations",
    "Troubleshooting",
    "Known limits",
    "Removing it",
)
METER_ENTITY = re.compile(r"\b(?:sensor|binary_sensor|event)\.electricity_meter_(\w+)")


def texts() -> dict[str, Any]:
    """Return the English texts."""
    found: dict[str, Any] = json.loads(
        (PACKAGE / "translations" / "en.json").read_text()
    )
    return found


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page, as GitHub makes them from headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(page.read_text())
    }


def yaml_examples() -> Iterator[Any]:
    """Yield every YAML example with the name of its page."""
    for page in PAGES:
        for number, (indent, block) in enumerate(YAML_BLOCK.findall(page.read_text())):
            text = re.sub(rf"^{indent}", "", block, flags=re.MULTILINE)
            yield pytest.param(text, id=f"{page.name}-{number}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link and image is there, with the heading it names."""
    for markdown, html in LINK.findall(CODE.sub("", page.read_text())):
        address = markdown or html
        if address.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = address.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), address
        if anchor:
            assert anchor in anchors(target), address


def test_pages_that_code_names_are_there() -> None:
    """A docstring may send its reader to a heading of a page in this repository."""
    for folder in (
        "bench",
        "custom_components",
        "demo",
        "scripts",
        "simulators",
        "tests",
    ):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text()
            assert "\N{SECTION SIGN}" not in text, path
            for page, anchor in IN_CODE.findall(text):
                assert (ROOT / page).exists(), f"{path}: {page}"
                assert not anchor or anchor in anchors(ROOT / page), (
                    f"{path}: {page}#{anchor}"
                )


def test_every_picture_is_on_a_page() -> None:
    """A picture that no page shows becomes outdated; links to pictures are tested above."""
    shown = {
        (page.parent / (markdown or html)).resolve()
        for page in PAGES
        for markdown, html in LINK.findall(CODE.sub("", page.read_text()))
    }
    files = (ROOT / "docs" / "images").rglob("*")
    pictures = {file for file in files if file.is_file()}
    assert pictures
    assert {picture.name for picture in pictures - shown} == set()


def our_actions(parsed: object) -> Iterator[dict[str, Any]]:
    """Yield the calls of actions of ours, wherever they stand."""
    if isinstance(parsed, dict):
        if str(parsed.get("action", "")).startswith("junction."):
            yield parsed
        for value in parsed.values():
            yield from our_actions(value)
    elif isinstance(parsed, list):
        for value in parsed:
            yield from our_actions(value)


@pytest.mark.parametrize("example", yaml_examples())
async def test_yaml_examples_are_valid(hass: HomeAssistant, example: str) -> None:
    """Examples are YAML, and automations and actions are what Home Assistant accepts."""
    parsed = yaml.safe_load(example)
    for step in our_actions(parsed):
        offered = ACTIONS[step["action"].partition(".")[2]]
        assert {*step.get("data", {})} <= {*offered["fields"], "entry"}
    if "triggers" not in parsed:
        return
    for domain in ("notify", "switch"):
        assert await async_setup_component(hass, domain, {})
    config = await async_validate_config_item(hass, "example", parsed)
    assert config is not None
    assert config.validation_status is ValidationStatus.OK, config.validation_error


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_entity_ids_exist(page: Path) -> None:
    """Entity ids in examples are made of names that the electricity meter has."""
    names = {
        slugify(re.sub(r"\{\w+\}", str(number), name.replace("{phase}", f"L{number}")))
        for platform in ("sensor", "binary_sensor", "event")
        for entity in texts()["entity"][platform].values()
        if (name := entity.get("name"))
        for number in range(1, 5)
    }
    assert set(METER_ENTITY.findall(page.read_text())) <= names


def backend_of(step: str) -> str | None:
    """Return the backend whose name begins the name of a step."""
    names = [name for name in BACKENDS if step == name or step.startswith(f"{name}_")]
    return max(names, key=len, default=None)


def labels(backend: str) -> set[str]:
    """Return the labels of the fields in a backend's forms."""
    english = texts()
    steps = [
        step
        for kind in ("config", "options")
        for name, step in english[kind]["step"].items()
        if backend_of(name) == backend
    ]
    parts = [
        part for step in steps for part in (step, *step.get("sections", {}).values())
    ]
    return {label for part in parts for label in part.get("data", {}).values()}


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_page_of_a_backend_is_complete(backend: str) -> None:
    """Each page of a backend has all chapters, and every field and option of its dialogs."""
    page = (ROOT / "docs" / f"{backend}.md").read_text()
    chapters = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert set(CHAPTERS) <= set(chapters)
    assert YAML_BLOCK.search(page[page.index("## Automations") :])
    supports = page[page.index("## What it supports") :].split("\n## ", 1)[0]
    assert "Not supported: " in supports
    said = re.sub(r"\s+", " ", page).casefold()
    assert not {label for label in labels(backend) if label.casefold() not in said}


@pytest.mark.parametrize("action", sorted(texts()["services"]))
def test_actions_are_documented(action: str) -> None:
    """Some page names each action, and with it each of its fields."""
    pages = [
        text
        for page in (ROOT / "docs").glob("*.md")
        if f"`junction.{action}`" in (text := page.read_text())
    ]
    assert pages
    for field in texts()["services"][action].get("fields", {}):
        assert any(f"`{field}`" in text for text in pages), field


def test_meter_page_has_every_field_option_and_error() -> None:
    """The meter's page names every field, option, and error of its dialogs."""
    page = (ROOT / "docs" / "dsmr.md").read_text()
    said = re.sub(r"\s+", " ", page)
    english = texts()
    step = english["config"]["step"]["dsmr"]
    fields = [
        *step["data"].values(),
        *step["sections"]["encryption"]["data"].values(),
        *english["options"]["step"]["dsmr"]["data"].values(),
    ]
    for field in fields:
        assert f"| {field} " in page, field
    keys = {
        error.key
        for error in vars(errors).values()
        if isinstance(error, type)
        and issubclass(error, BackendError)
        and error.__module__ == errors.__name__
    }
    messages = english["config"]["error"]
    # A form for a line has other words than one for a server.
    keys = keys - {"connection_lost"} | {"line_lost", "port_missing", "port_held"}
    for key in keys & messages.keys():
        sentence = re.split(r"(?<=[.?:]) |(?<=arrives),", messages[key])[0]
        words = re.sub(r"\{\w+\}", "…", sentence)
        assert f"| {words.rstrip('.')}" in said, words


def test_brand_images_follow_the_rules() -> None:
    """Icons are square, logos landscape, in two sizes and for two themes."""
    brand = PACKAGE / "brand"
    for theme in ("", "dark_"):
        for suffix, height in (("", 256), ("@2x", 512)):
            assert png_size(brand / f"{theme}icon{suffix}.png") == (height, height)
            width, logo_height = png_size(brand / f"{theme}logo{suffix}.png")
            assert logo_height == height
            assert width > height


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG file."""
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
