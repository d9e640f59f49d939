"""The documentation names fields, entities, and messages as people see them."""

from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
import re
from typing import Any, Final

import pytest

from custom_components.junction.backends import BACKENDS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NAMING = sorted({*BACKENDS, "actions", "blueprints", "dashboard", "moving"})
TABLE = re.compile(
    r"^ *\| (?:Field|Option) \|.*\n *\|[-|]+\|\n((?: *\|.*\n)+)", re.MULTILINE
)
ITALIC = re.compile(r"\*([A-Z][^*|]{1,60}?)\*")
NO_NAMES = re.compile(r"```.*?```|`[^`]*`|\*\*[^*]+\*\*", re.DOTALL)
OTHERS: Final = {
    # Home Assistant's own.
    "Adjust sum",
    "Configure",
    "Discovered",
    "Download diagnostics",
    "Enable debug logging",
    "Presence",
    "Reconfigure",
    "Settings → Devices & services → Junction",
    "Solar panels",
    "Standard",
    "Statistics",
    # Names of the systems themselves, and parts of the example of an error.
    "Area",
    "Client credentials",
    "Confidential",
    "Cozify ONE",
    "DSMR version/vendor",
    "Execute Actions",
    "Junction",
    "Live",
    "On (any duration)",
    "Pump didn't respond to the command",
    "Room",
    "Trigger: Output (PWM)",
    "Trigger: Output (Single-Channel)",
    "Webhook",
}
"""What the pages name that no text of Junction does."""


@cache
def english() -> dict[str, Any]:
    """Return the English texts."""
    file = ROOT / "custom_components" / "junction" / "translations" / "en.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def page(name: str) -> str:
    """Return a page of the documentation."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def leaves(part: object) -> Iterator[str]:
    """Yield every text of a part of the translations, in one line."""
    if isinstance(part, dict):
        for value in part.values():
            yield from leaves(value)
    else:
        yield " ".join(str(part).split())


def labels(part: object, below: str = "") -> Iterator[str]:
    """Yield the labels of fields, sections, and menus."""
    if below in {"data", "menu_options"}:
        yield from leaves(part)
    elif isinstance(part, dict):
        if below == "sections":
            yield from (section["name"] for section in part.values())
        for key, value in part.items():
            yield from labels(value, key)


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_fields_are_those_of_the_dialogs(backend: str) -> None:
    offered = {
        label
        for part in ("config", "options", "config_subentries")
        for label in labels(english()[part])
    }
    rows = [row for table in TABLE.findall(page(backend)) for row in table.splitlines()]
    assert rows
    for row in rows:
        cell = row.strip(" |").split(" | ")[0]
        name = re.sub(r"\s*\(.*?\)", "", cell).replace("*", "").strip()
        assert set(re.split(r", (?=[A-Z])", name)) <= offered, cell


@pytest.mark.parametrize("name", NAMING)
def test_names_are_those_that_people_see(name: str) -> None:
    """People look for names in italics on the screen."""
    texts = {text.lower() for text in leaves(english())}
    # Entities of channels and phases have theirs at the end.
    filled = [
        re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(text)))
        for text in texts
        if "{" in text and len(re.sub(r"\{\w+\}", "", text).strip()) > 2
    ]
    for named in ITALIC.findall(NO_NAMES.sub("", page(name))):
        plain = " ".join(named.split())
        low = plain.lower().strip(".:,")
        assert (
            plain in OTHERS
            or low in texts
            or any(pattern.fullmatch(low) for pattern in filled)
        ), plain


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_messages_are_those_that_people_see(backend: str) -> None:
    """People search for the exact message; descriptions of symptoms have no period."""
    messages = [
        row.split(" | ")[0].removeprefix("| ")
        for table in page(backend).split("| Message | ")[1:]
        for row in table.partition("\n\n")[0].splitlines()[2:]
    ]
    spoken = [message for message in messages if message.endswith(".")]
    assert len(spoken) > 2
    told = [re.sub(r"\{\w+\}", "…", text) for text in leaves(english())]
    for message in spoken:
        said = message.removesuffix(".").rstrip()
        assert any(said in text for text in told), message
