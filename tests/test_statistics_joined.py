"""History into the statistics that a sensor has already."""

from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.statistics import (
    HistoryImporter,
    NoStatisticsError,
    OtherUnitError,
    Series,
    async_forget,
)
from custom_components.junction.statistics.database import async_commit

from .past import HOUR, START, Past, rows

# Into the statistics of a sensor


SENSOR = "sensor.of_another_integration"
JOINED = Series(
    id="import", name="Import", unit="kWh", unit_class="energy", entity_id=SENSOR
)


async def record_own(hass: HomeAssistant, past: Past, unit: str, factor: int) -> None:
    """Record the hours from 60 on for a sensor, starting at 0."""
    async_import_statistics(
        hass,
        StatisticMetaData(
            source="recorder",
            statistic_id=SENSOR,
            name=None,
            unit_of_measurement=unit,
            unit_class="energy",
            has_sum=True,
            mean_type=StatisticMeanType.NONE,
        ),
        [
            {
                "start": START + h * HOUR,
                "state": past.state(h) * factor,
                "sum": (past.state(h) - past.state(60)) * factor,
            }
            for h in range(60, 100)
        ],
    )
    await async_commit(hass)


@pytest.mark.parametrize(("unit", "factor"), [("kWh", 1), ("Wh", 1000)])
async def test_history_precedes_a_sensor_without_a_seam(
    hass: HomeAssistant, recorded_entry: MockConfigEntry, unit: str, factor: int
) -> None:
    past, importer = Past(), HistoryImporter(hass, recorded_entry)
    await record_own(hass, past, unit, factor)
    for written in (60, 0):
        # The second time changes nothing, and writes nothing.
        result = await importer.run("joined", [JOINED], past.source, anew=True)
        assert result.rows == {"import": written}
        assert result.unchanged.get("import", 0) == 60 - written
        assert [row["sum"] for row in await rows(hass, SENSOR)] == pytest.approx(
            [past.total(h) * factor for h in range(100)]
        )
    # Nor does it without the stored state of the import.
    await async_forget(hass, recorded_entry)
    result = await importer.run("joined", [JOINED], past.source)
    assert result.rows == {}
    assert len(await rows(hass, SENSOR)) == 100


async def test_a_seam_is_made_good_by_the_next_run(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past, importer = Past(), HistoryImporter(hass, recorded_entry)
    await record_own(hass, past, "kWh", 1)
    past.breaks_after = 3
    with pytest.raises(ConnectionError):
        await importer.run("joined", [JOINED], past.source)
    past.breaks_after = None
    await importer.run("joined", [JOINED], past.source)
    assert [row["sum"] for row in await rows(hass, SENSOR)] == pytest.approx(
        [past.total(h) for h in range(100)]
    )


async def test_sensors_that_no_history_can_precede(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past, importer = Past(), HistoryImporter(hass, recorded_entry)
    with pytest.raises(NoStatisticsError) as missing:
        await importer.run("joined", [JOINED], past.source)
    assert missing.value.placeholders["entity"] == SENSOR
    await record_own(hass, past, "kWh", 1)
    wrong = Series(
        id="gas", name="Gas", unit="m³", unit_class="volume", entity_id=SENSOR
    )
    with pytest.raises(OtherUnitError) as other:
        await importer.run("joined", [wrong], past.source)
    assert other.value.placeholders["unit"] == "kWh"
    measured = Series(
        id="room",
        name="",
        unit="kWh",
        unit_class="energy",
        measured=True,
        entity_id=SENSOR,
    )
    with pytest.raises(NoStatisticsError):
        await importer.run("joined", [measured], past.source)
