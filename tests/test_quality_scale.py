"""Home Assistant's quality scale: the evidence for each rule, in code or files."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
import inspect
import json
from pathlib import Path
import re
import tomllib
from typing import Any, Final

from homeassistant.config_entries import DISCOVERY_SOURCES, SOURCE_USB
from homeassistant.const import Platform
from homeassistant.data_entry_flow import section
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.selector import Selector
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
import probatio as vol
import pytest
import yaml

from custom_components.junction.backends import BACKENDS, load, load_flow
from custom_components.junction.backends.flow import BackendFlow
from custom_components.junction.coordinator import JunctionCoordinator
from custom_components.junction.entity import JunctionEntity

from .test_translations import calls, kinds_of_errors, modules, tables, trees
from .texts import texts

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "custom_components" / "junction"

# Home Assistant's integration quality scale as of 2026.11.
RULES: Final = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry
    """,
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner
        log-when-unavailable parallel-updates reauthentication-flow test-coverage
    """,
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices
    """,
    "platinum": "async-dependency inject-websession strict-typing",
}
# Evidence for each system.
OF_EACH_SYSTEM: Final = {
    "config-flow-test-coverage",
    "diagnostics",
    "dynamic-devices",
    "reauthentication-flow",
    "reconfiguration-flow",
    "test-before-configure",
    "unique-config-entry",
}
# Not testable here, because it concerns the test run itself.
WITHOUT_A_TEST: Final = {"test-coverage"}

STATED: Final[dict[str, dict[str, str]]] = yaml.safe_load(
    (PACKAGE / "quality_scale.yaml").read_text(encoding="utf-8")
)["rules"]


def evidence(rule: str) -> list[tuple[Path, str]]:
    """Return the files that a rule names, each with the test in it, or ""."""
    named = re.findall(r"`([^`]+)`", STATED[rule]["comment"])
    parts = [name.partition("::") for name in named]
    return [(ROOT / path, test) for path, _, test in parts]


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """Return the names of the tests in a file."""
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(
        node.name
        for node in found
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


# The list itself.


def test_every_rule_is_there() -> None:
    assert set(STATED) == {rule for tier in RULES.values() for rule in tier.split()}
    assert len(STATED) == 54


@pytest.mark.parametrize("rule", sorted(STATED))
def test_what_shows_it_exists(rule: str) -> None:
    stated = STATED[rule]
    assert set(stated) == {"status", "comment"}
    assert stated["status"] in {"done", "exempt"}
    shown = evidence(rule)
    assert shown
    for path, test in shown:
        assert path.exists(), path
        assert not test or test in names_of_tests(path), f"{path}::{test}"
    if rule not in WITHOUT_A_TEST:
        assert any(path.name.startswith("test_") for path, _ in shown)


@pytest.mark.parametrize("rule", sorted(OF_EACH_SYSTEM))
def test_each_system_shows_it(rule: str) -> None:
    folders = {
        path.relative_to(ROOT).parts[2]
        for path, test in evidence(rule)
        if test and path.is_relative_to(ROOT / "tests" / "backends")
    }
    assert {*BACKENDS} <= folders


# Attributes that Home Assistant reads.


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PACKAGE / "manifest.json").read_text())
    return found


def test_somebody_owns_it() -> None:
    owners = manifest()["codeowners"]
    assert owners
    assert all(re.fullmatch(r"@[\w-]+", owner) for owner in owners)


def test_nothing_on_the_network_is_discovered() -> None:
    """Else an address that changed would have to be taken over."""
    others = DISCOVERY_SOURCES - {SOURCE_USB}
    assert "zeroconf" in others
    assert not others & {*manifest()}
    for backend in BACKENDS:
        flow = load_flow(backend)
        own = [
            name
            for kind in flow.__mro__
            if issubclass(kind, BackendFlow)
            for name in vars(kind)
        ]
        assert not [source for source in others if f"async_step_{source}" in own]


def test_no_triggers_and_conditions_of_its_own() -> None:
    for name in ("trigger", "condition"):
        assert not (PACKAGE / f"{name}.py").exists()
        assert not (PACKAGE / f"{name}s.yaml").exists()


# The code.


def platform_modules() -> list[Any]:
    """Return the modules of all platforms."""
    names = [platform.value for platform in Platform]
    found = [name for name in names if (PACKAGE / f"{name}.py").exists()]
    return [import_module(f"custom_components.junction.{name}") for name in found]


def test_parallel_updates_of_every_platform() -> None:
    found = platform_modules()
    used = {platform for backend in BACKENDS for platform in load(backend).platforms}
    assert len(found) >= len(used) > 10
    for module in found:
        assert module.PARALLEL_UPDATES == 0, module.__name__


def test_common_modules() -> None:
    """One coordinator, and one base class that gives every entity a name."""
    assert issubclass(JunctionCoordinator, DataUpdateCoordinator)
    said = "_attr_has_entity_name"
    assert f"    {said} = True\n" in inspect.getsource(JunctionEntity)
    for module in platform_modules():
        kinds = [
            kind
            for kind in vars(module).values()
            if inspect.isclass(kind)
            and issubclass(kind, Entity)
            and kind.__module__ == module.__name__
        ]
        assert kinds, module.__name__
        for kind in kinds:
            assert issubclass(kind, JunctionEntity), kind
            assert said not in inspect.getsource(kind), kind


def test_runtime_data_is_typed() -> None:
    """Every function that Home Assistant calls with an entry has Junction's entry type."""
    asked = re.compile(r"async_(\w+_entry|\w+_entry_device|get_config_entry_\w+)")
    found = 0
    for path, tree in trees().items():
        if path.parent != PACKAGE:
            continue
        for node in tree.body:
            if not isinstance(node, ast.AsyncFunctionDef):
                continue
            if asked.fullmatch(node.name):
                kinds = [
                    ast.unparse(a.annotation) for a in node.args.args if a.annotation
                ]
                assert "JunctionConfigEntry" in kinds, f"{path.name}: {node.name}"
                found += 1
    assert found > 10


def fields(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a form, those in sections, too."""
    for marker, kind in schema.schema.items():
        if isinstance(kind, section):
            yield from fields(kind.schema)
        else:
            # The placeholder may have to be an integer.
            yield str(marker), kind.validators[0] if isinstance(kind, vol.All) else kind


def test_fields_of_forms_are_selectors() -> None:
    found = 0
    for module in modules():
        if not module.__name__.endswith((".flow", ".options", ".settings", ".fields")):
            continue
        for name, schema in vars(module).items():
            if isinstance(schema, vol.Schema):
                for field, kind in fields(schema):
                    found += 1
                    assert isinstance(kind, Selector), (
                        f"{module.__name__}.{name}: {field}"
                    )
    assert found > 30


def test_icons_are_never_in_the_state() -> None:
    assert not [
        description.key for _, description in tables() if description.icon is not None
    ]
    for path, tree in trees().items():
        for node in ast.walk(tree):
            name = getattr(node, "attr", getattr(node, "arg", None))
            assert name not in {"_attr_icon", "icon"}, path


def imported(tree: ast.Module) -> set[str]:
    """Return the names of all that a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found


def test_clients_are_asynchronous() -> None:
    """But for Mycodo's daemon channel: Pyro5, in threads of its own."""
    blocking = {
        "requests",
        "urllib3",
        "httpx",
        "http.client",
        "urllib.request",
        "serial",
    }
    clients = {path: tree for path, tree in trees().items() if "client" in path.parts}
    assert len(clients) > 100
    for path, tree in clients.items():
        assert not blocking & imported(tree), path
        for node in ast.walk(tree):
            assert not (
                isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
            ), path


def test_nobody_makes_a_session() -> None:
    """Clients use Home Assistant's sessions."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                assert not ast.unparse(node.func).endswith("ClientSession"), path


def test_types_are_strict() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert project["strict"] is True
    assert "custom_components" in project["files"]
    for override in project["overrides"]:
        modules_of_it = override["module"]
        named = [modules_of_it] if isinstance(modules_of_it, str) else modules_of_it
        assert not [name for name in named if name.startswith("custom_components")]


# Texts in details of errors

# Words in details that are the same in every language: names on the wire, of files, of settings.
WIRE: Final = set(
    """HTTP JSON websocket Content Encoding Base64 allowlist_external_dirs hub poll
    outputs settings users results token config version installations access_token
    get_last_message_id cloud""".split()
)


def literals(call: ast.Call) -> Iterator[str]:
    """Yield the literals in a call's first argument."""
    first = call.args[0] if call.args else None
    for part in first.values if isinstance(first, ast.JoinedStr) else (first,):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def test_details_speak_no_language() -> None:
    """Home Assistant translates messages, but not their placeholders."""
    found = 0
    shown = {
        kind.__name__
        for kind in kinds_of_errors()
        if "{detail}" in texts()[f"exceptions.{kind.key}.message"]
    }
    for kind in sorted(shown):
        for path, call in calls(kind):
            for text in literals(call):
                found += 1
                words = set(re.findall(r"[A-Za-z_]\w{2,}", text))
                assert not words - WIRE, f"{path}: {kind}({text!r})"
    assert found > 10
