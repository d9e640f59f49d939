"""Benchmark the import of five years from a DSMR-reader: time, requests, and memory.

Measured twice: what it takes to read and work out every hour, and that with Home
Assistant's recorder writing it all, costs included, into an SQLite file. How much of the
time the recorder takes is measured too.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
import json
from pathlib import Path
import resource
import sqlite3
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import aiohttp
from homeassistant.components import recorder
from homeassistant.components.recorder.tasks import ImportStatisticsTask
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)
from yarl import URL

# Before Home Assistant puts a package of the same name first on the path.
from custom_components.junction.backends.dsmr_reader.client.api import ReaderClient
from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.dsmr_reader.entities.history import series_of
from custom_components.junction.backends.forward.client.api import ReaderApi
from custom_components.junction.const import DOMAIN
from custom_components.junction.statistics import HistoryImporter

from .measure import Row
from .reader_server import KEY, YEARS

ROOT = Path(__file__).parents[1]
_MEGA = 1024


def _peak() -> float:
    """Return the most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGA


async def _history(session: aiohttp.ClientSession, facts: dict[str, Any]) -> History:
    url = URL(f"http://127.0.0.1:{facts['port']}")
    client = ReaderClient(ReaderApi(session, url, KEY))
    now = datetime.fromisoformat(facts["now"])
    contracts = await client.contracts() or ()
    return History(client, ZoneInfo("Europe/Amsterdam"), contracts, lambda: now)


async def _read(facts: dict[str, Any]) -> dict[str, float]:
    async with aiohttp.ClientSession() as session:
        history = await _history(session, facts)
        before, started = _peak(), perf_counter()
        sums = dict.fromkeys(facts["positions"][0], 0.0)
        hours = pages = 0
        early = before
        async for page in history.readings(None):
            pages += 1
            early = _peak() if pages == 5 else early
            hours += len(page.rows.get("delivered", ()))
            for name in sums:
                key = name.removeprefix("electricity_")
                sums[name] += sum(row[1] for row in page.rows.get(key, ()))
        seconds = perf_counter() - started
        first, last = facts["positions"]
        worst = max(abs(sums[name] - (last[name] - first[name])) for name in sums)
        return {
            "seconds": seconds,
            "requests": history._client.api.counters.requests,
            "hours": hours,
            "growth": _peak() - early,
            "worst": worst,
        }


@contextmanager
def _watched_recorder() -> Iterator[tuple[list[float], list[int]]]:
    """Take the seconds of each of the recorder's imports, and what waits behind it."""
    taken: list[float] = []
    waiting: list[int] = []
    run = ImportStatisticsTask.run

    def timed(task: ImportStatisticsTask, instance: recorder.Recorder) -> None:
        waiting.append(instance.backlog)
        started = perf_counter()
        run(task, instance)
        taken.append(perf_counter() - started)

    with patch.object(ImportStatisticsTask, "run", timed):
        yield taken, waiting


async def _import(facts: dict[str, Any], folder: Path) -> dict[str, float]:
    async with (
        async_test_home_assistant(config_dir=str(folder)) as hass,
        aiohttp.ClientSession() as session,
    ):
        recorder_helper.async_initialize_recorder(hass)
        url = f"sqlite:///{folder / 'home-assistant_v2.db'}"
        config = {recorder.DOMAIN: {"db_url": url, "commit_interval": 1}}
        assert await async_setup_component(hass, recorder.DOMAIN, config)
        await hass.async_start()
        await hass.async_block_till_done()
        entry = MockConfigEntry(domain=DOMAIN, unique_id="dsmr_reader:bench")
        entry.add_to_hass(hass)
        history = await _history(session, facts)
        early = 0.0

        def look(progress: float) -> None:
            nonlocal early
            if progress and not early:
                early = _peak()

        started, used = perf_counter(), process_time()
        with _watched_recorder() as (taken, waiting):
            result = await HistoryImporter(hass, entry).run(
                "history", series_of("Bench"), history.readings, on_progress=look
            )
        figures = {
            "seconds": perf_counter() - started,
            "cpu": process_time() - used,
            "recorder": sum(taken),
            "growth": _peak() - early,
            "longest": max(taken),
            "backlog": max(waiting),
            "rows": sum(result.rows.values()),
        }
        await hass.async_stop(force=True)
    return figures | _look_into(folder / "home-assistant_v2.db", facts)


def _look_into(database: Path, facts: dict[str, Any]) -> dict[str, float]:
    """Return what is in the database, and how far the sums are off the meter."""
    first, last = facts["positions"]
    with closing(sqlite3.connect(database)) as db:
        [[rows]] = db.execute("SELECT COUNT(*) FROM statistics")
        sums = dict(
            db.execute(
                "SELECT statistic_id, MAX(sum) FROM statistics_meta"
                " JOIN statistics ON metadata_id = statistics_meta.id"
                " GROUP BY statistic_id"
            ).fetchall()
        )
    worst = 0.0
    for name, begin in first.items():
        key = name.removeprefix("electricity_")
        total = sums.get(f"{DOMAIN}:dsmr_reader_bench_{key}", 0.0)
        worst = max(worst, abs(total - (last[name] - begin)))
    return {
        "in_database": rows,
        "off": worst,
        "megabytes": database.stat().st_size / _MEGA**2,
    }


def rows() -> Iterator[Row]:
    """Yield what was measured."""
    command = [sys.executable, "-m", "bench.reader_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            facts = json.loads(server.stdout.readline())
            dt_util.set_default_time_zone(ZoneInfo("Europe/Amsterdam"))
            read = asyncio.run(_read(facts))
            with TemporaryDirectory() as folder:
                written = asyncio.run(_import(facts, Path(folder)))
        finally:
            server.terminate()
    if written["in_database"] != written["rows"]:
        msg = f"{written['rows']} rows written, {written['in_database']} are there"
        raise RuntimeError(msg)
    name = f"DSMR-reader, {YEARS} years"
    # Other ways to this history take one request for each hour, or lose energy.
    yield Row(
        f"{name}: requests", read["requests"], read["hours"], "one per hour", unit=""
    )
    for what, value, unit in (
        ("reading, and working out", read["seconds"], "s"),
        ("off the meter, worst register", read["worst"], "kWh"),
        ("memory from the fifth page on", read["growth"], "MB"),
        (f"{written['rows']:.0f} rows into SQLite", written["seconds"], "s"),
        ("the same: CPU", written["cpu"], "s"),
        ("the same: in the recorder's own import", written["recorder"], "s"),
        ("the same: the longest that the recorder was kept", written["longest"], "s"),
        ("the same: off the meter, worst register", written["off"], "kWh"),
        ("the same: memory from the first page on", written["growth"], "MB"),
        ("the same: most tasks in the recorder's queue", written["backlog"], ""),
        ("the same: file", written["megabytes"], "MB"),
    ):
        yield Row(f"{name}: {what}", value, float("nan"), "-", unit=unit)
