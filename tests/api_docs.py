"""Examples and tables of the page about ``junction.call_api``, by heading."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

PAGE: Final = Path(__file__).parents[1] / "docs" / "call_api.md"
_TEXT: Final = PAGE.read_text(encoding="utf-8")
_REQUEST: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (\S+)")


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a table: functions, and how each can be called."""

    functions: tuple[str, ...]
    way: str

    @property
    def is_refused(self) -> bool:
        """Whether its functions are never sent."""
        return "refused:" in self.way

    @property
    def needs_confirmation(self) -> bool:
        """Whether its functions are sent only when confirmed."""
        return "`confirm`" in self.way

    @property
    def is_callable(self) -> bool:
        """Whether the action sends its functions without confirmation."""
        return "`call_api`" in self.way and not self.needs_confirmation

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Methods and paths of the functions that are requests."""
        found = (_REQUEST.fullmatch(function) for function in self.functions)
        return [(match[1], match[2]) for match in found if match]


def part(heading: str) -> str:
    """Return the content below a heading, including its subheadings."""
    level = heading.split(" ", maxsplit=1)[0]
    begin = _TEXT.index(f"\n{heading}\n") + len(heading) + 2
    ends = [
        _TEXT.find(f"\n{'#' * depth} ", begin) for depth in range(1, len(level) + 1)
    ]
    return _TEXT[begin : min((end for end in ends if end > 0), default=None)]


def examples(heading: str) -> list[dict[str, Any]]:
    """Return the YAML examples below a heading."""
    return [
        yaml.safe_load(block)
        for block in re.findall(r"```yaml\n(.*?)```", part(heading), re.DOTALL)
    ]


def rows(heading: str) -> list[Row]:
    """Return the rows of the tables below a heading that begin with functions."""
    found = []
    for line in part(heading).splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 2, line
        found.append(Row(tuple(re.findall(r"`([^`]+)`", cells[0])), cells[1]))
    return found


def tables() -> list[str]:
    """Return the headings of all tables of functions."""
    return re.findall(r"^(### From .*)$", _TEXT, re.MULTILINE)


async def call(hass: HomeAssistant, entry: MockConfigEntry, **fields: Any) -> Any:
    """Call the API of an entry, and return the answer."""
    return await hass.services.async_call(
        "junction",
        "call_api",
        {"entry": entry.entry_id, **fields},
        blocking=True,
        return_response=True,
    )


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """Return a value of an example with its placeholders replaced."""
    match value:
        case str():
            return known.get(value) or reduce(
                lambda text, word: text.replace(word, known[word]), known, value
            )
        case list():
            return [filled(item, known) for item in value]
        case dict():
            return {name: filled(item, known) for name, item in value.items()}
        case _:
            return value


async def run(
    hass: HomeAssistant, entry: MockConfigEntry, example: dict[str, Any], **known: str
) -> Any:
    """Run an example of the page, and return the response."""
    assert example["action"] == "junction.call_api"
    data = {name: value for name, value in example["data"].items() if name != "entry"}
    return await call(hass, entry, **filled(data, known))


HOSTILE: Final = (
    "//evil.example/x",
    "http://evil.example/x",
    "https:evil.example",
    "user@evil.example/x",
    "a/../../x",
    "..",
    "a/./b",
    "a//b",
    "%2e%2e/x",
    "a/%2e%2e%2fx",
    "a%00b",
    "a\\..\\x",
    "a\r\nHost: evil.example",
    "a\x00b",
    "a\x7fb",
    "a?b=c",
    "a#b",
    "a;/../b",
    "a/．．/b",
    "／／evil.example",
    "a\u202eb",
    "a\u2028b",
    " a",
    "x" * 1025,
    "",
    "/",
)
"""Paths that lead elsewhere, or look as if."""


async def is_not_sent(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    fields: Mapping[str, Any],
    key: str,
    sent: Callable[[], object],
) -> None:
    """Check that a call is refused with a translated error, and that nothing is sent."""
    before = sent()
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, entry, **fields)
    assert raised.value.translation_key == key
    assert key not in str(raised.value)
    assert not re.search(r"\{\w+\}", str(raised.value)), "a placeholder is not filled"
    assert sent() == before


async def refuses_hostile_paths(
    hass: HomeAssistant, entry: MockConfigEntry, sent: Callable[[], int], **fields: Any
) -> None:
    """Check that nothing is sent for a path outside the API, or for a huge body."""
    before = sent()
    for path in HOSTILE:
        with pytest.raises(ServiceValidationError) as raised:
            await call(hass, entry, path=path, **fields)
        assert raised.value.translation_key in {"field_invalid", "field_missing"}, path
        assert (raised.value.translation_placeholders or {})["field"] == "path"
    for body in ("x" * 2**20, {"a": ["y" * 1024] * 1024}):
        with pytest.raises(ServiceValidationError) as raised:
            await call(hass, entry, path="a", method="POST", body=body, **fields)
        assert (raised.value.translation_placeholders or {})["field"] == "body"
    assert sent() == before
