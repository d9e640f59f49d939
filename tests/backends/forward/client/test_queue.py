"""The queue on disk: bounded, apart per target, whole after a kill."""

import asyncio
from contextlib import closing
from pathlib import Path
import signal
import sqlite3
import sys
import zlib

import pytest

from custom_components.junction.backends.forward.client.queue import DiskQueue, Item

from ..helpers import TARGET


def test_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(b"this is no database " * 100)
    queue = DiskQueue(path)
    queue.open()
    queue.add(TARGET, [Item(1.0, "raw", "x")])
    assert queue.size(TARGET)[0] == 1
    queue.close()
    queue.close()
    assert path.with_suffix(".damaged").exists()
    DiskQueue.delete(path)
    assert list(tmp_path.iterdir()) == []


def test_refused_ones_are_bounded_and_targets_apart(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path / "queue.db")
    queue.open()
    for number in range(60):
        queue.keep_refused("a", Item(float(number), "raw", str(number)), "no")
    assert [item.at for item, _ in queue.refused("a")] == list(range(10, 60))
    queue.add("a", [Item(1.0, "raw", "x")])
    queue.add("b", [Item(1.0, "raw", "x")])
    queue.forget(["b"])
    assert queue.size("a") == (0, None)
    assert queue.size("b") == (1, 1.0)
    queue.close()


async def test_killed_process_keeps_what_was_saved(tmp_path: Path) -> None:
    """A real process and a real SIGKILL, while it writes."""
    path = tmp_path / "queue.db"
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from custom_components.junction.backends.forward.client.queue import DiskQueue, Item\n"
        "queue = DiskQueue(Path(sys.argv[1]))\n"
        "queue.open()\n"
        "number = 0\n"
        "while True:\n"
        "    batch = [Item(float(number + n), 'raw', 'x' * 900) for n in range(3)]\n"
        "    queue.add('t', batch)\n"
        "    number += 3\n"
        "    print(number, flush=True)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = 0
    while said < 150:
        said = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = await process.stdout.read()
    await process.wait()
    said = int(([str(said), *rest.decode().split()])[-1])
    queue = DiskQueue(path)
    queue.open()
    count, oldest = queue.size("t")
    items = queue.first("t", count)
    queue.close()
    assert oldest == 0
    assert count >= said
    assert [item.at for item in items] == list(range(count))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", b"no zlib"),
        ("body", zlib.compress(b"\xff\xfe")),
        ("body", zlib.compress(b"x" * 10_000_000)),
        ("body", zlib.compress(b"cut off in the middle of it")[:-6]),
        ("body", 5),
        ("at", "yesterday"),
        ("kind", "unheard of"),
        ("kind", "parsed"),
    ],
)
async def test_damaged_rows_go_aside(
    tmp_path: Path, column: str, value: object
) -> None:
    """One in the middle and one at the begin; the others are sent."""
    path = tmp_path / "queue.db"
    queue = DiskQueue(path)
    queue.open()
    queue.add(TARGET, [Item(float(n), "raw", f"telegram {n}") for n in range(5)])
    queue.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE waiting SET {column} = ? WHERE at IN (0, 2)", (value,))
    queue.open()
    assert [item.at for item in queue.first(TARGET, 10)] == [1.0, 3.0, 4.0]
    assert queue.drop_damaged(TARGET, 10) == 2
    assert queue.size(TARGET) == (3, 1.0)
    assert queue.refused(TARGET) == []
    assert not queue.was_damaged
    queue.close()


@pytest.mark.parametrize(
    "content",
    [
        b"this is no database, whatever its name says" * 100,
        b"SQLite format 3\0" + b"\xff" * 4096,
    ],
)
def test_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(content)
    queue = DiskQueue(path)
    queue.open()
    assert queue.was_damaged
    queue.add(TARGET, [Item(1.0, "raw", "x")])
    queue.close()
    assert path.with_suffix(".damaged").read_bytes() == content
    queue = DiskQueue(path)
    queue.open()
    assert queue.size(TARGET) == (1, 1.0)
    assert not queue.was_damaged
    queue.close()


def test_tables_of_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE waiting (id INTEGER PRIMARY KEY, target TEXT)")
    queue = DiskQueue(path)
    queue.open()
    assert queue.was_damaged
    queue.close()
