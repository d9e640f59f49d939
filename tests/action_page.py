"""Examples of docs/actions.md, for use on each simulated system."""

from pathlib import Path
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

PAGE: Final = Path(__file__).parents[1] / "docs" / "actions.md"
CARRIED_OUT: Final = {
    "mycodo": (
        "turn_on_for",
        "create_note",
        "dispense",
        "set_duty_cycle",
        "set_value",
        "send_measurement",
    ),
    "mycodo_daemon": ("mycodo_daemon",),
    "openmotics": ("get_thermostat_schedules",),
    "dsmr_reader": (
        "dsmr_reader_get_statistics",
        "dsmr_reader_get_readings",
        "dsmr_reader_send_reading",
        "dsmr_reader_create_day_statistics",
    ),
    "iotile": (
        "import_history",
        "create_note",
        "get_stream_data",
        "get_stream_events",
        "accumulate",
        "post_data",
        "upload_event",
        "upload_report",
        "get_notes",
        "get_locations",
        "set_property",
        "set_location",
    ),
}
"""The actions whose examples a test of each system carries out, by system."""


def examples() -> dict[str, list[dict[str, Any]]]:
    """Return the examples of the page by the name of their action."""
    found: dict[str, list[dict[str, Any]]] = {}
    text = PAGE.read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        example = yaml.safe_load(block)
        domain, _, name = example["action"].partition(".")
        assert domain == "junction"
        found.setdefault(name, []).append(example)
    return found


async def carry_out(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    action: str,
    number: int = 0,
    **known: str,
) -> Any:
    """Run an example as it is written, and return the response.

    Values that differ between installations are replaced: the entry, and the fields in ``known``.
    ``number`` selects one of several examples of the action.
    """
    example = examples()[action][number]
    own = {"entry": entry.entry_id, **known}
    data = {name: own.get(name, value) for name, value in example["data"].items()}
    return await hass.services.async_call(
        "junction",
        action,
        data,
        blocking=True,
        target=example.get("target"),
        return_response=True,
    )
