"""Import the history of a DSMR-reader, once and then every hour."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from ....errors import BackendError
from ....statistics import HistoryImporter, ImportResult, NoRecorderError, Series
from ...tasks import only_logged, start_watched
from ..client.api import ReaderClient
from ..client.history import History
from .notice import ImportNotice

_LOGGER: Final = logging.getLogger(__name__)

_HISTORY: Final = "history"
_DAYS: Final = "days"
_JOINED: Final = "joined"
# Progress at which the readings are complete: days take little time.
_READINGS: Final = 0.95
_RETRY: Final = 15.0
_LONGEST_RETRY: Final = 900.0

_ENERGY: Final = {
    "delivered_1": "Energy import tariff 1",
    "delivered_2": "Energy import tariff 2",
    "delivered": "Energy import",
    "returned_1": "Energy export tariff 1",
    "returned_2": "Energy export tariff 2",
    "returned": "Energy export",
}
JOINABLE: Final = (*_ENERGY, "gas")
"""Series that can be added to the statistics of a sensor."""


def series_of(title: str) -> tuple[Series, ...]:
    """Return the series that are imported hour by hour.

    Names begin with the distinguishing part, because lists cut them off.
    """
    costs = {
        f"cost_{name}": (
            f"Compensation for {words}"
            if name.startswith("returned")
            else f"Cost of {words}"
        )
        for name, words in {
            **{name: words.lower() for name, words in _ENERGY.items()},
            "gas": "gas",
            "fixed": "the contract",
        }.items()
    }
    return (
        *(
            Series(id=name, name=f"{words}, {title}", unit="kWh", unit_class="energy")
            for name, words in _ENERGY.items()
        ),
        Series(id="gas", name=f"Gas, {title}", unit="m³", unit_class="volume"),
        *(
            Series(id=name, name=f"{words}, {title}", unit="EUR", unit_class=None)
            for name, words in costs.items()
        ),
    )


def day_series_of(title: str) -> tuple[Series, ...]:
    """Return the series that are imported day by day."""
    return (
        Series(id="cost", name=f"Total cost, {title}", unit="EUR", unit_class=None),
        Series(
            id="temperature",
            name=f"Outdoor temperature, {title}",
            unit="°C",
            unit_class="temperature",
            measured=True,
        ),
    )


class HistoryKeeper:
    """Import everything once, and then new data every hour.

    ``zone`` returns the server's time zone. ``told`` is called with the end of the
    imported history, and the progress of an import (0 to 1, or None).
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: ReaderClient,
        zone: Callable[[], tzinfo],
        notify: Callable[[datetime | None, float | None, Mapping[str, object]], None],
    ) -> None:
        """Initialize; nothing is imported yet."""
        self.importer = HistoryImporter(hass, entry)
        self._hass = hass
        self._entry = entry
        self._client = client
        self._zone = zone
        self._notify = notify
        self._until: datetime | None = None
        self._shown: float | None = None
        self._running: asyncio.Task[ImportResult] | None = None
        self._following: asyncio.Task[None] | None = None
        self._waits = False
        self._retry_at = 0.0
        self._retry_after = _RETRY
        self._notice = ImportNotice(hass, entry)
        self._stop: CALLBACK_TYPE | None = None
        self._unlisten = self.importer.listen(self._on_progress)

    def start(self) -> None:
        """Import now, and three minutes after every full hour."""
        # Spread the requests of different entries over the minute.
        second = int(self._entry.created_at.timestamp()) % 60
        self._stop = async_track_time_change(
            self._hass, self._on_time, minute=3, second=second
        )
        self._on_time(dt_util.utcnow())

    async def close(self) -> None:
        """Stop; an unfinished import continues the next time."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        for task in (self._following, self._running):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        self._following = self._running = None
        self._notice.withdraw()

    @callback
    def resume(self, *, back: bool) -> None:
        """Continue an import that waits for the server, which answers again.

        At once if it is ``back``; if it answered other requests all the time, with
        increasing pauses.
        """
        if self._waits and (back or self._hass.loop.time() >= self._retry_at):
            self._waits = False
            self._on_time(dt_util.utcnow())

    @callback
    def _on_time(self, _now: datetime) -> None:
        if self._following is None or self._following.done():
            self._following = start_watched(
                self._hass,
                self._entry,
                self._follow,
                "history",
                failed=only_logged,
            )

    async def _follow(self) -> None:
        """Import new data. Errors of the server are only logged."""
        task = self.run()
        # Do not await it directly: a user may be waiting for the same task.
        await asyncio.wait([task])
        try:
            task.result()
        except NoRecorderError:
            return
        except BackendError as err:
            # The polls report that the server is unreachable.
            _LOGGER.debug("History waits: %s", err)

    def run(self, *, anew: bool = False) -> asyncio.Task[ImportResult]:
        """Import new data, or everything with ``anew``; joins a running import."""
        if self._running is None or self._running.done():
            self._running = self._entry.async_create_background_task(
                self._hass, self._run(anew=anew), f"{self._entry.title} - import"
            )
            # The caller may be gone, so mark the exception as retrieved.
            self._running.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )
        return self._running

    async def _run(self, *, anew: bool) -> ImportResult:
        title = self._entry.title
        try:
            history = await self._history()
            result = await self.importer.run(
                _HISTORY,
                series_of(title),
                history.readings,
                anew=anew,
                part=(0.0, _READINGS),
            )
            days = await self.importer.run(
                _DAYS,
                day_series_of(title),
                history.days,
                anew=anew,
                part=(_READINGS, 1.0),
            )
            result.rows |= days.rows
            result.pages += days.pages
            for reason, one in days.left_out.items():
                before = result.left_out.get(reason)
                result.left_out[reason] = one if before is None else before + one
        except BackendError as err:
            # It continues as soon as the server answers.
            self._waits = not isinstance(err, NoRecorderError)
            self._retry_at = self._hass.loop.time() + self._retry_after
            self._retry_after = min(2 * self._retry_after, _LONGEST_RETRY)
            self._report_waiting()
            raise
        except BaseException:
            self._report(None)
            self._notice.withdraw()
            raise
        self._retry_after = _RETRY
        if result.last is not None:
            self._until = max(self._until or result.last, result.last)
        self._report(None)
        await self._notice.finish(result)
        return result

    def _report_waiting(self) -> None:
        if self._waits and self._shown is not None:
            self._notify(self._until, self._shown, {"waiting": True})
            self._notice.wait(self._shown)
        else:
            self._report(None)

    def _report(self, progress: float | None) -> None:
        self._shown = progress
        status = self.importer.status
        details: dict[str, object] = {}
        if progress is not None and status is not None:
            left = status.remaining(self._hass.loop.time())
            details = {
                "hours": status.hours,
                "reached": status.reached.isoformat() if status.reached else None,
                "seconds_left": None if left is None else round(left),
                "waiting": False,
            }
            if status.reached is not None:
                self._until = max(self._until or status.reached, status.reached)
            self._notice.show(status, left)
        self._notify(self._until, progress, details)

    async def join(self, sensors: dict[str, str]) -> ImportResult:
        """Write the history before the sensors' own statistics; sensors by id of the series.

        Raises NoStatisticsError or OtherUnitError if a sensor is unsuitable.
        """
        history = await self._history()
        series = [
            Series(
                id=one.id,
                name=one.name,
                unit=one.unit,
                unit_class=one.unit_class,
                entity_id=sensors[one.id],
            )
            for one in series_of(self._entry.title)
            if one.id in sensors
        ]
        job = "-".join([_JOINED, *sorted(sensors.values())])
        try:
            return await self.importer.run(job, series, history.readings, anew=True)
        finally:
            self._report(None)
            self._notice.withdraw()

    async def count(self) -> dict[str, int]:
        """Return how many rows a full import would write, without writing any."""
        history = await self._history()
        rows: dict[str, int] = {}
        for pages in (history.readings(None), history.days(None)):
            async for page in pages:
                for name, found in page.rows.items():
                    rows[name] = rows.get(name, 0) + len(found)
        return {name: number for name, number in rows.items() if number}

    async def _history(self) -> History:
        contracts = await self._client.contracts()
        return History(self._client, self._zone(), contracts or (), dt_util.utcnow)

    @callback
    def _on_progress(self, progress: float) -> None:
        if self._shown is None or abs(progress - self._shown) >= 0.01 or progress == 1:
            self._report(progress)
