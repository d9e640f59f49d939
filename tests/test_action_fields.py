"""Every action with each of its fields, as docs/action_fields.md lists them.

``python -m tests.test_action_fields`` writes the page anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import probatio as vol

from custom_components.junction.backends import BACKENDS, load

from .selectors import ACTIONS
from .texts import texts

PAGE: Final = Path(__file__).parents[1] / "docs" / "action_fields.md"
HEAD: Final = """# Fields of the actions

Every action with each of its fields: in YAML, below `data`. A field that isn't required can be
left out; where only some systems need it, they are named. How to use the actions, with examples:
[actions.md](actions.md).
"""


def cell(text: str) -> str:
    """Return a text as it can stand in a table."""
    return text.replace("\n", " ").replace("|", "\\|")


def needed(action: str, field: str) -> str:
    """Return which systems an action cannot do without a field of; "" for the common ones."""
    offers = {
        info.title: {str(marker): marker for marker in one.schema}
        for info in map(load, sorted(BACKENDS))
        for one in info.actions
        if one.name == action
    }
    needing = [
        title
        for title, markers in offers.items()
        if isinstance(marker := markers.get(field), vol.Required)
        and isinstance(marker.default, vol.Undefined)
    ]
    if not offers:
        return ""
    return "yes" if len(needing) == len(offers) else ", ".join(needing) or "no"


def lines() -> Iterator[str]:
    """Yield the lines of the page."""
    yield HEAD.rstrip()
    for action, about in ACTIONS.items():
        path = f"services.{action}"
        yield ""
        yield f"## {texts()[f'{path}.name']}"
        yield ""
        target = " It has a `target`." if "target" in about else ""
        yield f"`junction.{action}`: {texts()[f'{path}.description']}{target}"
        if not about["fields"]:
            continue
        yield ""
        yield "| Field | Required | Description |"
        yield "|---|---|---|"
        for field, facts in about["fields"].items():
            required = needed(action, field) or (
                "yes" if facts.get("required") else "no"
            )
            said = cell(texts()[f"{path}.fields.{field}.description"])
            yield f"| `{field}` | {required} | {said} |"


def test_page_lists_every_action_with_its_fields() -> None:
    written = PAGE.read_text(encoding="utf-8").splitlines()
    assert written == "\n".join(lines()).splitlines()


if __name__ == "__main__":
    PAGE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
