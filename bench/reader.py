"""Five years of a DSMR-reader: how long, how many requests, how much memory.

Measured twice: what it takes to read and work out every hour, and that with Home
Assistant's recorder writing it all into an SQLite file.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
import json
from pathlib import Path
import resource
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from homeassistant.components import recorder
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)
from yarl import URL

# Before Home Assistant puts a package of the same name first on the path.
from custom_components.junction.backends.dsmr_reader.client import ReaderClient
from custom_components.junction.backends.dsmr_reader.entities.importing import series_of
from custom_components.junction.backends.dsmr_reader.history import History
from custom_components.junction.backends.forward.api import ReaderApi
from custom_components.junction.const import DOMAIN
from custom_components.junction.statistics import HistoryImporter

from .measure import Row
from .reader_server import KEY, YEARS

ROOT = Path(__file__).parents[1]
_MEGA = 1024


def _peak() -> float:
    """Return the most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGA


def _history(session: aiohttp.ClientSession, facts: dict[str, Any]) -> History:
    url = URL(f"http://127.0.0.1:{facts['port']}")
    client = ReaderClient(ReaderApi(session, url, KEY))
    now = datetime.fromisoformat(facts["now"])
    return History(client, ZoneInfo("Europe/Amsterdam"), (), lambda: now)


async def _read(facts: dict[str, Any]) -> dict[str, float]:
    async with aiohttp.ClientSession() as session:
        history = _history(session, facts)
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
        started = perf_counter()
        result = await HistoryImporter(hass, entry).run(
            "history", series_of("Bench"), _history(session, facts).readings
        )
        seconds = perf_counter() - started
        await hass.async_stop(force=True)
    return {"seconds": seconds, "rows": sum(result.rows.values())}


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
    ):
        yield Row(f"{name}: {what}", value, float("nan"), "-", unit=unit)
