"""Every action of the gateway, and whether it may be called by name."""

from pathlib import Path
import re
from typing import Any

import pytest

from custom_components.junction.backends.openmotics.client.local import LocalGateway
from custom_components.junction.backends.openmotics.client.policy import (
    ACTIONS,
    Policy,
    judge,
)
from simulators.openmotics.server import GatewayServer

PAGE = Path(__file__).parents[4] / "docs/protocols/openmotics.md"
FREE, CONFIRM, REFUSED = "free", "ask", "refuse"


def verdict(policy: Policy) -> str:
    if policy.is_refused:
        return REFUSED
    return FREE if policy.obstacle is None else CONFIRM


def test_the_page_and_the_table_agree() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*)$", PAGE.read_text(), re.MULTILINE)
    rows = [(name, re.split(r"(?<!\\)\|", rest)) for name, rest in rows]
    found = {
        name: (cells[4].strip(), cells[5].strip() == "yes")
        for name, cells in rows
        if len(cells) > 6 and cells[4].strip() in {FREE, CONFIRM, REFUSED}
    }
    assert len(found) == 203
    assert {
        name: (verdict(policy), policy.used) for name, policy in ACTIONS.items()
    } == found
    for name, policy in ACTIONS.items():
        assert bool(policy.reason) == (policy.obstacle is not None), name


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("get_version", None, FREE),
        ("no_such_action", None, REFUSED),
        ("factory_reset", {"confirm": True}, REFUSED),
        ("reset_master", {}, CONFIRM),
        ("reset_master", {"power_on": False}, REFUSED),
        ("reset_master", {"power_on": "No"}, REFUSED),
        (
            "add_schedule",
            {
                "schedule_type": "LOCAL_API",
                "arguments": {"name": "set_output", "parameters": {"id": 1}},
            },
            CONFIRM,
        ),
        (
            "add_schedule",
            {
                "schedule_type": "LOCAL_API",
                "arguments": '{"name": "replace_module", "parameters": {}}',
            },
            REFUSED,
        ),
        ("add_schedule", {"schedule_type": "LOCAL_API"}, REFUSED),
        (
            "schedule_action",
            {"timestamp": 1, "action": {"action": "set_setting", "data": {}}},
            REFUSED,
        ),
    ],
)
def test_what_is_inside_counts(
    name: str, parameters: dict[str, Any] | None, expected: str
) -> None:
    assert verdict(judge(name, parameters)) == expected


async def test_a_call_by_name(gateway: GatewayServer, client: LocalGateway) -> None:
    """Objects are sent as JSON, and only reads may be sent twice."""
    await client.open()
    answer = await client.call("get_output_configurations", {"fields": ["id", "name"]})
    assert answer["config"][0] == {"id": 0, "name": "Ceiling lamp"}
    await client.call(
        "set_sensor_configuration", {"config": {"id": 1, "name": "Attic"}}
    )
    assert gateway.state.sensors[0]["name"] == "Attic"
