"""Benchmark a refresh of 1,000 points against ``CoordinatorEntity``."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
import gc
import logging
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, override

from homeassistant import loader
from homeassistant.components.sensor import SensorEntity
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockEntityPlatform,
    async_test_home_assistant,
)

from custom_components.junction import backends
from custom_components.junction.model import PointKey, Snapshot

from .measure import ROUNDS, Row
from .thousand import COUNT, DESCRIPTION, POINTS, TOPOLOGY, values

PEER = f"CoordinatorEntity {__version__}"
CASES = (("unchanged", 0), ("1 % changed", COUNT // 100), ("all changed", COUNT))

type Data = dict[PointKey, float]


class PlainEntity(CoordinatorEntity[DataUpdateCoordinator[Data]], SensorEntity):
    """Typical entity of another integration."""

    entity_description = DESCRIPTION

    def __init__(
        self, coordinator: DataUpdateCoordinator[Data], key: PointKey, name: str
    ) -> None:
        """Show one value."""
        super().__init__(coordinator)
        self._key = key
        self._attr_unique_id = "/".join(key)
        self._attr_name = name
        self._attr_device_info = DeviceInfo(identifiers={("junction", "plain")})

    @property
    @override
    def native_value(self) -> float:
        """The value."""
        return self.coordinator.data[self._key]


def rows() -> Iterator[Row]:
    """Yield the three cases, per entity."""
    yield from asyncio.run(_measure())


async def _measure() -> list[Row]:
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            frame.async_setup(hass)
            ours = await _ours(hass)
            theirs = await _theirs(hass)
            rows = []
            for name, changed in CASES:
                our_time, their_time = await _medians((ours, theirs), changed)
                rows.append(
                    Row(
                        f"refresh of {COUNT} entities, {name}, per entity",
                        our_time,
                        their_time,
                        PEER,
                        wanted="" if changed else "≤ 0.2 µs",
                    )
                )
            await hass.async_stop(force=True)
    logging.disable(logging.NOTSET)
    return rows


async def _medians(
    both: tuple[Callable[[Data], Awaitable[None]], ...], changed: int
) -> tuple[float, float]:
    """Return the median times per entity in µs; the two take turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    gc.disable()
    try:
        for number in range(ROUNDS + 1):
            for refresh, times in zip(both, taken, strict=True):
                data = values(changed, number)
                begin = perf_counter()
                await refresh(data)
                times.append((perf_counter() - begin) / COUNT * 1e6)
    finally:
        gc.enable()
    return median(taken[0][1:]), median(taken[1][1:])


async def _ours(hass: HomeAssistant) -> Callable[[Data], Awaitable[None]]:
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
    backends.BACKENDS["thousand"] = backends.Registered(
        adapter="bench.thousand", flow="", options=False
    )
    entry: MockConfigEntry = MockConfigEntry(
        domain="junction", unique_id="thousand:1", data={"backend": "thousand"}
    )
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError("not set up")
    coordinator: Any = entry.runtime_data
    _check(hass)

    async def refresh(data: Data) -> None:
        coordinator.backend.snapshot = Snapshot(topology=TOPOLOGY, states=data)
        await coordinator.async_refresh()

    return refresh


async def _theirs(hass: HomeAssistant) -> Callable[[Data], Awaitable[None]]:
    entry: MockConfigEntry = MockConfigEntry(domain="plain")
    entry.add_to_hass(hass)
    data = values(0, 0)

    async def update() -> Data:
        return data

    coordinator = DataUpdateCoordinator[Data](
        hass,
        logging.getLogger(__name__),
        config_entry=entry,
        name="plain",
        update_method=update,
    )
    await coordinator.async_refresh()
    platform = MockEntityPlatform(hass, domain="sensor", platform_name="plain")
    platform.config_entry = entry
    before = len(hass.states.async_all())
    await platform.async_add_entities(
        [PlainEntity(coordinator, point.key, point.name or "") for point in POINTS]
    )
    if len(hass.states.async_all()) - before != COUNT:
        raise RuntimeError("not all plain entities were added")

    async def refresh(new: Data) -> None:
        nonlocal data
        data = new
        await coordinator.async_refresh()

    return refresh


def _check(hass: HomeAssistant) -> None:
    if len(hass.states.async_all("sensor")) != COUNT:
        raise RuntimeError("not all entities were added")
