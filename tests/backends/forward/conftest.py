"""A simulated server, and forwarders to it."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from simulators.dsmr_reader import DsmrReaderServer

from .helpers import Bench, new_state


@pytest.fixture
async def server() -> AsyncGenerator[DsmrReaderServer]:
    async with DsmrReaderServer(new_state()) as running:
        yield running


@pytest.fixture
async def make(
    server: DsmrReaderServer, tmp_path: Path
) -> AsyncGenerator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def made(**limits: Any) -> Bench:
        benches.append(Bench(server, tmp_path / "queue.db", **limits))
        return benches[-1]

    yield made
    for bench in benches:
        if bench.task is not None and not bench.task.done():
            await bench.kill()
