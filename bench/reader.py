"""Benchmark importing years of history from DSMR-reader: time, requests, and memory.

Compares reading and computing alone; an import with costs into Home Assistant's recorder, with
SQLite on disk; a plain loop over the recorder's public function with the same rows from memory;
the same into MariaDB, PostgreSQL, and on the oldest supported Home Assistant (which alone takes
ten minutes); and a shorter import in asyncio's debug mode. Each runs in a process of its own.
Results are wall time, so run it on an idle machine.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import subprocess
import sys
from tempfile import NamedTemporaryFile
from typing import Any

from tests.databases import SERVERS, NoServerError

from .measure import ROOT, Row, child

YEARS = 5
TURNS = 3
"""How often the two that are compared by the clock take turns; the fastest of each counts,
for whatever else the machine, or the one under it, does makes them slower only."""
SHORT = 0.5
"""Years to import in asyncio's debug mode, enough for many pages."""
_PATIENCE = 3600
_MINIMUM = "tests/requirements/minimum.txt"
_NAN = float("nan")


@contextmanager
def _server(years: float) -> Generator[str]:
    """Run a server; yield its output file."""
    command = [sys.executable, "-m", "bench.reader_server", str(years)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server,
        NamedTemporaryFile(suffix=".json") as facts,
    ):
        try:
            assert server.stdout is not None
            facts.write(server.stdout.readline())
            facts.flush()
            yield facts.name
        finally:
            server.terminate()


def _measure(facts: str, way: str, python: str, **more: object) -> dict[str, Any]:
    asked = json.dumps({"way": way, "facts": facts, **more})
    return child("bench.reader_import", asked, timeout=_PATIENCE, python=python)


def rows() -> Iterator[Row]:
    """Yield the results."""
    with _server(SHORT) as facts:
        yield from _in_debug(facts)
    with _server(YEARS) as facts:
        yield from _reading(facts)
        ours, bare = _in_turns(facts)
        yield from _into_sqlite(ours, bare)
        yield from _into_servers(facts, ours)
        yield from _before(facts, ours)


def _name() -> str:
    return f"DSMR-reader, {YEARS} years"


def _reading(facts: str) -> Iterator[Row]:
    name = _name()
    read = _measure(facts, "read", sys.executable)
    # Other ways to read this history take one request for each hour, or lose energy.
    yield Row(
        f"{name}: requests", read["requests"], read["hours"], "one per hour", unit=""
    )
    yield from _plain(
        name,
        ("reading, and working out", read["seconds"], "s"),
        ("the same: CPU of a row", _each(read, "cpu"), "µs"),
        ("off the meter, worst register", read["off"], "kWh"),
        ("memory from the fifth page on", read["growth"], "MB"),
    )


def _in_turns(facts: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Alternate importing and writing the same rows from memory; return the fastest of each."""
    found: dict[str, list[dict[str, Any]]] = {"import": [], "bare": []}
    for _ in range(TURNS):
        for way, turns in found.items():
            turns.append(_measure(facts, way, sys.executable))
            print(f"bench: {way}: {turns[-1]['seconds']:.1f} s", file=sys.stderr)
    ours, bare = (
        min(turns, key=lambda one: float(one["seconds"])) for turns in found.values()
    )
    return ours, bare


def _into_sqlite(ours: dict[str, Any], bare: dict[str, Any]) -> Iterator[Row]:
    what = f"{_name()}: {ours['rows']} rows into SQLite"
    peer = "bare loop"
    yield Row(what, ours["seconds"], bare["seconds"], peer, unit="s", wanted="> 0.77")
    yield Row("the same: CPU of a row", _each(ours, "cpu"), _each(bare, "cpu"), peer)
    yield from _plain(
        "the same",
        ("CPU of a row in the recorder", _each(ours, "cpu_of_imports"), "µs"),
        ("CPU of a row in the event loop", _each(ours, "cpu_of_loop"), "µs"),
        ("reading and ledger: share", _share(ours, "page"), "%"),
        ("looking at what is there: share", _share(ours, "existing"), "%"),
        ("the recorder's import of rows: share", _share(ours, "in_imports"), "%"),
        ("commit (waiting for all of it): share", _share(ours, "commit"), "%"),
        ("waiting for pages (reading, ledger)", ours["page"], "s"),
        ("waiting for the recorder to commit", ours["commit"], "s"),
        ("the recorder's import of rows", ours["in_imports"], "s"),
        ("the longest that the recorder was kept", ours["longest"], "s"),
        ("most tasks in the recorder's queue", ours["backlog"], ""),
        ("off the meter at any midnight, worst register", ours["off"], "kWh"),
        ("memory from the first page on", ours["growth"], "MB"),
    )


def _into_servers(facts: str, here: dict[str, Any]) -> Iterator[Row]:
    peer = "SQLite"
    name = f"{_name()}, into"
    for database, serve in SERVERS.items():
        try:
            with serve() as make:
                there = _measure(facts, "import", sys.executable, url=make())
        except NoServerError as err:
            print(f"bench: left out: {err}", file=sys.stderr)
            continue
        yield Row(
            f"{name} {database}", there["seconds"], here["seconds"], peer, unit="s"
        )
        yield Row(
            "the same: CPU of a row", _each(there, "cpu"), _each(here, "cpu"), peer
        )
        yield from _plain(
            "the same",
            ("off the meter at any midnight", there["off"], "kWh"),
            ("memory from the first page on", there["growth"], "MB"),
        )


def _before(facts: str, here: dict[str, Any]) -> Iterator[Row]:
    """Yield the same on the oldest Home Assistant, whose recorder checks row by row."""
    old = _measure(facts, "import", _minimum())
    name, peer = f"{_name()}, into SQLite", "on 2026.10"
    yield Row(name, here["seconds"], old["seconds"], peer, unit="s", wanted="> 8")
    yield Row("the same: CPU of a row", _each(here, "cpu"), _each(old, "cpu"), peer)


def _in_debug(facts: str) -> Iterator[Row]:
    slow = _measure(facts, "import", sys.executable, debug=True)
    for message in (*slow["slow"], *slow["computed"]):
        print(f"bench: {message}", file=sys.stderr)
    yield from _plain(
        f"DSMR-reader, {SHORT} years, asyncio's debug mode",
        ("callbacks of more than 50 ms", len(slow["slow"]), ""),
        ("of them, Python collected garbage", slow["collected"], ""),
        ("of them, that computed for as long themselves", len(slow["computed"]), ""),
    )


def _plain(name: str, *found: tuple[str, float, str]) -> Iterator[Row]:
    for what, value, unit in found:
        yield Row(f"{name}: {what}", value, _NAN, "-", unit=unit)


def _share(figures: dict[str, Any], name: str) -> float:
    """Return the percentage of the total time. Shares overlap."""
    return float(figures[name] / figures["seconds"] * 100)


def _each(figures: dict[str, Any], name: str) -> float:
    """Return the time per row in µs."""
    return float(figures[name] / figures["rows"] * 1e6)


def _minimum() -> str:
    """Return the Python interpreter with the oldest supported Home Assistant."""
    found = subprocess.run(
        [ROOT / "scripts" / "setup", "path"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "JUNCTION_REQUIREMENTS": _MINIMUM},
    )
    return str(Path(found.stdout.strip()) / "bin" / "python")
