"""Daemon of a simulated Mycodo on its own port: a real Pyro5 server.

Responds like a real daemon, including its faults (docs/protocols/mycodo-daemon.md). Pyro5 runs
calls in its own threads; code that accesses the simulated Mycodo runs in the event loop.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
import socket
import threading
from typing import Any

import Pyro5.api

from .daemon_functions import PyroServer
from .pipeline import Pipeline
from .state import Pid, State

OBJECT = "mycodo.pyro_server"


@dataclass(slots=True)
class Told:
    """Calls to the daemon that have no other effect in the simulated Mycodo."""

    actions: list[tuple[str, Any]] = field(default_factory=list)
    displays: list[tuple[str, str]] = field(default_factory=list)
    refreshed: list[tuple[str, str]] = field(default_factory=list)

    def clear(self) -> None:
        """Delete all calls."""
        for told in (self.actions, self.displays, self.refreshed):
            told.clear()


class DaemonServer:
    """Listens on loopback. ``starting`` is the error that ``check_daemon`` reports.

    ``frozen`` holds every call until it ends.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        """Prepare the server; it listens after ``start``."""
        self.pipeline = pipeline
        self.told = Told()
        self.starting: str | None = None
        self.conditions: dict[str, Any] = {}
        self.conditions_dict: dict[str, list[tuple[float, float]]] = {}
        self.actions: dict[str, str] = {}
        self.functions_with_actions: dict[str, tuple[str, ...]] = {}
        self.displays: set[str] = set()
        self.integrators: dict[str, float] = {}
        self.port = 0
        self.calls: list[str] = []
        self._thaw = threading.Event()
        self._thaw.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._daemon: Any = None
        self._thread: threading.Thread | None = None

    @property
    def frozen(self) -> bool:
        """Whether calls are held."""
        return not self._thaw.is_set()

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        if frozen:
            self._thaw.clear()
        else:
            self._thaw.set()

    async def start(self, port: int = 0) -> None:
        """Listen."""
        self._loop = asyncio.get_running_loop()
        self._daemon = Pyro5.api.Daemon(host="127.0.0.1", port=port or self.port)
        self._daemon.register(PyroServer(self), objectId=OBJECT)
        self.port = self._daemon.sock.getsockname()[1]
        self._thread = threading.Thread(target=self._daemon.requestLoop, daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Stop listening; the port stays reserved for another ``start``."""
        self._thaw.set()
        if self._daemon is not None:
            daemon, self._daemon = self._daemon, None
            pool = daemon.transportServer.pool
            # Only its own workers, not those of another daemon.
            threads = [*pool.idle, *pool.busy, self._thread]
            await asyncio.to_thread(_close, daemon)
            for thread in threads:
                await asyncio.to_thread(thread.join, 5.0)

    def in_loop[ResultT](self, work: Callable[[], ResultT]) -> ResultT:
        """Run a function in the event loop, and wait for it in a Pyro thread."""
        assert self._loop is not None
        self._thaw.wait()
        done: Future[ResultT] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as err:  # noqa: BLE001 - goes back to who asked
                done.set_exception(err)

        self._loop.call_soon_threadsafe(run)
        return done.result(30)

    @property
    def state(self) -> State:
        """State of the simulated Mycodo."""
        return self.pipeline.state

    def pid(self, identity: str) -> Pid | None:
        """Return a PID that is active."""
        return next(
            (p for p in self.state.pids if p.unique_id == identity and p.active), None
        )


def _close(daemon: Any) -> None:  # noqa: ANN401 - Pyro5 has no types
    """Stop listening and break all connections, like a process that exits."""
    jobs = [worker.job for worker in list(daemon.transportServer.pool.busy)]
    daemon.shutdown()
    for job in jobs:
        with suppress(AttributeError, OSError):
            job.csock.sock.shutdown(socket.SHUT_RDWR)
    daemon.close()
