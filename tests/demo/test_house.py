"""The demo's house follows from its seed, and its pod counts the water."""

from pathlib import Path

from demo.backends.iotile import SimulatedCloud
from demo.house import DemoHouse
from simulators.clock import HOUR
from simulators.ties import WATER_STREAM


def test_another_seed_is_another_house(tmp_path: Path) -> None:
    first, other = (DemoHouse(tmp_path, [], seed=seed).house for seed in (1, 7))
    assert (first.plan.seed, other.plan.seed) == (1, 7)
    assert first.counters.water_ml != other.counters.water_ml


def test_what_is_used_arrives_in_the_cloud(tmp_path: Path) -> None:
    house = DemoHouse(tmp_path, [SimulatedCloud])
    [cloud] = house.systems
    assert isinstance(cloud, SimulatedCloud)
    house.house.advance_to(house.house.time + HOUR)
    [*_, last] = cloud.world.points[WATER_STREAM]
    assert last.time > house.house.time - HOUR
