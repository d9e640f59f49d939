"""Texts and icons: complete, well-formed, the same in every language."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
import json
from pathlib import Path
import re
from types import ModuleType
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components import junction
from custom_components.junction.backends import BACKENDS
from custom_components.junction.errors import BackendError

from .texts import (
    FOLDER,
    check_entity,
    flatten,
    icons,
    missing,
    parents,
    placeholders,
    texts,
)

LANGUAGES = sorted(file.stem for file in (FOLDER / "translations").glob("*.json"))
SECTIONS = {
    "title",
    "common",
    "config",
    "config_subentries",
    "options",
    "device",
    "device_automation",
    "entity",
    "exceptions",
    "issues",
    "selector",
    "services",
    "system_health",
}


def offered(path: Path) -> bool:
    """Return whether a module is reached: not one of a backend still being written."""
    parts = path.relative_to(FOLDER).parts
    if len(parts) < 3 or parts[0] != "backends":
        return True
    return parts[1] in {*BACKENDS, "http"}


@cache
def trees() -> dict[Path, ast.Module]:
    """Return the syntax of every module of the integration."""
    return {
        file: ast.parse(file.read_text(encoding="utf-8"))
        for file in sorted(FOLDER.rglob("*.py"))
        if offered(file)
    }


@cache
def modules() -> list[ModuleType]:
    """Return every module of the integration."""
    names = [file.relative_to(FOLDER).with_suffix("").parts for file in trees()]
    return [
        import_module(".".join((junction.__name__, *name)).removesuffix(".__init__"))
        for name in names
    ]


@cache
def calls_by_name() -> dict[str, list[tuple[Path, ast.Call]]]:
    """Return every call, by the name of the called function."""
    found: dict[str, list[tuple[Path, ast.Call]]] = {}
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                function = node.func
                called = getattr(function, "id", getattr(function, "attr", None))
                if called is not None:
                    found.setdefault(called, []).append((file, node))
    return found


def calls(name: str) -> list[tuple[Path, ast.Call]]:
    """Return every call of something of this name."""
    return calls_by_name().get(name, [])


@cache
def classes_by_name() -> dict[str, list[ast.ClassDef]]:
    """Return every class, by its name."""
    found: dict[str, list[ast.ClassDef]] = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(node)
    return found


def literal(call: ast.Call, keyword: str) -> str | None:
    """Return the value of a keyword that is written out."""
    for given in call.keywords:
        if given.arg == keyword and isinstance(given.value, ast.Constant):
            return str(given.value.value)
    return None


def kinds_of_errors() -> list[type[BackendError]]:
    """Return every error that users may see."""
    kinds = {
        member
        for module in modules()
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, BackendError)
    }
    return sorted(kinds, key=lambda kind: (kind.__module__, kind.__name__))


def load(language: str) -> dict[str, Any]:
    file = FOLDER / "translations" / f"{language}.json"
    tree: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return tree


# Texts that the code needs.


@pytest.mark.parametrize("kind", kinds_of_errors(), ids=lambda kind: kind.__name__)
def test_error_has_a_text(kind: type[BackendError]) -> None:
    assert missing(f"exceptions.{kind.key}.message", placeholders_of(kind)) == []


def placeholders_of(kind: type[BackendError]) -> set[str]:
    """Return the placeholders of an error's text, wherever it is raised.

    These are the placeholders that its classes pass to their base, and those that all places that
    raise it have in common. Where the class is chosen from a table, only a run of the code shows
    them; the watch records that.
    """
    inside = {
        keyword.arg or ""
        for ancestor in kind.__mro__
        for node in classes_by_name().get(ancestor.__name__, ())
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__"
        for keyword in call.keywords
    }
    given = [
        {keyword.arg or "" for keyword in call.keywords}
        for file, call in calls(kind.__name__)
        # Other backends may have errors of the same name.
        if file.parent == FOLDER / Path(*kind.__module__.split(".")[2:-1])
    ]
    text = texts().get(f"exceptions.{kind.key}.message", "")
    everywhere = set.intersection(*given) if given else placeholders(text)
    return {"detail", *inside, *everywhere}


def test_keys_written_out_have_texts() -> None:
    """Errors that we raise ourselves, with the placeholders that the text has."""
    found = 0
    for name in (
        "HomeAssistantError",
        "ServiceValidationError",
        "ConfigEntryError",
        "ConfigEntryNotReady",
        "ConfigEntryAuthFailed",
        "UpdateFailed",
    ):
        for file, call in calls(name):
            if (key := literal(call, "translation_key")) is None:
                continue
            found += 1
            given = {
                entry.value
                for keyword in call.keywords
                if keyword.arg == "translation_placeholders"
                for entry in getattr(keyword.value, "keys", [])
            }
            assert missing(f"exceptions.{key}.message", given) == [], file
    assert found >= 4


def test_nothing_is_raised_without_a_text() -> None:
    """Exceptions of Home Assistant that people see are translated, wherever made."""
    shown = {
        "HomeAssistantError",
        "ServiceValidationError",
        "UpdateFailed",
        "ConfigEntryError",
        "ConfigEntryNotReady",
        "ConfigEntryAuthFailed",
        "PlatformNotReady",
    }
    found = [(name, *call) for name in sorted(shown) for call in calls(name)]
    assert len(found) > 8
    for name, file, call in found:
        given = {keyword.arg for keyword in call.keywords}
        words = {
            ast.unparse(keyword.value.func)
            for keyword in call.keywords
            if keyword.arg is None and isinstance(keyword.value, ast.Call)
        }
        assert not call.args, f"{file}: {name} with words of its own"
        assert "translation_key" in given or words == {"async_error_args"}, (
            f"{file}: {name}"
        )


def flow_classes(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield the classes of a module that are flows, with the section of their texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            if any("OptionsFlow" in base for base in bases):
                yield "options", node
            elif "ConfigSubentryFlow" in bases:
                yield "config_subentries", node
            elif "RepairsFlow" not in bases and any("Flow" in base for base in bases):
                yield "config", node


def shown_by(node: ast.AST, method: str, keyword: str) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == method:
            if (value := literal(call, keyword)) is not None:
                yield value


def test_steps_written_out_have_texts() -> None:
    """Steps have texts even if no test reaches them; shown texts are observed during tests."""
    found = 0
    for tree in trees().values():
        for base, flow in flow_classes(tree):
            if base == "config_subentries":
                continue
            for method in ("async_show_form", "async_show_menu", "async_ask"):
                for step in shown_by(flow, method, "step_id"):
                    found += 1
                    assert f"{base}.step.{step}" in parents()
            for action in shown_by(flow, "async_show_progress", "progress_action"):
                assert missing(f"{base}.progress.{action}", {"port"}) == []
            for reason in shown_by(flow, "async_abort", "reason"):
                assert f"{base}.abort.{reason}" in texts()
    assert found >= 4


def test_every_backend_is_in_the_menu_with_two_lines() -> None:
    for name in BACKENDS:
        step = "config.step.user"
        assert missing(f"{step}.menu_options.{name}") == []
        assert missing(f"{step}.menu_option_descriptions.{name}") == []


def descriptions(thing: object, depth: int = 6) -> Iterator[Any]:
    """Yield the entity descriptions in tables, also those inside our own rows."""
    if depth == 0 or isinstance(thing, str | bytes):
        return
    if type(thing).__name__.endswith("EntityDescription"):
        yield thing
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from descriptions(value, depth - 1)
    elif isinstance(thing, tuple | list | set | frozenset):
        for value in thing:
            yield from descriptions(value, depth - 1)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for item in fields(thing):
            yield from descriptions(getattr(thing, item.name, None), depth - 1)


def platform_of(description: object) -> str:
    """Return the platform that a description is for, by the name of its class."""
    name = type(description).__name__.removesuffix("EntityDescription")
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return {"tracker": "device_tracker", "": "scene"}.get(snake, snake)


def tables() -> Iterator[tuple[str, Any]]:
    for module in modules():
        if ".backends." in module.__name__:
            for value in vars(module).values():
                for description in descriptions(value):
                    yield platform_of(description), description


def test_tables_of_entities_have_texts_and_icons() -> None:
    rows = list(tables())
    assert len(rows) > 50
    problems = {
        problem
        for platform, description in rows
        for problem in check_entity(platform, description, named=False, given=None)
    }
    assert sorted(problems) == []


async def test_figures_of_system_health_have_texts(hass: HomeAssistant) -> None:
    from custom_components.junction.system_health import system_health_info

    for figure in await system_health_info(hass):
        assert missing(f"system_health.info.{figure}") == []


# The form of the texts, as Home Assistant's hassfest wants it.


@pytest.mark.parametrize("language", LANGUAGES)
def test_values(language: str) -> None:
    for key, text in texts(language).items():
        where = f"{language}: {key}"
        assert text, where
        assert text == text.strip(), where
        assert not re.search(r"</?[a-zA-Z]", text), f"{where}: HTML"
        assert "://" not in text, f"{where}: an address belongs in a placeholder"
        assert "[%key" not in text, f"{where}: references are not resolved"
        assert not re.search(r"'\{\w+\}'", text), f"{where}: quoted placeholder"
        for name in placeholders(text):
            assert name.isidentifier(), where
        if ".state." in key:
            assert not placeholders(text), where


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys(language: str) -> None:
    tree = load(language)
    assert set(tree) <= SECTIONS
    for path in texts(language):
        for part in path.split("."):
            assert re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", part), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_as_english(language: str) -> None:
    english, other = texts(), texts(language)
    assert sorted(other.keys() - english.keys()) == []
    assert sorted(english.keys() - other.keys()) == []
    for key, text in english.items():
        assert placeholders(other[key]) == placeholders(text), key


def steps(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield all steps, and the sections of forms, of all flows."""
    for key, value in tree.items():
        if isinstance(value, dict):
            if key in {"step", "sections"}:
                yield from value.values()
            yield from steps(value)


def test_descriptions_belong_to_fields() -> None:
    for step in steps(load("en")):
        for about, of in (
            ("data_description", "data"),
            ("menu_option_descriptions", "menu_options"),
        ):
            assert set(step.get(about, {})) <= set(step.get(of, {}))
        # Every field of a form has a description.
        assert set(step.get("data", {})) == set(step.get("data_description", {}))


def test_issues_have_a_description_or_a_fix_flow() -> None:
    for key, issue in load("en").get("issues", {}).items():
        assert "title" in issue, key
        assert ("description" in issue) is not ("fix_flow" in issue), key
        if "fix_flow" in issue:
            assert "choose" in issue["fix_flow"]["step"], key
            assert "entry_gone" in issue["fix_flow"]["abort"], key
            assert f"selector.{key}.options" in parents(), key


def test_icons() -> None:
    for path, icon in icons().items():
        assert re.fullmatch(r"mdi:[a-z0-9]+(?:-[a-z0-9]+)*", icon), path
        section, _, rest = path.partition(".")
        assert section in {"entity", "services"}, path
        owner = ".".join(path.split(".")[: 3 if section == "entity" else 2])
        assert owner in parents(), f"{owner} has an icon, but no text"
        if ".state." in rest:
            default = path[: path.index(".state.")] + ".default"
            assert icons().get(default) != icon, path


def test_flatten() -> None:
    assert flatten({"a": {"b": "c", "d": {"e": "f"}}}) == {"a.b": "c", "a.d.e": "f"}
