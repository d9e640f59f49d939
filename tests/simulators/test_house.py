"""The house: exact energy, the same twice, and loads that show."""

from datetime import UTC, datetime

import pytest

from simulators.clock import DAY, HOUR, VirtualClock
from simulators.house import House, Load, Segment
from simulators.minutes import HousePlan
from simulators.schedule import Household

START = int(datetime(2025, 5, 10, tzinfo=UTC).timestamp())


def make_house(seed: int = 1, start: int = START) -> House:
    return House(VirtualClock(start, 0), HousePlan(seed))


class Integral:
    """Energy per phase from the segments, import and export of the sum."""

    def __init__(self, house: House) -> None:
        self.segments: list[Segment] = []
        house.on_segment(self.segments.append)

    @property
    def phases(self) -> list[int]:
        return [sum(s.watts[n] * s.seconds for s in self.segments) for n in range(3)]

    @property
    def imported(self) -> int:
        return sum(max(sum(s.watts), 0) * s.seconds for s in self.segments)

    @property
    def exported(self) -> int:
        return sum(max(-sum(s.watts), 0) * s.seconds for s in self.segments)


def test_a_day_in_one_step_is_the_day_second_by_second() -> None:
    """Counters, phases, import and export: nothing depends on how time was cut."""
    at_once, slowly = make_house(), make_house()
    whole, seconds = Integral(at_once), Integral(slowly)
    at_once.advance_to(START + DAY)
    for moment in range(START, START + DAY):
        slowly.advance_to(moment + 1)
    assert len(whole.segments) < DAY / 3 < len(seconds.segments)
    assert whole.phases == seconds.phases
    assert (whole.imported, whole.exported) == (seconds.imported, seconds.exported)
    assert min(whole.imported, whole.exported) > 1_000_000
    assert at_once.counters == slowly.counters
    assert at_once.watts == slowly.watts


def test_segments_follow_each_other_and_keep_their_signs() -> None:
    house = make_house()
    integral = Integral(house)
    house.advance_to(START + 100)
    house.advance_to(START + DAY)
    expected = START
    for segment in integral.segments:
        assert segment.start == expected
        assert segment.seconds in (1, 60)
        assert segment.start // 60 == (segment.start + segment.seconds - 1) // 60
        expected += segment.seconds
    assert expected == START + DAY


def test_the_same_seed_gives_the_same_house() -> None:
    first, second, other = make_house(7), make_house(7), make_house(8)
    for house in (first, second, other):
        house.advance_to(START + 6 * HOUR)
    assert (first.watts, first.counters) == (second.watts, second.counters)
    assert first.counters != other.counters


def test_power_and_voltage_stay_within_what_a_house_has() -> None:
    house = make_house()
    lowest, highest = 0, 0
    for moment in range(START, START + DAY, 37):
        house.advance_to(moment)
        lowest, highest = min(lowest, *house.watts), max(highest, *house.watts)
        for phase in (1, 2, 3):
            assert 2260 <= house.voltage(phase) <= 2420
        assert 49_950 <= house.frequency() <= 50_050
    assert lowest < -500
    assert 1500 < highest < 15_000


def test_voltage_falls_with_load() -> None:
    house = make_house()
    house.add_load(Load("oven", 3000, phase=2))
    before = house.voltage(2)
    house.switch("oven", on=True)
    house.advance_to(house.time + 1)
    assert house.voltage(2) < before - 10


def test_a_switched_lamp_shows_from_the_next_second_on() -> None:
    lit, dark = make_house(), make_house()
    lamp = lit.add_load(Load("lamp", 40, phase=3, room="study", lumens=800))
    for house in (lit, dark):
        house.clock.jump(600)
        house.update()
    lit.switch("lamp", on=True, level=0.5)
    for house in (lit, dark):
        house.advance_to(START + 601)
    assert [a - b for a, b in zip(lit.watts, dark.watts, strict=True)] == [0, 0, 20]
    assert lamp.power == 20
    moment = lit.time
    brighter = lit.rooms["study"].brightness(moment) - dark.rooms["study"].brightness(
        moment
    )
    assert brighter == pytest.approx(400 / 11)
    assert lit.circuits()["lamp"] == 20


def test_switching_counts_from_the_second_it_happens() -> None:
    """Energy until a switch is that of the old level, to the watt-second."""
    switched, plain = make_house(), make_house()
    switched.add_load(Load("heater", 1000, phase=0))
    one, other = Integral(switched), Integral(plain)
    switched.clock.jump(100.7)
    switched.switch("heater", on=True)
    switched.clock.jump(60)
    switched.switch("heater", on=False)
    for house in (switched, plain):
        house.advance_to(START + 7200)
    assert sum(one.phases) - sum(other.phases) == 60 * 1000


def test_listeners_hear_of_real_changes_only() -> None:
    house = make_house()
    house.add_load(Load("lamp", 40))
    heard: list[tuple[str, bool]] = []
    stop = house.on_load_change(lambda load: heard.append((load.name, load.on)))
    house.switch("lamp", on=True)
    house.switch("lamp", on=True)
    house.switch("lamp", on=False)
    stop()
    house.switch("lamp", on=True)
    assert heard == [("lamp", True), ("lamp", False)]


def test_what_cannot_be_switched_is_refused() -> None:
    house = make_house()
    house.add_load(Load("lamp", 40))
    with pytest.raises(ValueError, match="already a load named 'lamp'"):
        house.add_load(Load("lamp", 60))
    with pytest.raises(ValueError, match="no phase 4"):
        house.add_load(Load("other", 60, phase=4))
    with pytest.raises(ValueError, match="no room named 'cellar'"):
        house.add_load(Load("other", 60, room="cellar"))
    with pytest.raises(ValueError, match="level 2 of 'lamp'"):
        house.switch("lamp", on=True, level=2)
    with pytest.raises(KeyError):
        house.switch("sun", on=True)
    house.remove_load("lamp")
    assert not house.loads


def test_without_the_grid_nothing_flows() -> None:
    house = make_house()
    house.advance_to(START + 12 * HOUR)
    integral = Integral(house)
    solar = house.counters.solar_ws
    house.grid = False
    house.advance_to(START + 13 * HOUR)
    assert integral.phases == [0, 0, 0]
    assert house.counters.solar_ws == solar
    assert set(house.circuits().values()) == {0}


def test_sun_shines_by_day_and_more_in_summer() -> None:
    weather = make_house().weather
    noon_in_june = int(datetime(2025, 6, 21, 12, tzinfo=UTC).timestamp())
    noon_in_december = int(datetime(2025, 12, 21, 12, tzinfo=UTC).timestamp())
    assert weather.sun(noon_in_june) == pytest.approx(1, abs=0.01)
    assert weather.sun(noon_in_june + 12 * HOUR) == 0
    assert (
        weather.season(noon_in_june) > 0.99 > -0.99 > weather.season(noon_in_december)
    )


def test_car_charger_on_three_phases() -> None:
    plan = HousePlan(3, household=Household(ev_watts=11_000))
    house = House(VirtualClock(START, 0), plan)
    integral = Integral(house)
    house.advance_to(START + 5 * DAY + 12 * HOUR)
    assert house.counters.charger_ws % (11_000 * 7200) == 0
    assert house.counters.charger_ws > 0
    assert max(min(s.watts) for s in integral.segments) > 3600


def test_heating_a_room_takes_its_time() -> None:
    house = make_house(start=int(datetime(2025, 1, 10, tzinfo=UTC).timestamp()))
    room = house.rooms["living room"]
    before = room.temperature(house.time)
    assert before == pytest.approx(20, abs=0.5)
    room.set_heating(house.time, 23)
    assert room.temperature(house.time) == pytest.approx(before, abs=0.01)
    assert 21 < room.temperature(house.time + 2 * HOUR) < 22.9
    assert room.temperature(house.time + 12 * HOUR) == pytest.approx(23, abs=0.5)
    room.set_heating(house.time + 12 * HOUR, 23, on=False)
    assert 10 < room.temperature(house.time + 2 * DAY) < 20


def test_a_garden_valve_uses_water_and_wets_the_soil() -> None:
    watered, dry = make_house(), make_house()
    watered.add_load(Load("valve", room="garden", water_ml_s=250))
    watered.switch("valve", on=True)
    for house in (watered, dry):
        house.advance_to(START + HOUR)
    assert watered.counters.water_ml - dry.counters.water_ml == 250 * HOUR
    moment = START + HOUR
    gain = watered.rooms["garden"].soil_moisture(moment) - dry.rooms[
        "garden"
    ].soil_moisture(moment)
    assert 4 < gain <= 4.5


def test_people_are_in_rooms_at_their_hours() -> None:
    house = make_house()
    bedroom = house.rooms["bedroom"]
    night = sum(bedroom.occupied(START + n * 600) for n in range(24))
    day = sum(bedroom.occupied(START + 10 * HOUR + n * 600) for n in range(24))
    assert night > 18
    assert day < 6
    assert bedroom.carbon_dioxide(START + 2 * HOUR) > 700
    assert all(30 < room.humidity(START) < 100 for room in house.rooms.values())
