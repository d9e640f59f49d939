"""Watch where an import spends its time, and what blocks the event loop."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
)
from contextlib import contextmanager
import gc
import logging
from time import perf_counter, thread_time
from typing import override
from unittest.mock import patch

from homeassistant.components import recorder
from homeassistant.components.recorder.tasks import ImportStatisticsTask

from custom_components.junction.statistics import Page, run
from custom_components.junction.statistics.database import async_commit, async_existing

_SLOW = 0.05
_LONGEST = 400


@contextmanager
def watched_recorder(figures: dict[str, float]) -> Generator[None]:
    """Measure the recorder's imports, and the tasks that wait behind them."""
    imports = ImportStatisticsTask.run
    figures |= {"in_imports": 0.0, "cpu_of_imports": 0.0, "longest": 0.0, "backlog": 0}

    def timed(task: ImportStatisticsTask, instance: recorder.Recorder) -> None:
        figures["backlog"] = max(figures["backlog"], instance.backlog)
        started, used = perf_counter(), thread_time()
        imports(task, instance)
        taken = perf_counter() - started
        figures["in_imports"] += taken
        figures["cpu_of_imports"] += thread_time() - used
        figures["longest"] = max(figures["longest"], taken)

    with patch.object(ImportStatisticsTask, "run", timed):
        yield


@contextmanager
def watched_run(figures: dict[str, float]) -> Generator[None]:
    """Measure how long an import waits for pages, for existing statistics, and for the recorder."""

    def watched[**P, T](
        name: str, call: Callable[P, Awaitable[T]]
    ) -> Callable[P, Awaitable[T]]:
        figures[name] = 0.0

        async def timed(*args: P.args, **kwargs: P.kwargs) -> T:
            started = perf_counter()
            try:
                return await call(*args, **kwargs)
            finally:
                figures[name] += perf_counter() - started

        return timed

    ahead = run._ahead
    figures["page"] = 0.0

    async def pages(source: AsyncIterator[Page]) -> AsyncGenerator[Page]:
        found = ahead(source)
        while True:
            started = perf_counter()
            page = await anext(found, None)
            figures["page"] += perf_counter() - started
            if page is None:
                return
            yield page

    with (
        patch.object(run, "_ahead", pages),
        patch.object(run, "async_commit", watched("commit", async_commit)),
        patch.object(run, "async_existing", watched("existing", async_existing)),
    ):
        yield


class SlowCallbacks(logging.Handler):
    """Count the callbacks that asyncio reports as slow, and keep the slowest."""

    def __init__(self) -> None:
        """Start with no callbacks."""
        super().__init__()
        self.found: list[str] = []
        self.computed: list[str] = []
        self.collected = 0

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if (message := record.getMessage()).startswith("Executing"):
            self.found.append(message[-_LONGEST:])


@contextmanager
def asyncio_debug() -> Generator[SlowCallbacks]:
    """Make asyncio report callbacks that take more than 50 ms."""
    loop, slow = asyncio.get_running_loop(), SlowCallbacks()
    loop.set_debug(True)
    loop.slow_callback_duration = _SLOW
    logger = logging.getLogger("asyncio")
    logger.addHandler(slow)
    run_handle = asyncio.Handle._run
    collecting = begun = 0.0

    def collect(phase: str, _info: dict[str, int]) -> None:
        nonlocal collecting, begun
        if phase == "start":
            begun = perf_counter()
        else:
            # A garbage collection stops all threads, whichever thread runs it.
            collecting += perf_counter() - begun

    def timed(handle: asyncio.Handle) -> None:
        started, used, before = perf_counter(), thread_time(), collecting
        run_handle(handle)
        taken, used = perf_counter() - started, thread_time() - used
        spent = collecting - before
        if taken > _SLOW >= taken - spent:
            slow.collected += 1
        elif used > _SLOW:
            slow.computed.append(f"computed for {used:.3f} s: {handle!r}"[:_LONGEST])

    gc.callbacks.append(collect)
    try:
        with patch.object(asyncio.Handle, "_run", timed):
            yield slow
    finally:
        gc.callbacks.remove(collect)
        logger.removeHandler(slow)
        loop.set_debug(False)
