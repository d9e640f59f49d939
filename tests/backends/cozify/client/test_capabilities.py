"""Unknown capabilities are reported, so that support can be added."""

import json
from pathlib import Path
from typing import Any

from custom_components.junction.backends.cozify.client.capabilities import (
    FIELDS,
    unknown_features,
)
from custom_components.junction.backends.cozify.client.models import Device

FIXTURES = Path(__file__).parents[3] / "fixtures" / "cozify"


def device(*capabilities: str, **state: Any) -> Device:
    """Return a device with some capabilities and a state."""
    said = {"type": "PUMP", "capabilities": list(capabilities), "state": state}
    return Device.parse("some-id", said)


def test_documented_fields_are_known() -> None:
    documented = json.loads((FIXTURES / "hub_api_1.14_summary.json").read_text())
    for kind in documented["device_types"].values():
        assert set(kind.get("state", {})) <= FIELDS
    for fields in documented["capability_fields"].values():
        assert {field.partition(".")[0] for field in fields} <= FIELDS


def test_a_field_that_nobody_knows() -> None:
    """The report has names and types, but no values."""
    found = unknown_features(
        [device("ON_OFF", isOn=True, defrost="secret", level=3)] * 2
    )
    assert found == [
        {
            "type": "PUMP",
            "state_type": "STATE_PUMP",
            "capabilities": [],
            "fields": {"defrost": "str", "level": "int"},
        }
    ]


def test_a_capability_that_nobody_knows() -> None:
    (found,) = unknown_features([device("ON_OFF", "WARP", isOn=True)])
    assert (found["capabilities"], found["fields"]) == (["WARP"], {"isOn": "bool"})
    (found,) = unknown_features([device("WARP")])
    assert (found["capabilities"], found["fields"]) == (["WARP"], {})
    assert unknown_features([device("ON_OFF", isOn=True)]) == []
