"""First refresh of a config entry: limited in time, and safe if its caller is cancelled."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError

from .backends.base import Backend
from .const import DOMAIN, LOGGER
from .coordinator import JunctionConfigEntry, JunctionCoordinator

FIRST_REFRESH: Final = 10.0
"""Seconds for connecting and the first fetch, after which the entry has to wait."""
CLOSING: Final = 5.0
"""Seconds that a backend may take to close."""


async def async_finish[ResultT](
    hass: HomeAssistant, work: Coroutine[Any, Any, ResultT], name: str
) -> ResultT:
    """Finish the work, even if its caller is cancelled.

    A user who closes the browser during a reload cancels the request; the entry would
    stay half set up, and nothing would load it again. When Home Assistant stops, the
    work is cancelled.
    """
    task = hass.async_create_task(work, name)
    while not task.done():
        try:
            # Waiting on the task directly would cancel it together with the caller.
            await asyncio.wait([task])
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if hass.is_stopping or caller is None:
                task.cancel()
                raise
            caller.uncancel()
    return task.result()


async def async_first_refresh(
    hass: HomeAssistant, coordinator: JunctionCoordinator, done: Callable[[], None]
) -> None:
    """Connect and fetch, and call ``done`` once everything was taken over.

    If the system answers but is slow to send everything, the fetch continues in the
    background and the entities follow. Raises ConfigEntryNotReady,
    ConfigEntryAuthFailed, or ConfigEntryError, after ``FIRST_REFRESH`` seconds at the
    latest.
    """
    entry = coordinator.config_entry
    task = entry.async_create_background_task(
        hass,
        coordinator.async_config_entry_first_refresh(),
        f"{coordinator.name} - first refresh",
    )
    try:
        await asyncio.wait([task], timeout=FIRST_REFRESH)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.done():
        task.result()
        done()
        return
    if not coordinator.info.answers(coordinator.backend):
        task.cancel()
        await asyncio.wait([task], timeout=CLOSING)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="timed_out",
            translation_placeholders={"seconds": f"{FIRST_REFRESH:g}"},
        )
    LOGGER.debug("%s goes on with its first refresh", coordinator.name)

    @callback
    def ended(task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is None:
            done()
        elif isinstance(error, HomeAssistantError):
            # Setting up again reports the error and retries.
            LOGGER.warning("%s is set up again: %s", coordinator.name, error)
            hass.config_entries.async_schedule_reload(entry.entry_id)

    task.add_done_callback(ended)


async def async_close(entry: JunctionConfigEntry, backend: Backend) -> None:
    """Close the backend, within ``CLOSING`` seconds."""
    try:
        async with asyncio.timeout(CLOSING):
            await backend.close()
    except TimeoutError:
        LOGGER.warning("%s did not close within %g s", entry.title, CLOSING)
