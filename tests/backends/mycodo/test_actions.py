"""The actions of this backend, each with its answer."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.plan import DIMMER, FAN, PUMP
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, State, uid

from ...common import shown


async def call(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **fields: Any
) -> Any:
    """Perform an action and return its answer."""
    return await hass.services.async_call(
        "junction",
        action,
        {"entry": entry.entry_id, **fields},
        blocking=True,
        return_response=True,
    )


async def test_dispense(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    answer = await call(
        hass, loaded, "dispense", entity="switch.nutrient_pump", volume=100
    )
    assert answer["state"] == "on"
    assert answer["volume"] == 100
    assert "volume: 100.0" in answer["message"]
    assert mycodo.engine.executed == [(uid(PUMP), 0, "on vol 100")]


@pytest.mark.parametrize("volume", [0, -1, "much", "nan", "inf"])
async def test_dispense_nothing(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, volume: object
) -> None:
    with pytest.raises(ServiceValidationError):
        await call(
            hass, loaded, "dispense", entity="switch.nutrient_pump", volume=volume
        )
    assert not mycodo.engine.executed


@pytest.mark.parametrize(
    ("entity", "key"),
    [
        ("switch.nowhere", "foreign_entity"),
        ("sensor.climate_sensor_air", "mycodo_wrong_entity"),
        ("switch.heating_active", "mycodo_wrong_entity"),
    ],
)
async def test_what_is_no_output(
    hass: HomeAssistant, loaded: MockConfigEntry, entity: str, key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, loaded, "dispense", entity=entity, volume=1)
    assert caught.value.translation_key == key


async def test_duty_cycle(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    answer = await call(
        hass, loaded, "set_duty_cycle", entity="light.circulation_fan", duty_cycle=42.5
    )
    assert answer["state"] == 42.5
    assert mycodo.engine.states()[uid(FAN)]["0"] == 42.5


async def test_value(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    fields = {"entity": "number.dimmer_0_10_v_right", "value": 11.5}
    answer = await call(hass, loaded, "set_value", **fields)
    assert answer["state"] == 11.5
    assert mycodo.engine.states()[uid(DIMMER)]["1"] == 11.5
    answer = await call(hass, loaded, "set_value", **{**fields, "value": 0})
    assert answer["state"] == "off"


async def test_send_a_measurement(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    place = {"device": "outdoor", "unit": "C", "channel": 1}
    answer = await call(hass, loaded, "send_measurement", **place, value=-4.5)
    assert answer == {"stored": True}
    answer = await call(
        hass,
        loaded,
        "send_measurement",
        **place,
        value=3,
        timestamp="2026-11-20T08:00:00+00:00",
    )
    assert answer == {"stored": None}
    points = mycodo.database.series["C", "outdoor", 1, None]
    assert [value for _, value in points] == [-4.5, 3.0]
    assert points[1][0] == 1795161600.0
    # Mycodo reports success all the same (docs/protocols/mycodo.md#storing-a-value).
    mycodo.state.influx_up = False
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, loaded, "send_measurement", **place, value=1)
    assert caught.value.translation_key == "mycodo_database_down"


async def test_a_measurement_in_an_unknown_unit(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, loaded, "send_measurement", device="x", unit="zzz", value=1)
    assert caught.value.translation_key == "mycodo_bad_unit"
    with pytest.raises(ServiceValidationError):
        await call(hass, loaded, "send_measurement", device="a/b", unit="C", value=1)


async def test_create_a_note(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    answer = await call(
        hass, loaded, "create_note", name="Frost", note="It froze.", tags=[uid(61)]
    )
    assert answer == {"tags": [uid(61)]}
    assert state.notes == [{"name": "Frost", "note": "It froze."}]


class TestOld:
    @pytest.fixture
    def features(self) -> Features:
        return Features(notes=False)

    async def test_a_mycodo_that_takes_no_notes(
        self, hass: HomeAssistant, state: State, loaded: MockConfigEntry
    ) -> None:
        with pytest.raises(HomeAssistantError) as caught:
            await call(hass, loaded, "create_note", name="a", note="b", tags=[uid(61)])
        assert caught.value.translation_key == "mycodo_no_notes"
        assert state.notes == []


class TestReadOnly:
    @pytest.fixture
    def user(self) -> str:
        return "monitor"

    async def test_a_key_that_may_only_look(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        assert shown(hass, "binary_sensor.nutrient_pump") == "off"
        with pytest.raises(HomeAssistantError) as caught:
            await call(
                hass, loaded, "dispense", entity="binary_sensor.nutrient_pump", volume=1
            )
        assert caught.value.translation_key == "mycodo_read_only"
