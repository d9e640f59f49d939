"""Requirements of the quality scale for the page of each system."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

import pytest

from custom_components.junction.backends import BACKENDS, load

from .selectors import ACTIONS
from .texts import texts

ROOT: Final = Path(__file__).parent.parent


def page(backend: str) -> str:
    return (ROOT / "docs" / f"{backend}.md").read_text(encoding="utf-8")


def chapter(backend: str, heading: str) -> str:
    """Return a chapter of the page of a backend; "" if there is none."""
    _, _, rest = page(backend).partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_page_begins_with_what_it_is(backend: str) -> None:
    """Each page begins with a description and a link to the manufacturer."""
    first = page(backend).partition("\n- [")[0].partition("\nContents:")[0]
    assert len(first) > 200
    assert "](https://" in first


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_page_tells_how_often(backend: str) -> None:
    assert re.search(
        r"\d+ (s|seconds|min|minutes|h|hours)\b",
        chapter(backend, "How data is updated"),
    )


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_page_tells_how_to_remove_it(backend: str) -> None:
    told = chapter(backend, "Removing it")
    assert "**Settings → Devices & services → Junction**" in told
    assert "**Delete**" in told or "→ Delete**" in told


def entity_names() -> Iterator[tuple[str, str]]:
    """Yield the name of every entity, with the page of the system that has it."""
    systems = sorted({*BACKENDS, "forward"} - {"dsmr"}, key=len, reverse=True)
    for path, name in texts().items():
        parts = path.split(".")
        if parts[0] == "entity" and parts[-1] == "name" and len(parts) == 4:
            owners = [one for one in systems if parts[2].startswith(f"{one}_")]
            owner = owners[0] if owners else "dsmr"
            plain = re.sub(r" ?\{\w+\}", "", name).removesuffix(" tariff").strip()
            yield {"forward": "dsmr_reader"}.get(owner, owner), plain


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_page_names_every_entity(backend: str) -> None:
    told = re.sub(r"[\s*]+", " ", page(backend)).casefold()
    named = {name for owner, name in entity_names() if owner == backend}
    assert named
    assert sorted(name for name in named if name.casefold() not in told) == []


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_actions_are_described(backend: str) -> None:
    """Each one of a system, with its fields, in its chapter; the common one elsewhere."""
    told = chapter(backend, "Actions")
    for action in load(backend).actions:
        if action.name == "call_api":
            # A meter takes no commands.
            assert "call_api.md" in page(backend) or backend == "dsmr"
            continue
        [row] = [
            part
            for part in re.split(r"\n\n|\n(?=\|)", told)
            if re.match(rf"(\| )?`junction\.{action.name}`", part)
        ]
        for field in ACTIONS[action.name]["fields"]:
            if field in action.schema:
                assert f"`{field}`" in row, f"{action.name}: {field}"
