"""A disk that is full, or that may not be written to."""

from collections.abc import Callable
from pathlib import Path
from random import Random
import sqlite3

import pytest

from custom_components.junction.backends.forward.client.queue import DiskQueue, Item
from simulators.dsmr_reader import DsmrReaderServer

from ..helpers import START, TARGET, Bench, raw

pytestmark = pytest.mark.usefixtures("socket_enabled")


def fill(queue: DiskQueue, *, full: bool = True) -> None:
    """Let the file not grow any more, or grow again."""
    assert queue._connection is not None
    pages = 1 if full else 2**30
    queue._connection.execute(f"PRAGMA max_page_count = {pages}")


async def feed(bench: Bench, numbers: range) -> None:
    for number in numbers:
        bench.forwarder.offer(raw(bench.time.now(), number))
        await bench.run(10)


async def test_full_disk_keeps_telegrams_in_memory(
    server: DsmrReaderServer,
    make: Callable[..., Bench],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await server.server.refuse()
    bench = make()
    await bench.start()
    fill(bench.queue)
    await feed(bench, range(1, 101))
    assert bench.forwarder.health.queued == 100
    assert bench.queue.size(TARGET)[0] < 100
    assert caplog.text.count("cannot be written to disk") == 1
    fill(bench.queue, full=False)
    await feed(bench, range(101, 111))
    assert bench.queue.size(TARGET)[0] >= 107
    assert caplog.text.count("written to disk again") == 1
    await server.server.listen()
    await bench.run(600)
    assert bench.arrived == list(range(1, 111))


async def test_memory_is_bounded_while_the_disk_is_full(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    await server.server.refuse()
    bench = make(most=50)
    await bench.start()
    fill(bench.queue)
    await feed(bench, range(1, 201))
    health = bench.forwarder.health
    assert health.queued <= 53
    assert health.queued + health.dropped == 200
    await server.server.listen()
    await bench.run(600)
    # Everything written before, and the newest of the rest.
    assert bench.arrived[-30:] == list(range(171, 201))
    assert bench.arrived == sorted(set(bench.arrived))


async def test_what_cannot_be_deleted_is_not_sent_again(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    await server.server.refuse()
    bench = make()
    await bench.start()
    await feed(bench, range(1, 121))
    await server.server.listen()
    connection = bench.queue._connection
    assert connection is not None
    connection.execute("PRAGMA query_only = ON")
    await bench.run(900)
    # The loaded telegrams were sent, once.
    assert 0 < len(bench.arrived) < 120
    assert bench.arrived == list(range(1, len(bench.arrived) + 1))
    connection.execute("PRAGMA query_only = OFF")
    await bench.run(900)
    assert bench.arrived == list(range(1, 121))
    assert bench.forwarder.health.queued == 0


async def test_ends_in_good_order_with_a_full_disk(
    server: DsmrReaderServer,
    make: Callable[..., Bench],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await server.server.refuse()
    bench = make()
    await bench.start()
    await feed(bench, range(1, 3))
    connection = bench.queue._connection
    assert connection is not None
    connection.execute("PRAGMA query_only = ON")
    assert bench.task is not None
    bench.task.cancel()
    await bench.forwarder.close()
    assert "cannot be written to disk" in caplog.text


def test_file_that_cannot_be_opened_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "queue.db"
    whole = DiskQueue(path)
    whole.open()
    whole.add(TARGET, [Item(1.0, "raw", "x")])
    whole.close()
    # It is replaced by a path that cannot be opened.
    path.rename(tmp_path / "aside.db")
    path.mkdir()
    queue = DiskQueue(path)
    queue.open()
    assert "in memory only" in caplog.text
    queue.add(TARGET, [Item(2.0, "raw", "y")])
    assert queue.size(TARGET) == (1, 2.0)
    queue.close()
    path.rmdir()
    (tmp_path / "aside.db").rename(path)
    whole.open()
    assert whole.size(TARGET) == (1, 1.0)
    whole.close()
    assert not path.with_suffix(".damaged").exists()


def test_rows_are_given_only_when_all_is_written(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path / "queue.db")
    queue.open()
    fill(queue)
    items = [Item(float(n), "raw", str(n) * 5000) for n in range(200)]
    with pytest.raises(sqlite3.OperationalError):
        queue.add(TARGET, items)
    assert all(item.row is None for item in items)
    queue.close()


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
async def test_file_that_is_damaged_in_the_middle(
    server: DsmrReaderServer,
    make: Callable[..., Bench],
    caplog: pytest.LogCaptureFixture,
    part: float,
    *,
    running: bool,
) -> None:
    bench = make()
    bench.queue.open()
    bench.queue.add(TARGET, [raw(START, number) for number in range(1, 401)])
    bench.queue.close()
    if running:
        await server.server.refuse()
        await bench.start()
    content = bytearray(bench.queue.path.read_bytes())
    begin = int(len(content) * part) // 4096 * 4096
    content[begin : begin + 8192] = Random(1).randbytes(8192)
    bench.queue.path.write_bytes(content)
    if running:
        # What SQLite holds in memory would hide it.
        bench.queue.close()
        bench.queue._open(bench.queue.path)
        await server.server.listen()
    else:
        await bench.start()
    await bench.run(300)
    bench.forwarder.offer(raw(bench.time.now(), 401))
    await bench.run(100)
    arrived = bench.arrived
    assert arrived == sorted(set(arrived))
    assert len(arrived) > 350
    assert arrived[-1] == 401
    assert bench.forwarder.health.queued == 0
    assert caplog.text.count("The queue is damaged") == 1
    assert bench.queue.path.with_suffix(".damaged").exists()
