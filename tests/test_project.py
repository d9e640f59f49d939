"""The project's own files agree with each other."""

from importlib import import_module
from importlib.metadata import version
import json
from pathlib import Path
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from custom_components.junction.backends import BACKENDS, load

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / "junction"
REQUIREMENTS = ROOT / "requirements_test.txt"
MINIMUM = ROOT / "tests" / "requirements" / "minimum.txt"
NEWEST = MINIMUM.with_name("newest.txt")
BETA = MINIMUM.with_name("beta.txt")
# A single complete list.
TABLES = {"tests/fake_house.py"}


def read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def pins(path: Path) -> dict[str, str]:
    """Return the versions of a requirements file; a line without one is an error."""
    found = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([\w.-]+)==(\d[\w.]*)", line)
            assert match, line
            found[match[1]] = match[2]
    return found


def test_one_version() -> None:
    version = read_json(PACKAGE / "manifest.json")["version"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == version
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_manifest_is_in_hassfest_order() -> None:
    keys = list(read_json(PACKAGE / "manifest.json"))
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_manifest_asks_for_nothing_but_home_assistant() -> None:
    assert read_json(PACKAGE / "manifest.json")["requirements"] == []


def test_hacs_finds_one_integration_in_the_zip_of_the_release() -> None:
    folders = [
        path.name
        for path in PACKAGE.parent.iterdir()
        if path.is_dir() and path.name != "__pycache__"
    ]
    assert folders == [PACKAGE.name]
    hacs = read_json(ROOT / "hacs.json")
    assert set(hacs) <= {"name", "filename", "homeassistant", "zip_release"}
    assert hacs["zip_release"] is True
    assert hacs["filename"] in (ROOT / "scripts" / "release-zip").read_text()


def test_minimum_home_assistant_is_the_tested_one() -> None:
    hacs = read_json(ROOT / "hacs.json")
    assert hacs["homeassistant"] == pins(MINIMUM)["homeassistant"]


@pytest.mark.parametrize("path", [REQUIREMENTS, MINIMUM], ids=lambda path: path.name)
def test_requirements_are_exact(path: Path) -> None:
    assert {"homeassistant", "pytest-homeassistant-custom-component"} <= set(pins(path))


def _wanted() -> dict[str, str]:
    """Return the versions that the installed Home Assistant asks for."""
    script = ROOT / "scripts" / "home_assistant_wants.py"
    told = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True
    )
    return dict(line.split("==") for line in told.stdout.splitlines())


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", [REQUIREMENTS, MINIMUM], ids=lambda path: path.name)
def test_requirements_are_what_their_home_assistant_takes(path: Path) -> None:
    """Users never get other versions of the requirements."""
    found = {_plain(name): pin for name, pin in pins(path).items()}
    if found["homeassistant"] != _installed_home_assistant():
        return  # scripts/setup makes an environment for it, and this runs there
    wanted = _wanted()
    assert wanted["homeassistant"] == found["homeassistant"]
    both = found.keys() & wanted.keys()
    assert {"serialx", "home-assistant-frontend", "dsmr-parser"} <= both
    assert {n: found[n] for n in both} == {n: wanted[n] for n in both}


def test_what_is_pinned_is_installed() -> None:
    """Home Assistant's own wants win over other pins, so that these must not differ."""
    if pins(REQUIREMENTS)["homeassistant"] != _installed_home_assistant():
        return
    for name, pin in pins(REQUIREMENTS).items():
        assert version(name) == pin, name


def test_newest_and_beta_take_what_the_pinned_one_takes() -> None:
    """They name the same packages, without a version."""
    for path in (NEWEST, BETA):
        lines = [
            line
            for line in path.read_text().splitlines()
            if line and not line.startswith("#")
        ]
        names = {re.split(r"[<>=]", line)[0] for line in lines}
        assert names == pins(MINIMUM).keys() <= pins(REQUIREMENTS).keys(), path


@pytest.mark.parametrize("backend", sorted(BACKENDS))
def test_platforms_leave_the_limit_of_requests_to_the_backends(backend: str) -> None:
    for platform in load(backend).platforms:
        module = import_module(f"custom_components.junction.{platform}")
        assert module.PARALLEL_UPDATES == 0


def test_files_can_be_read_in_one_sitting() -> None:
    folders = ("bench", "custom_components", "demo", "scripts", "simulators", "tests")
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long.keys() == TABLES, long


def _installed_home_assistant() -> str:
    from homeassistant.const import __version__

    return __version__
