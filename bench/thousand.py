"""Backend with 1,000 sensors for ``refresh.py``."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform, UnitOfTemperature
from homeassistant.core import HomeAssistant

from custom_components.junction.backends.base import BackendInfo, Sink
from custom_components.junction.model import (
    Delta,
    DeviceSpec,
    Point,
    PointKey,
    SensorPoint,
    Snapshot,
    Topology,
)

COUNT: Final = 1000
DESCRIPTION: Final = SensorEntityDescription(
    key="temperature",
    device_class=SensorDeviceClass.TEMPERATURE,
    native_unit_of_measurement=UnitOfTemperature.CELSIUS,
    state_class=SensorStateClass.MEASUREMENT,
)
POINTS: Final[tuple[Point[Any], ...]] = tuple(
    SensorPoint(device="hub", description=DESCRIPTION, id=str(n), name=f"Sensor {n}")
    for n in range(COUNT)
)
TOPOLOGY: Final = Topology(
    devices=(DeviceSpec(id="hub", name="Hub"),), points=POINTS, complete=True
)


def values(changed: int, round_: int) -> dict[PointKey, float]:
    """Return all states, of which ``changed`` differ from one round to the next."""
    return {
        point.key: 20.0 + (round_ % 2 if number < changed else 0) + number / 100
        for number, point in enumerate(POINTS)
    }


class Thousand:
    """Backend that returns the content of ``snapshot``."""

    snapshot = Snapshot(topology=TOPOLOGY, states=values(0, 0))

    async def connect(self) -> None:
        """Connect to nothing."""

    async def fetch(self) -> Snapshot:
        """Return the snapshot."""
        return self.snapshot

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Return nothing new."""
        return Delta()

    def subscribe(self, sink: Sink) -> None:
        """Never push."""

    async def close(self) -> None:
        """Close nothing."""

    def diagnostics(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Thousand:
    return Thousand()


def _hourly(entry: ConfigEntry[Any]) -> float:
    return 3600.0


INFO: Final = BackendInfo(
    name="thousand",
    title="Thousand",
    platforms=(Platform.SENSOR,),
    create=_create,
    poll_interval=_hourly,
)
