"""Import the history of a simulated DSMR-reader, and print time and memory.

Takes one JSON object. ``way`` is "read" (nothing is written), "import", or "bare" (a loop over the
recorder's public function, with the rows in memory). ``url`` is the address of the database,
``facts`` is the output of the server, and ``debug`` makes asyncio report callbacks that take more
than 50 ms.

Not every slow callback computes for that long: garbage collection can run in any thread, and on a
busy machine callbacks wait for a core. The result therefore tells callbacks delayed by a
collection apart from callbacks that computed that long themselves.
"""

import asyncio
from contextlib import ExitStack
from datetime import datetime
import json
from pathlib import Path
import resource
import sys
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, thread_time
from typing import Any

import aiohttp
from homeassistant.components import recorder
from homeassistant.components.recorder.models import StatisticData, StatisticMetaData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)
from sqlalchemy import create_engine, text
from yarl import URL

# Import this first: Home Assistant puts a package of the same name at the front of the path.
from custom_components.junction.backends.dsmr_reader.client.api import ReaderClient
from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.dsmr_reader.entities.history import series_of
from custom_components.junction.backends.forward.client.api import ReaderApi
from custom_components.junction.const import DOMAIN
from custom_components.junction.statistics import HistoryImporter
from custom_components.junction.statistics.database import (
    CHUNK,
    async_commit,
    async_write,
)
from custom_components.junction.statistics.target import async_targets

from .reader_server import KEY, ZONE
from .reader_watch import asyncio_debug, watched_recorder, watched_run

_MEGA = 1024


def _peak() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGA


async def _history(session: aiohttp.ClientSession, facts: dict[str, Any]) -> History:
    url = URL(f"http://127.0.0.1:{facts['port']}")
    client = ReaderClient(ReaderApi(session, url, KEY))
    now = datetime.fromisoformat(facts["now"])
    contracts = await client.contracts() or ()
    return History(client, ZONE, contracts, lambda: now)


# Read only


async def _read(facts: dict[str, Any]) -> dict[str, float]:
    async with aiohttp.ClientSession() as session:
        history = await _history(session, facts)
        before, started, used = _peak(), perf_counter(), process_time()
        sums = dict.fromkeys(facts["first"], 0.0)
        hours = pages = rows = 0
        early = before
        async for page in history.readings(None):
            pages += 1
            early = _peak() if pages == 5 else early
            hours += len(page.rows.get("delivered", ()))
            rows += sum(map(len, page.rows.values()))
            for name in sums:
                key = name.removeprefix("electricity_")
                sums[name] += sum(row[1] for row in page.rows.get(key, ()))
        first, last = facts["first"], facts["last"]
        return {
            "seconds": perf_counter() - started,
            "cpu": process_time() - used,
            "requests": history._client.api.counters.requests,
            "hours": hours,
            "rows": rows,
            "growth": _peak() - early,
            "off": max(abs(sums[name] - (last[name] - first[name])) for name in sums),
        }


# Import into a recorder


async def _import(
    hass: HomeAssistant, facts: dict[str, Any], *, watch: bool
) -> dict[str, Any]:
    entry = MockConfigEntry(domain=DOMAIN, unique_id="dsmr_reader:bench")
    entry.add_to_hass(hass)
    figures: dict[str, Any] = {}
    early = 0.0

    def look(progress: float) -> None:
        nonlocal early
        if progress and not early:
            early = _peak()

    async with aiohttp.ClientSession() as session:
        history = await _history(session, facts)
        with ExitStack() as stack:
            if watch:
                stack.enter_context(watched_recorder(figures))
                stack.enter_context(watched_run(figures))
            started, used, used_here = perf_counter(), process_time(), thread_time()
            result = await HistoryImporter(hass, entry).run(
                "history", series_of("Bench"), history.readings, on_progress=look
            )
            figures |= {
                "seconds": perf_counter() - started,
                "cpu": process_time() - used,
                "cpu_of_loop": thread_time() - used_here,
                "growth": _peak() - early,
                "rows": sum(result.rows.values()),
            }
    return figures


async def _bare(hass: HomeAssistant, facts: dict[str, Any]) -> dict[str, float]:
    """Write the same rows from memory, without reading what exists."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id="dsmr_reader:bench")
    entry.add_to_hass(hass)
    targets = await async_targets(hass, entry, series_of("Bench"))
    metadata = {one.series.id: one.metadata for one in targets}
    sums = dict.fromkeys(metadata, 0.0)
    ready: list[tuple[StatisticMetaData, list[StatisticData]]] = []
    async with aiohttp.ClientSession() as session:
        history = await _history(session, facts)
        async for page in history.readings(None):
            for name, rows in page.rows.items():
                data = []
                for start, change, state in rows:
                    sums[name] = round(sums[name] + change, 6)
                    row = StatisticData(start=start, sum=sums[name])
                    if state is not None:
                        row["state"] = state
                    data.append(row)
                ready += [
                    (metadata[name], data[at : at + CHUNK])
                    for at in range(0, len(data), CHUNK)
                ]
    count = sum(len(rows) for _, rows in ready)
    started, used = perf_counter(), process_time()
    for meta, rows in ready:
        async_write(hass, meta, rows)
    await async_commit(hass)
    return {
        "seconds": perf_counter() - started,
        "cpu": process_time() - used,
        "rows": count,
    }


async def _write(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    facts = asked["facts"]
    url = asked.get("url") or f"sqlite:///{folder / 'home-assistant_v2.db'}"
    async with async_test_home_assistant(config_dir=str(folder)) as hass:
        recorder_helper.async_initialize_recorder(hass)
        config = {recorder.DOMAIN: {"db_url": url, "commit_interval": 1}}
        assert await async_setup_component(hass, recorder.DOMAIN, config)
        await hass.async_start()
        await hass.async_block_till_done()
        figures: dict[str, Any] = {}
        if asked["way"] == "bare":
            figures |= await _bare(hass, facts)
        elif asked.get("debug"):
            with asyncio_debug() as slow:
                figures |= await _import(hass, facts, watch=False)
            figures |= {
                "slow": slow.found,
                "collected": slow.collected,
                "computed": slow.computed,
            }
        else:
            figures |= await _import(hass, facts, watch=True)
        await hass.async_stop(force=True)
    figures |= _look_into(url, facts)
    if figures["in_database"] != figures["rows"]:
        msg = f"{figures['rows']} rows written, {figures['in_database']} are there"
        raise RuntimeError(msg)
    return figures


def _look_into(url: str, facts: dict[str, Any]) -> dict[str, float]:
    """Return what the database holds, and how far it differs from the meter at each midnight."""
    engine = create_engine(url)
    off = 0.0
    with engine.connect() as db:
        rows = db.execute(text("SELECT COUNT(*) FROM statistics")).scalar_one()
        for register, begin in facts["first"].items():
            key = register.removeprefix("electricity_")
            found = db.execute(
                text(
                    "SELECT start_ts, sum FROM statistics JOIN statistics_meta"
                    " ON metadata_id = statistics_meta.id WHERE statistic_id = :id"
                ),
                {"id": f"{DOMAIN}:dsmr_reader_bench_{key}"},
            )
            sums = {row[0]: row[1] for row in found}
            # A register that never counted has no rows.
            off = max(
                off,
                *(
                    abs(sums.get(at - 3600, 0.0) - (position[register] - begin))
                    for at, position in facts["midnights"]
                ),
            )
    engine.dispose()
    return {"in_database": rows, "off": off}


def _main() -> None:
    asked = json.loads(sys.argv[1])
    asked["facts"] = json.loads(Path(asked["facts"]).read_text())
    dt_util.set_default_time_zone(ZONE)
    if asked["way"] == "read":
        figures = asyncio.run(_read(asked["facts"]))
    else:
        with TemporaryDirectory() as folder:
            figures = asyncio.run(_write(asked, Path(folder)))
    print(json.dumps(figures))


if __name__ == "__main__":
    _main()
