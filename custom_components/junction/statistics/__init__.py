"""Import of a backend's history into Home Assistant's long-term statistics.

A backend declares its series (``Series``) and yields their hours, oldest first, in
pages (``Page``); ``HistoryImporter.run`` does the rest::

    importer = HistoryImporter(hass, entry)
    result = await importer.run("history", series, source, on_progress=report)

``source(cursor)`` is an asynchronous generator of pages. The first time the cursor is
None: start with the oldest hour. Otherwise it is the ``cursor`` of the last page that
was committed: continue after that page, and repeat as many hours before it as late rows
may concern (up to ``TAIL`` is cheap; more is possible).

Only committed data counts: a page's cursor is stored after its rows are committed,
equal rows are not written again, different ones are replaced, and sums continue from
those in the database, including the user's corrections. A run can therefore be
cancelled, killed, resumed, and repeated with the same result. Statistics that the user
deleted are imported again from the beginning. Memory holds two pages: one is read while
the previous one is written.

Rows are plain tuples, so that clients without Home Assistant can create them:

* of a counter: ``(start, change, state)``, the amount counted in the hour that begins
  at ``start`` and the counter's position at its end, or None;
* of a measurement (``measured=True``): ``(start, mean, min, max)``.

``start`` is an aware datetime at minute 0, ascending within a series and a page. The
current hour and the future are excluded.

A series is written to its own statistics, ``junction:<entry>_<id>``, or with
``entity_id`` to those of a sensor of any integration. In that case only hours before
the sensor's first own one are written, in the sensor's unit, and at the end the sums
that the sensor recorded itself are raised by the imported total.

All targets of a run are checked before its source is called; if there are several
consecutive runs, call ``check`` with all series before the first. ``left_out`` of a
page reports data that the backend could not use.

In a flow, ``ImportOptionsFlow`` shows the progress, using ``importer.listen``.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
import math
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .run import ImportRun
from .series import (
    TAIL,
    ImportResult,
    ImportStatus,
    LeftOut,
    NoRecorderError,
    NoStatisticsError,
    OtherUnitError,
    Page,
    Row,
    Series,
    Source,
    external_id,
    unit_class_of,
)
from .target import async_targets

__all__ = [
    "TAIL",
    "HistoryImporter",
    "ImportResult",
    "ImportStatus",
    "LeftOut",
    "NoRecorderError",
    "NoStatisticsError",
    "OtherUnitError",
    "Page",
    "Row",
    "Series",
    "Source",
    "async_forget",
    "external_id",
    "unit_class_of",
]


_KEEP_EVERY: Final = 10
"""Time between two writes of how far a running job got, in s."""


class HistoryImporter:
    """Importer of the history of one entry. Runs of one importer are sequential."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is read before the first run."""
        self.status: ImportStatus | None = None
        """Progress of the current run, or None."""
        self._hass = hass
        self._entry = entry
        self._lock = asyncio.Lock()
        self._part = (0.0, 1.0)
        self._listeners: list[Callable[[float], None]] = []

    @property
    def progress(self) -> float | None:
        """Return the progress of the current run, 0 to 1, or None."""
        return None if self.status is None else self.status.progress

    async def check(self, series: Iterable[Series]) -> None:
        """Check that all series can be imported, before the first of several runs.

        A run checks its own series itself. Raises NoRecorderError, NoStatisticsError,
        and OtherUnitError.
        """
        self._check_recorder()
        await async_targets(self._hass, self._entry, series)

    def _check_recorder(self) -> None:
        if "recorder" not in self._hass.config.components:
            raise NoRecorderError

    @callback
    def listen(self, listener: Callable[[float], None]) -> Callable[[], None]:
        """Call the listener with the progress of every run; return a function to unsubscribe."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(
        self,
        job: str,
        series: Sequence[Series],
        source: Source,
        *,
        on_progress: Callable[[float], None] | None = None,
        anew: bool = False,
        part: tuple[float, float] = (0.0, 1.0),
    ) -> ImportResult:
        """Import everything that ``source`` yields, from where ``job`` stopped.

        ``job`` is the name under which the next run finds the cursor; ``anew`` forgets
        it. ``part`` is the start and end (0 to 1) of this run within the progress of
        several runs. Raises what the source raises, NoRecorderError, NoStatisticsError,
        and OtherUnitError; data imported until then stays.
        """
        self._check_recorder()
        async with self._lock:
            stop = self.listen(on_progress) if on_progress else None
            if self.status is None or not part[0]:
                self.status = ImportStatus(since=self._hass.loop.time())
            status = self.status
            try:
                self._part = part
                self.report(0.0)
                targets = await async_targets(self._hass, self._entry, series)
                jobs = await self._load()
                kept = jobs.get(job, {})
                if anew:
                    # Keep the first own hours of sensors: they can no longer be
                    # determined.
                    kept = {"own": kept.get("own", {})}
                run = ImportRun(self._hass, targets, status)
                keeper = _Keeper(self._hass, self._entry, jobs, job)
                try:
                    result = await run.run(kept, source, partial(self._keep, keeper))
                finally:
                    await keeper.flush()
            except BaseException:
                self.status = None
                raise
            else:
                if part[1] >= 1.0:
                    self.status = None
                return result
            finally:
                if stop:
                    stop()

    async def cursor(self, job: str) -> object:
        """Return the cursor of a job, None if it has to start from the beginning."""
        return (await self._load()).get(job, {}).get("cursor")

    async def _load(self) -> dict[str, Any]:
        return await _store(self._hass, self._entry).async_load() or {}

    async def _keep(
        self, keeper: _Keeper, kept: Mapping[str, Any], progress: float
    ) -> None:
        await keeper.keep(kept)
        self.report(progress)

    @callback
    def report(self, progress: float) -> None:
        """Notify all listeners of the progress of a run."""
        begin, end = self._part
        whole = begin + min(max(progress, 0.0), 1.0) * (end - begin)
        if self.status is not None:
            self.status.progress = whole
        for listener in tuple(self._listeners):
            listener(whole)


class _Keeper:
    """Stores how far a job got: at once, then now and then, and at its end.

    Writing it after every page takes more time than reading the page. What is not stored
    when Home Assistant is killed is read again, found in the database, and not written.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        jobs: Mapping[str, Any],
        job: str,
    ) -> None:
        self._loop = hass.loop
        self._store = _store(hass, entry)
        self._jobs = jobs
        self._job = job
        self._kept: Mapping[str, Any] | None = None
        self._due = -math.inf

    async def keep(self, kept: Mapping[str, Any]) -> None:
        self._kept = kept
        if self._loop.time() >= self._due:
            await self.flush()

    async def flush(self) -> None:
        """Store what is not stored yet."""
        if self._kept is not None:
            jobs, self._kept = {**self._jobs, self._job: self._kept}, None
            await self._store.async_save(jobs)
            self._due = self._loop.time() + _KEEP_EVERY


async def async_forget(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete the stored data of a removed entry. Its statistics stay."""
    await _store(hass, entry).async_remove()


def _store(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.history")
