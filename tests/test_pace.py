"""Update intervals of sensors."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityCategory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.junction.model import Pace, SensorPoint, SensorValue, pace_of

from .common import shown
from .fake_backend import ROOM, House

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(seconds=1)


def sensor(key: str, **more: Any) -> SensorPoint:
    """Return a sensor of the fake house."""
    description = SensorEntityDescription(key=key, **more)
    return SensorPoint(device=ROOM, name=key.title(), description=description)


@pytest.fixture
async def written(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> AsyncGenerator[list[str]]:
    """Set up some sensors, and return a list of the states written from then on."""
    house.add(
        (sensor("lux", device_class=SensorDeviceClass.ILLUMINANCE), 100.0),
        (
            sensor(
                "queue",
                entity_category=EntityCategory.DIAGNOSTIC,
                state_class=SensorStateClass.MEASUREMENT,
            ),
            0,
        ),
        (
            sensor(
                "success",
                entity_category=EntityCategory.DIAGNOSTIC,
                device_class=SensorDeviceClass.TIMESTAMP,
            ),
            None,
        ),
        (sensor("watts", device_class=SensorDeviceClass.POWER), 1),
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        assert new is not None
        found.append(new.state)

    names = [f"sensor.room_{name}" for name in ("lux", "queue", "success", "watts")]
    stop = async_track_state_change_event(hass, names, note)
    yield found
    stop()


async def pass_time(hass: HomeAssistant, seconds: float) -> None:
    """Let all timers end that end within so many seconds."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


async def test_noise_is_written_now_and_then(
    hass: HomeAssistant, house: House, written: list[str]
) -> None:
    lux = (ROOM, "lux")
    for value in (101.0, 102.0, 99.0, 103.0):
        house.change(lux, value)
    # The first value at once, because it may be the only one.
    assert written == ["101.0"]
    await pass_time(hass, 31)
    assert written == ["101.0", "103.0"]
    # And then it is quiet again.
    await pass_time(hass, 300)
    assert written == ["101.0", "103.0"]


async def test_what_means_something_is_written_at_once(
    hass: HomeAssistant, house: House, written: list[str]
) -> None:
    lux = (ROOM, "lux")
    house.change(lux, 101.0)
    house.change(lux, 130.0)
    house.change(lux, 131.0)
    house.change(lux, None)
    house.change(lux, 131.5)
    house.push(devices={ROOM: False})
    assert shown(hass, "sensor.room_lux") == STATE_UNAVAILABLE
    house.push(devices={ROOM: True})
    house.change(lux, 0.0)
    # A fifth of nothing is nothing.
    house.change(lux, 0.5)
    house.change(lux, 10.0)
    numbers = [text for text in written if text[-2:] in (".0", ".5")]
    assert numbers == ["101.0", "130.0", "131.5", "131.5", "0.0", "10.0"]
    assert STATE_UNKNOWN in written


async def test_what_only_counts(
    hass: HomeAssistant, house: House, written: list[str]
) -> None:
    queue, success = (ROOM, "queue"), (ROOM, "success")
    for length in (1, 2, 3, 4):
        house.change(queue, length)
    house.change(queue, 0)
    # That there is one more, or none at the moment, can wait.
    assert written == ["1"]
    await pass_time(hass, 31)
    assert written == ["1", "0"]
    written.clear()
    house.change(success, START)
    house.change(success, LATER)
    assert written == [START.isoformat()]
    await pass_time(hass, 31)
    assert written == [START.isoformat(), LATER.isoformat()]


async def test_power_is_not_waited_for(house: House, written: list[str]) -> None:
    for value in (2, 3, 4):
        house.change((ROOM, "watts"), value)
    assert written == ["2", "3", "4"]


async def test_another_unit_is_shown_at_once(
    hass: HomeAssistant, house: House, written: list[str]
) -> None:
    house.change((ROOM, "lux"), 101.0)
    house.change((ROOM, "lux"), 102.0)
    lux = sensor(
        "lux",
        device_class=SensorDeviceClass.ILLUMINANCE,
        native_unit_of_measurement="lx",
    )
    house.remake((ROOM, "lux"), description=lux.description)
    house.push(topology=house.topology)
    assert shown(hass, "sensor.room_lux") == "102.0"


async def test_nothing_waits_after_unloading(
    hass: HomeAssistant, entry: MockConfigEntry, house: House, written: list[str]
) -> None:
    house.change((ROOM, "lux"), 101.0)
    house.change((ROOM, "lux"), 102.0)
    assert await hass.config_entries.async_unload(entry.entry_id)
    written.clear()
    await pass_time(hass, 60)
    assert written == []


@pytest.mark.parametrize(
    ("shown", "new", "means"),
    [
        (20.0, 20.2, False),
        (20.0, 20.3, True),
        (21.3, 21.0, True),
        (Decimal("20.0"), Decimal("20.1"), False),
        (Decimal("20.0"), 25, True),
        (0.1, 0, False),
        (None, 1, True),
        (1, None, True),
        (None, None, False),
        (START, LATER, False),
        ("a", "b", True),
        ("a", "a", False),
    ],
)
def test_means(shown: SensorValue | None, new: SensorValue | None, means: bool) -> None:
    assert Pace(seconds=30, step=0.3).means(shown, new) is means


@pytest.mark.parametrize(
    ("kind", "reading", "noise"),
    [
        # Twice the repeatability in data sheets: DHT22, SCD30.
        (SensorDeviceClass.TEMPERATURE, 21.3, 0.4),
        (SensorDeviceClass.HUMIDITY, 48.0, 2.0),
        (SensorDeviceClass.CO2, 640.0, 20.0),
    ],
)
def test_noise_of_known_sensors_means_nothing(
    kind: SensorDeviceClass, reading: float, noise: float
) -> None:
    pace = pace_of(sensor("x", device_class=kind).description)
    assert pace is not None
    assert not pace.means(reading, reading + noise)
    assert not pace.means(reading, reading - noise)
    assert pace.means(reading, reading + 3 * noise)


def test_pace_of() -> None:
    diagnostic: dict[str, Any] = {"entity_category": EntityCategory.DIAGNOSTIC}
    counted = {**diagnostic, "state_class": SensorStateClass.TOTAL_INCREASING}
    assert pace_of(sensor("x", **counted).description) == Pace(seconds=30)
    # Text values are not limited.
    assert pace_of(sensor("x", **diagnostic).description) is None
    assert pace_of(sensor("x").description) is None
    for kind in (SensorDeviceClass.ENERGY, SensorDeviceClass.VOLTAGE):
        more = {"device_class": kind, **counted}
        assert pace_of(sensor("x", **more).description) is None
        assert pace_of(sensor("x", device_class=kind).description) is None
