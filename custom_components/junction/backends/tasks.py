"""Long-lived tasks of a backend, ended with its entry."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..errors import BackendError
from ..watch import watched


def only_logged(error: BackendError) -> None:
    """Ignore the error: the entry's states do not depend on the task."""


@callback
def start_watched(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    run: Callable[[], Awaitable[None]],
    what: str,
    *,
    failed: Callable[[BackendError], None] | None = None,
) -> asyncio.Task[None]:
    """Start a background task that is restarted whenever it fails unexpectedly.

    ``what`` names it in the log, after the title of the entry. ``failed`` is called
    with the error; by default the entry becomes unavailable until the backend pushes
    again. Unloading the entry cancels the task.
    """

    @callback
    def lost(error: BackendError) -> None:
        # The coordinator is the backend's sink. Before the first fetch there is none,
        # and the fetch itself then reports the error.
        if (sink := getattr(entry, "runtime_data", None)) is not None:
            sink.lost(error)

    name = f"{entry.title} - {what}"
    return entry.async_create_background_task(
        hass, watched(run, name, failed or lost), name
    )
