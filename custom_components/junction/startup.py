"""First refresh of a config entry: bounded, and safe from a canceled caller."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady, HomeAssistantError

from .backends.base import Backend
from .const import DOMAIN, LOGGER
from .coordinator import JunctionConfigEntry, JunctionCoordinator

FIRST_REFRESH: Final = 10.0
"""Seconds that connecting and the first fetch may take before the entry has to wait."""
CLOSING: Final = 5.0
"""Seconds that a backend may take to say goodbye."""


async def async_finish[ResultT](
    hass: HomeAssistant, work: Coroutine[Any, Any, ResultT], name: str
) -> ResultT:
    """Finish the work, also when its caller is cancelled meanwhile.

    A person who closes the browser during a reload cancels what was asked for there; the
    entry would be left in the middle of its setup, and nothing would load it again. When
    Home Assistant stops, the work is cancelled.
    """
    task = hass.async_create_task(work, name)
    while not task.done():
        try:
            # Not awaited itself, which would cancel it together with the caller.
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

    A system that answers, but takes its time for all that it has, goes on in the
    background; its entities follow. Raises ConfigEntryNotReady and its kin, at the latest
    after ``FIRST_REFRESH``.
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
            translation_placeholders={
                "seconds": f"{FIRST_REFRESH:g}",
                "detail": "no details",
            },
        )
    LOGGER.debug("%s goes on with its first refresh", coordinator.name)

    @callback
    def ended(task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is None:
            done()
        elif isinstance(error, HomeAssistantError):
            # Set up anew, which says what is wrong and tries again.
            LOGGER.warning("%s is set up again: %s", coordinator.name, error)
            hass.config_entries.async_schedule_reload(entry.entry_id)

    task.add_done_callback(ended)


async def async_close(entry: JunctionConfigEntry, backend: Backend) -> None:
    """Let the backend close itself, as long as that takes a reasonable time."""
    try:
        async with asyncio.timeout(CLOSING):
            await backend.close()
    except TimeoutError:
        LOGGER.warning("%s did not close within %g s", entry.title, CLOSING)
