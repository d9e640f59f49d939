"""The import that set-up offers, from the dialog to Home Assistant's Energy dashboard."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.junction.const import DOMAIN
from simulators.clock import DAY, HOUR
from simulators.iotile.server import IOTileServer

from .conftest import METER, NOW, Poll
from .test_flow import ACCOUNT, begin, enter

LAST = NOW // HOUR * HOUR

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def add(hass: HomeAssistant, server: IOTileServer, **fields: Any) -> Any:
    """Follow the dialog with its suggested values, and return the entry."""
    flow = await begin(hass)
    result = await enter(hass, flow, url=server.url, **ACCOUNT)
    assert result["step_id"] == "iotile_projects"
    (offer,) = (key for key in result["data_schema"].schema if key == "history")
    assert offer.default() is True
    result = await enter(hass, flow, **fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    await async_wait_recording_done(hass)
    return result["result"]


async def statistics(hass: HomeAssistant) -> dict[str, Any]:
    found = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    return {row["statistic_id"]: row for row in found if row["source"] == DOMAIN}


async def of_meter(hass: HomeAssistant) -> str | None:
    """Return the id of the meter's statistics; None if there are none."""
    return next((key for key in await statistics(hass) if key.endswith("5001")), None)


async def hours(hass: HomeAssistant) -> list[Any]:
    await async_wait_recording_done(hass)
    if (wanted := await of_meter(hass)) is None:
        return []
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime.fromtimestamp(NOW - 400 * DAY, UTC),
        None,
        {wanted},
        "hour",
        None,
        {"sum", "state"},
    )
    return list(found.get(wanted, []))


def counted(server: IOTileServer) -> int:
    return sum(row.int_value or 0 for row in server.world.points[METER])


async def test_from_the_dialog_to_the_energy_dashboard(
    hass: HomeAssistant,
    server: IOTileServer,
    poll: Poll,
) -> None:
    entry = await add(hass, server)
    assert entry.options["history"] is True
    wanted = await of_meter(hass)
    assert wanted is not None
    statistic = (await statistics(hass))[wanted]
    assert statistic["name"] == "Water meter IO 1"
    assert statistic["has_sum"] is True
    assert statistic["unit_class"] == "volume"
    # All that the server has of the year, each hour where it was used.
    rows = await hours(hass)
    begun = min(row.time for row in server.world.points[METER])
    assert rows[0]["start"] == begun // HOUR * HOUR
    assert rows[-1]["sum"] == pytest.approx(counted(server), abs=0.001)
    # Home Assistant accepts it as a source of water.
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    water: Any = {"type": "water", "stat_energy_from": wanted}
    wanted_there: Any = {"energy_sources": [water]}
    await manager.async_update(wanted_there)
    issues = (await async_validate(hass)).as_dict()
    assert issues["energy_sources"] == [[]]
    # Points that are two days late are inserted automatically.
    late = LAST - 40 * HOUR
    before = {row["start"]: row["sum"] for row in rows}
    server.world.add(METER, late + 60, 500, local_id=9)
    await poll(6 * HOUR)
    after = {row["start"]: row["sum"] for row in await hours(hass)}
    assert after[late - HOUR] == pytest.approx(before[late - HOUR])
    assert after[late] == pytest.approx(before[late] + 500)
    # Once: another start reads nothing of it again.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    server.log.clear()
    await poll()
    assert not [
        request
        for request in server.log.to("GET", "/api/v1/df/")
        if request.query["filter"] == METER
    ]


async def test_who_does_not_want_it(hass: HomeAssistant, server: IOTileServer) -> None:
    entry = await add(hass, server, history=False)
    assert await statistics(hass) == {}
    # It can be switched on later.
    result = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        result["flow_id"], {"interval": 10, "late_hours": 48, "history": True}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (await hours(hass))[-1]["sum"] == pytest.approx(counted(server), abs=0.001)


async def test_a_server_that_fails_meanwhile_is_asked_again(
    hass: HomeAssistant, server: IOTileServer, poll: Poll
) -> None:
    from simulators import http_faults as faults

    async def of_streams(request: Any, handler: Any) -> Any:
        if request.query["filter"] == METER:
            return await faults.status(500)(request, handler)
        return await handler(request)

    server.inject(of_streams, "*/df/")
    await add(hass, server)
    assert await hours(hass) == []
    server.heal()
    await poll()
    assert (await hours(hass))[-1]["sum"] == pytest.approx(counted(server), abs=0.001)


async def test_an_entry_of_today_offers_nothing_by_itself(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Entries of version 0.1.0 were never asked."""
    assert await statistics(hass) == {}
