"""Every blueprint can be imported from its source URL, is documented, and has tests."""

from pathlib import Path
from typing import Any

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.util.yaml import load_yaml_dict
import pytest

from .conftest import BLUEPRINTS

FOLDER = BLUEPRINTS / "automation" / "junction"
FILES = sorted(FOLDER.iterdir())
PAGE = BLUEPRINTS.parent / "docs" / "blueprints.md"
SOURCE = (
    "https://github.com/junction-ha/junction/blob/main/blueprints/automation/junction"
)


def blueprint(file: Path) -> Blueprint:
    return Blueprint(
        load_yaml_dict(str(file)),
        path=file.name,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )


def test_these_there_are() -> None:
    assert [file.name for file in FILES] == [
        "greenhouse_night.yaml",
        "meter_silent.yaml",
        "quarter_hour_peak.yaml",
        "remote_button.yaml",
        "solar_surplus.yaml",
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_explained_tested_and_where_it_says(file: Path) -> None:
    found = blueprint(file)
    assert found.validate() is None  # this Home Assistant is new enough
    assert found.metadata["source_url"] == f"{SOURCE}/{file.name}"
    assert found.metadata["homeassistant"] == {"min_version": "2026.10.0"}
    page = PAGE.read_text(encoding="utf-8")
    assert f"{SOURCE}/{file.name}" in page
    assert found.name.removeprefix("Junction: ").lower() in page.lower()
    assert (Path(__file__).parent / f"test_{file.stem}.py").exists()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_input_can_be_chosen(file: Path) -> None:
    inputs: dict[str, dict[str, Any]] = blueprint(file).inputs
    assert inputs
    for name, row in inputs.items():
        assert row["name"], name
        assert row["selector"], name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_few_inputs_have_to_be_filled_in(file: Path) -> None:
    required = [
        name for name, row in blueprint(file).inputs.items() if "default" not in row
    ]
    assert 1 <= len(required) <= 3
