"""Add a system of the simulated house, and note everything that is shown of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.junction.const import DOMAIN
from demo.backends import SYSTEMS
from demo.backends.base import Answers
from demo.house import DemoHouse


@dataclass(frozen=True, slots=True)
class Shown:
    """Entities of a system, including those that are disabled by default."""

    system: str
    title: str
    devices: Mapping[str, dr.DeviceEntry]
    entities: tuple[er.RegistryEntry, ...]
    states: Mapping[str, State]

    def device(self, entity: er.RegistryEntry) -> dr.DeviceEntry:
        """Return the device of an entity."""
        return self.devices[entity.device_id or ""]


async def show(hass: HomeAssistant, folder: Path, system: str) -> Shown:
    """Add a system through its dialog, wait until it shows something, and remove it."""
    async with DemoHouse(folder, [SYSTEMS[system]]) as house:
        entry = await _add(hass, house.systems[0].answers())
        try:
            async with asyncio.timeout(60):
                while not _shown(hass, system, entry).states:
                    await asyncio.sleep(0.1)
            await hass.async_block_till_done()
            return _shown(hass, system, entry)
        finally:
            await hass.config_entries.async_remove(entry.entry_id)


async def _add(hass: HomeAssistant, answers: Answers) -> ConfigEntry[Any]:
    flow = hass.config_entries.flow
    step: Mapping[str, Any] = await flow.async_init(DOMAIN, context={"source": "user"})
    while step["type"] is not FlowResultType.CREATE_ENTRY:
        assert step["type"] is not FlowResultType.ABORT, step
        if step["type"] is FlowResultType.SHOW_PROGRESS:
            # Without a browser, the dialog goes on by itself.
            async with asyncio.timeout(60):
                while flow.async_get(step["flow_id"])["step_id"] == step["step_id"]:
                    await asyncio.sleep(0.1)
            step = await flow.async_configure(step["flow_id"])
            continue
        fields = dict(answers.get(step["step_id"], {}))
        for key, kind in getattr(step.get("data_schema"), "schema", {}).items():
            if type(kind).__name__ == "section":
                fields.setdefault(str(key), {})
        step = await flow.async_configure(step["flow_id"], fields)
    await hass.async_block_till_done()
    entry: ConfigEntry[Any] = step["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


def _shown(hass: HomeAssistant, system: str, entry: ConfigEntry[Any]) -> Shown:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    states = {
        entity.entity_id: state
        for entity in entities
        if (state := hass.states.get(entity.entity_id))
    }
    return Shown(
        system,
        entry.title,
        {device.id: device for device in devices},
        tuple(entities),
        states,
    )
