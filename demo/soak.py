"""Run a real Home Assistant with the one house, and record its use of resources: ``scripts/soak``.

Each minute adds a line to a table: memory, open files, threads, and tasks of the process, and rows
in its recorder. A share of all requests to the simulated systems fails. Run it a second time
``--without-junction`` to tell the use of Junction from that of Home Assistant.
"""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field, replace
import gc
from pathlib import Path
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from typing import Final

from aiohttp import web

from simulators import http_faults
from simulators.http_faults import Fault, Handler
from simulators.http_server import FaultyServer

from .api import Api
from .backends import SYSTEMS, MakeSystem
from .check import PASSWORD, USERNAME
from .client import Client
from .core_meter import NAME, add_core_meter, core_meter
from .hass import HomeAssistant, free_port
from .house import DemoHouse
from .memory import Held, growth, look_inside
from .other_rows import write_rows

_MINUTE: Final = 60.0
_HOUR: Final = 60.0
_MOST: Final = 5
# Samples during which the start still writes.
_SETTLED: Final = 3
_HEADING: Final = "| minute | RSS, MiB | open files | threads | tasks | recorder rows |"
_HELD: Final = (
    " SQLite, MiB | malloc, MiB | free in it, MiB | Python blocks, thousands |"
)
# Faults of a home network, all equally likely.
_FAULTS: Final = (
    http_faults.status(500, "Internal Server Error"),
    http_faults.reset(),
    http_faults.reset(gently=True),
    http_faults.html_page(),
    http_faults.delayed(3.0),
)


@dataclass(slots=True)
class Soaked:
    """Result: the samples, and the rows that each system wrote in an hour.

    ``most`` are the entities with the most rows, by system. ``growth`` lists allocations that
    stayed, if traced.
    """

    samples: list[Sample] = field(default_factory=list)
    rows: dict[str, float] = field(default_factory=dict)
    most: dict[str, dict[str, float]] = field(default_factory=dict)
    growth: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sample:
    """Resources of the process at one minute; ``memory`` is the resident set in MiB."""

    minute: float
    memory: float
    files: int
    threads: int
    tasks: int
    rows: int
    held: Held | None = None


def sometimes(share: float, chance: random.Random) -> Fault:
    """Let this share of requests fail."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if chance.random() >= share or "Upgrade" in request.headers:
            return await handler(request)
        return await chance.choice(_FAULTS)(request, handler)

    return fault


async def soak(
    folder: Path,
    systems: Sequence[MakeSystem],
    minutes: float,
    share: float,
    tell: Callable[[str], None],
    *,
    with_core: bool = False,
    memory: bool = False,
    others: float = 0.0,
) -> Soaked:
    """Run for the given minutes, and print each sample as a row of a Markdown table.

    ``with_core`` also sets up core's own ``dsmr``, with a meter of the same house. ``memory``
    measures memory by owner each minute, and traces growth in the second half. ``others`` is the
    number of states per hour from another source.
    """
    found = Soaked()
    samples = found.samples
    async with AsyncExitStack() as stack:
        house = DemoHouse(folder, systems)
        await stack.enter_async_context(house)
        hass = HomeAssistant(folder / "config", free_port())
        await stack.enter_async_context(hass)
        api = await stack.enter_async_context(Api(hass.url))
        await api.log_in("Owner", USERNAME, PASSWORD)
        client = Client(api)
        await client.wait_until_running()
        added = {
            system.name: (await client.add(system.answers())).entry_id
            for system in house.systems
        }
        if with_core:
            address = await stack.enter_async_context(core_meter(house.house))
            added[NAME] = await add_core_meter(api, address)
        if others:
            writing = asyncio.create_task(write_rows(api, others))
            stack.callback(writing.cancel)
        chance = random.Random(1)  # noqa: S311 - which request fails
        for server in [one for one in gc.get_objects() if type(one) is FaultyServer]:
            server.inject(sometimes(share, chance))
        tell(_HEADING + (_HELD if memory else ""))
        tell(
            "|---:|---:|---:|---:|---:|---:|"
            + ("---:|---:|---:|---:|" if memory else "")
        )
        traced: Held | None = None
        pid = _process(hass)
        database = folder / "config" / "home-assistant_v2.db"
        begun, since = time.monotonic(), time.time()
        while not samples or samples[-1].minute < minutes:
            due = begun + len(samples) * _MINUTE
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            sample = await asyncio.to_thread(
                _sample, pid, database, (time.monotonic() - begun) / _MINUTE
            )
            if memory:
                # Tracing itself takes memory, so the first half runs without it.
                late = traced is None and sample.minute >= minutes / 2
                held = await asyncio.to_thread(
                    look_inside, pid, "begin" if late else "look"
                )
                traced = held if late else traced
                sample = replace(sample, held=held)
            samples.append(sample)
            tell(_row(sample))
            if len(samples) == _SETTLED:
                since = time.time()
        if traced is not None:
            found.growth = growth(
                traced, await asyncio.to_thread(look_inside, pid, "end")
            )
        if len(samples) > _SETTLED:
            hours = (time.time() - since) / _MINUTE / _HOUR
            # Access tokens are valid for half an hour.
            await api.refresh_tokens()
            written = await asyncio.to_thread(_rows_by_entity, database, since)
            for name, entry_id in added.items():
                entities = {one.entity_id for one in await client.entities(entry_id)}
                by_entity = {one: written.get(one, 0) / hours for one in entities}
                found.rows[name] = sum(by_entity.values())
                found.most[name] = dict(
                    sorted(by_entity.items(), key=lambda item: -item[1])[:_MOST]
                )
    return found


def _row(sample: Sample) -> str:
    row = (
        f"| {sample.minute:.0f} | {sample.memory:.1f} | {sample.files} "
        f"| {sample.threads} | {sample.tasks} | {sample.rows} |"
    )
    if (held := sample.held) is not None:
        row += (
            f" {held.sqlite:.2f} | {held.malloc:.1f} | {held.free:.1f} "
            f"| {held.blocks:.1f} |"
        )
    return row


def summary(samples: Sequence[Sample]) -> str:
    """Return the slopes over the second half, and rows per hour over the whole run."""
    late = samples[len(samples) // 2 :]
    first, last = samples[0], samples[-1]
    hours = (last.minute - first.minute) / _HOUR
    rows = (last.rows - first.rows) / hours if hours else 0.0
    return (
        f"RSS {_slope([(one.minute / _HOUR, one.memory) for one in late]):+.1f} MiB/h "
        f"over the last {len(late)} samples, open files {late[0].files} -> {last.files}, "
        f"tasks {late[0].tasks} -> {last.tasks}, {rows:.0f} recorder rows an hour"
    )


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line."""
    count = len(points)
    x_mean = sum(x for x, _ in points) / count
    y_mean = sum(y for _, y in points) / count
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / spread


def _process(hass: HomeAssistant) -> int:
    """Return the process id, which is a child of the leash."""
    leash = hass.pid
    children = Path(f"/proc/{leash}/task/{leash}/children").read_text().split()
    return int(children[0]) if children else leash


def _sample(pid: int, database: Path, minute: float) -> Sample:
    facts = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if ":" in line
    )
    return Sample(
        minute,
        int(facts["VmRSS"].split()[0]) / 1024,
        len(list(Path(f"/proc/{pid}/fd").iterdir())),
        int(facts["Threads"]),
        _tasks(pid),
        _rows(database),
    )


def _tasks(pid: int) -> int:
    """Return the number of tasks of the event loop; -1 where that is not accessible."""
    done = subprocess.run(  # noqa: S603 - of this interpreter
        [sys.executable, "-m", "asyncio", "ps", str(pid)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    # Skip two heading lines; each task has a line for each awaiter.
    found = {line.split()[1] for line in done.stdout.splitlines()[2:] if line.strip()}
    return len(found) if not done.returncode else -1


def _rows_by_entity(database: Path, since: float) -> dict[str, int]:
    uri = f"file:{database}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
        return dict(
            connection.execute(
                "SELECT states_meta.entity_id, count(*) FROM states JOIN states_meta"
                " USING (metadata_id) WHERE last_updated_ts >= ?"
                " GROUP BY states_meta.entity_id",
                (since,),
            ).fetchall()
        )


def _rows(database: Path) -> int:
    uri = f"file:{database}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
        [count] = connection.execute("SELECT count(*) FROM states").fetchone()
    return int(count)


def main(argv: Sequence[str] | None = None) -> int:
    """Run once, print the table and the summary."""
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--faults", type=float, default=2.0, help="in percent")
    parser.add_argument("--without-junction", action="store_true")
    parser.add_argument(
        "--others",
        type=float,
        default=0.0,
        help="states an hour that something else writes, to compare with",
    )
    parser.add_argument(
        "--memory",
        action="store_true",
        help="also tell who holds the memory, and what came and stayed",
    )
    parser.add_argument("--system", action="append", choices=sorted(SYSTEMS))
    options = parser.parse_args(argv)
    names = () if options.without_junction else options.system or sorted(SYSTEMS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = asyncio.run(
            soak(
                Path(folder),
                [SYSTEMS[name] for name in names],
                options.minutes,
                options.faults / 100,
                lambda line: print(line, flush=True),
                memory=options.memory,
                others=options.others,
            )
        )
    print(f"\n{summary(found.samples)}")
    for line in found.growth:
        print(line)
    for name, rows in found.rows.items():
        most = ", ".join(f"{one} {n:.0f}" for one, n in found.most[name].items() if n)
        print(f"{name}: {rows:.0f} recorder rows an hour ({most or 'nothing changed'})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
