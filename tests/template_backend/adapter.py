"""Adapter for the controller: its status into points, switches into requests."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform, UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from custom_components.junction.backends.base import BackendInfo, Sink
from custom_components.junction.model import (
    Delta,
    DeviceSpec,
    PointKey,
    SensorPoint,
    Snapshot,
    SwitchPoint,
    Topology,
)

from .client import Status, TemplateClient

BOARD: Final = "board"
RELAY: Final = SwitchEntityDescription(key="relay")
TEMPERATURE: Final = SensorPoint(
    device=BOARD,
    description=SensorEntityDescription(
        key="temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
    ),
)


class TemplateBackend:
    """One controller, polled."""

    def __init__(self, client: TemplateClient) -> None:
        """Ask nothing yet."""
        self._client = client
        self._topology = Topology()
        self._known: tuple[object, ...] = ()

    async def connect(self) -> None:
        """Do nothing: there is no login."""

    async def fetch(self) -> Snapshot:
        """Read everything."""
        status = await self._client.status()
        names = {key: name for key, (name, _) in status.relays.items()}
        if self._known != (known := (status.name, names)):
            self._known, self._topology = known, self._build(status, names)
        return Snapshot(topology=self._topology, states=_states(status))

    async def read(self, keys: Collection[PointKey]) -> Delta:
        """Read everything: it is one request anyway."""
        return Delta(states=_states(await self._client.status()))

    def subscribe(self, sink: Sink) -> None:
        """Do nothing: it cannot push."""

    async def close(self) -> None:
        """Do nothing: nothing is open."""

    def diagnostics(self) -> Mapping[str, Any]:
        """Return the counters."""
        return {"requests": self._client.http.counters.as_dict()}

    def _build(self, status: Status, names: Mapping[str, str]) -> Topology:
        board = DeviceSpec(id=BOARD, name=status.name, serial_number=status.serial)
        relays = [
            SwitchPoint(
                device=BOARD,
                id=f"relay_{key}",
                name=name,
                description=RELAY,
                set_on=partial(self._client.switch, key),
            )
            for key, name in names.items()
        ]
        return Topology(devices=(board,), points=(TEMPERATURE, *relays))


def _states(status: Status) -> dict[PointKey, object]:
    relays = {(BOARD, f"relay_{key}"): on for key, (_, on) in status.relays.items()}
    return {TEMPERATURE.key: status.temperature, **relays}


def create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> TemplateBackend:
    """Return the backend of an entry."""
    session = async_get_clientsession(hass)
    return TemplateBackend(
        TemplateClient(session, entry.data["url"], entry.data["key"])
    )


INFO: Final = BackendInfo(
    name="template",
    title="Template",
    platforms=(Platform.SENSOR, Platform.SWITCH),
    create=create,
    poll_interval=lambda entry: 30.0,
)
