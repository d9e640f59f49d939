"""The examples of docs/actions.md for IOTile Cloud."""

from pathlib import Path
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.iotile.reports import make_report
from simulators.iotile.server import IOTileServer

from ...action_page import CARRIED_OUT, carry_out, examples
from .conftest import METER, device_of

CELLAR = "d--0000-0000-0000-0097"


@pytest.fixture
def known(
    hass: HomeAssistant, loaded: MockConfigEntry, tmp_path: Path
) -> dict[str, str]:
    """Return the values that replace the invented ones of the examples."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    file = tmp_path / "report.bin"
    file.write_bytes(make_report(0xA0, [(0x500F, 2004, 10, 2000)], selector=0xD7FF))
    return {"target": device_of(hass, loaded, CELLAR), "path": str(file)}


@pytest.mark.parametrize("action", CARRIED_OUT["iotile"])
async def test_example(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    known: dict[str, str],
    slept: list[float],
    action: str,
) -> None:
    """The named object determines the account; the device is one of the device registry."""
    number = len(examples()[action]) - 1
    answer: Any = await carry_out(hass, loaded, action, number, **known)
    world = server.world
    match action:
        case "import_history":
            assert set(answer["hours"]) == {METER}
        case "create_note":
            assert (world.notes[-1]["target"], world.notes[-1]["note"]) == (
                CELLAR,
                "New battery.",
            )
        case "get_stream_data":
            assert (answer["unit"], len(answer["points"])) == ("L", 24)
        case "get_stream_events":
            assert answer["name"]
        case "accumulate":
            assert set(answer["totals"]) == {"L"}
        case "post_data":
            assert answer["value"] == pytest.approx(20, abs=2)
            assert answer["unit"] == "L"
            assert world.points[METER][-1].int_value == answer["int_value"]
        case "upload_event":
            assert answer["event_id"]
        case "upload_report":
            assert answer["new"] is True
        case "get_notes":
            assert answer["target"] == CELLAR
        case "get_locations":
            assert answer["target"] == CELLAR
        case "set_property":
            assert world.properties[-1]["name"] == "Room"
        case _:
            row: Any = world.device(CELLAR)
            assert (row["lat"], row["lon"]) == ("52.090700", "5.121400")
