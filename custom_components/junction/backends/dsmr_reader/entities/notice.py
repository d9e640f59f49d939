"""Notification with the progress of a long import, and what it left out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ....const import DOMAIN
from ....statistics import ImportResult, ImportStatus, LeftOut
from ...words import async_selector_texts

_TEXTS: Final = "history_notice"
_REASONS: Final = "left_out"
# Seconds; a shorter import is over before anybody reads about it.
_WORTH_TELLING: Final = 10.0


class ImportNotice:
    """Notification of one entry, shown only if there is something to report."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize without a notification."""
        self._hass = hass
        self._entry = entry
        self._id = f"{DOMAIN}_history_{entry.entry_id}"
        self._shown = False
        self._words: Mapping[str, str] = {}

    @callback
    def show(self, status: ImportStatus, left: float | None) -> None:
        """Show the progress, once it is clear that the import takes a while."""
        if not self._shown and (left is None or left < _WORTH_TELLING):
            return
        minutes = None if left is None else max(1, round(left / 60))
        self._put(
            "running",
            percent=f"{status.progress * 100:.0f}",
            hours=f"{status.hours:,}",
            reached=_day(status.reached),
            minutes="-" if minutes is None else str(minutes),
        )

    @callback
    def wait(self, progress: float) -> None:
        """Show that the server is unreachable, if the import is shown."""
        if self._shown:
            self._put("waiting", percent=f"{progress * 100:.0f}")

    async def finish(self, result: ImportResult) -> None:
        """Show what was left out, if the import is shown."""
        if self._shown and result.left_out:
            lines = await async_left_out(self._hass, result.left_out)
            self._put("left_out", lines=lines)
            self._shown = False
        else:
            self.withdraw()

    @callback
    def withdraw(self) -> None:
        """Remove the notification."""
        if self._shown:
            self._shown = False
            persistent_notification.async_dismiss(self._hass, self._id)

    def _put(self, text: str, **words: str) -> None:
        self._shown = True
        self._entry.async_create_task(self._hass, self._create(text, words))

    async def _create(self, text: str, words: Mapping[str, str]) -> None:
        if not self._words:
            self._words = await async_selector_texts(self._hass, _TEXTS)
        if not self._shown and text != "left_out":
            return
        persistent_notification.async_create(
            self._hass,
            self._words[f"{_TEXTS}.{text}"].format(**words),
            self._entry.title,
            self._id,
        )


async def async_left_out(hass: HomeAssistant, found: Mapping[str, LeftOut]) -> str:
    """Return what was left out as a Markdown list, or ""."""
    words = await async_selector_texts(hass, _REASONS)
    return "\n".join(
        f"- {words[f'{_REASONS}.{one.reason}']}: {one.count}"
        f" ({_day(one.first)} – {_day(one.last)})"
        for one in found.values()
    )


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else dt_util.as_local(moment).date().isoformat()
