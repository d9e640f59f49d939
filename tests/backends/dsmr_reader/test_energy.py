"""Home Assistant's own validation of imported history, through the websocket."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.dsmr_reader.entities.history import (
    day_series_of,
    series_of,
)
from custom_components.junction.const import DOMAIN
from custom_components.junction.statistics import HistoryImporter
from custom_components.junction.statistics.database import async_commit
from simulators.dsmr_reader import DsmrReaderServer, State

from .helpers import ZONE, reading_from


async def ask(client: Any, **message: Any) -> Any:
    await client.send_json_auto_id(message)
    answer = await client.receive_json()
    assert answer["success"], answer
    return answer["result"]


async def test_statistics_and_energy_find_nothing_wrong(
    recorder_mock: Any,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    server: DsmrReaderServer,
    state: State,
) -> None:
    assert await async_setup_component(hass, "energy", {})
    entry = MockConfigEntry(domain=DOMAIN, unique_id="dsmr_reader:checked")
    entry.add_to_hass(hass)
    async with reading_from(server) as client:
        history = History(client, ZONE, await client.contracts() or ())
        importer = HistoryImporter(hass, entry)
        await importer.run("history", series_of("Home"), history.readings)
        await importer.run("days", day_series_of("Home"), history.days)
    await async_commit(hass)

    socket = await hass_ws_client(hass)
    assert await ask(socket, type="recorder/validate_statistics") == {}
    statistic = "junction:dsmr_reader_checked_{}".format
    listed = {
        one["statistic_id"]: one
        for one in await ask(socket, type="recorder/list_statistic_ids")
    }
    assert set(listed) == {
        statistic(one.id) for one in (*series_of("Home"), *day_series_of("Home"))
    }
    await ask(
        socket,
        type="energy/save_prefs",
        energy_sources=[
            *(
                {
                    "type": "grid",
                    "cost_adjustment_day": 0.0,
                    "stat_energy_from": statistic(f"delivered_{tariff}"),
                    "stat_cost": statistic(f"cost_delivered_{tariff}"),
                    "stat_energy_to": statistic(f"returned_{tariff}"),
                    "stat_compensation": statistic(f"cost_returned_{tariff}"),
                }
                for tariff in (1, 2)
            ),
            {
                "type": "gas",
                "stat_energy_from": statistic("gas"),
                "stat_cost": statistic("cost_gas"),
            },
        ],
    )
    found = await ask(socket, type="energy/validate")
    assert found == {
        "energy_sources": [[], [], []],
        "device_consumption": [],
        "device_consumption_water": [],
    }
