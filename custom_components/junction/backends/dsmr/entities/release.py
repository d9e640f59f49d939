"""Release the port of an entry while the config flow listens to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from homeassistant.config_entries import ConfigEntry, OperationNotAllowed, UnknownEntry
from homeassistant.core import HomeAssistant

from ..client.errors import PortBusyError


@asynccontextmanager
async def port_released(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> AsyncIterator[None]:
    """Unload an entry, and set it up again at the end of the block, however it ends.

    Raises PortBusyError if the entry does not unload.
    """
    unloading = hass.async_create_task(
        _unload(hass, entry), f"{entry.title} - release the port"
    )
    try:
        # An unload that is cancelled halfway leaves an entry that only a restart loads.
        if not await asyncio.shield(unloading):
            raise PortBusyError
        yield
    finally:
        hass.async_create_task(
            _resume(hass, entry, unloading), f"{entry.title} - return the port"
        )


async def _unload(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    # Waits for a setup in progress, which Home Assistant cannot interrupt.
    async with entry.setup_lock:
        return await entry.async_unload(hass)


async def _resume(
    hass: HomeAssistant, entry: ConfigEntry[Any], unloading: asyncio.Task[bool]
) -> None:
    await asyncio.wait([unloading])
    if not hass.is_running:
        return
    # Not a reload, which would abort the reauth flow that asked for this. The entry may
    # have been removed or loaded meanwhile.
    with suppress(OperationNotAllowed, UnknownEntry):
        await hass.config_entries.async_setup(entry.entry_id)
