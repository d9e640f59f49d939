"""Connection to Mycodo's daemon over Pyro5 (docs/protocols/mycodo-daemon.md).

Pyro5 blocks, and a proxy belongs to the thread that created it. Each of the two
connections, for reading and for commands, therefore has its own thread, which also
imports Pyro5: only entries with the daemon channel need it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
import socket
from typing import Any, Final

from ....errors import BackendError, RejectedError, UnreachableError
from .errors import (
    ChannelDownError,
    ChannelTimeoutError,
    NoDaemonError,
    NoFunctionError,
    NotInstalledError,
)

PORT: Final = 9080
OBJECT: Final = "mycodo.pyro_server"

READ_TIMEOUT: Final = 10.0
COMMAND_TIMEOUT: Final = 35.0
"""Seconds, connecting included. A command that timed out may still be carried out."""

# Seconds that closing waits for the two threads.
_END: Final = 2.0

type Brought = Any
"""Objects from Pyro5: plain values of any type, or a proxy, which has no types."""

type Connect = Callable[[str, float], Brought]
"""Creates a Pyro proxy from a URI and a timeout (s)."""


def pyro_proxy(uri: str, timeout: float) -> Brought:
    """Return a proxy with its own timeout, because Pyro's configuration is global."""
    proxy = import_module("Pyro5.api").Proxy(uri)
    proxy._pyroTimeout = timeout  # noqa: SLF001 - Pyro's way to set it for one proxy
    # Never send anything twice.
    proxy._pyroMaxRetries = 0  # noqa: SLF001 - likewise
    return proxy


class _Line:
    """One connection in its own thread, opened when first needed."""

    def __init__(self, uri: str, timeout: float, connect: Connect) -> None:
        self._uri = uri
        self._timeout = timeout
        self._connect = connect
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="mycodo-daemon")
        self._proxy: Any = None
        self._closed = False
        self.methods: frozenset[str] = frozenset()

    async def call(
        self, name: str, args: Sequence[object], fields: Mapping[str, object]
    ) -> Brought:
        if self._closed:
            raise ChannelDownError
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._executor, self._call, name, args, fields
        )

    def _call(
        self, name: str, args: Sequence[object], fields: Mapping[str, object]
    ) -> Brought:
        try:
            errors = import_module("Pyro5.errors")
        except ImportError as err:
            raise NotInstalledError from err
        try:
            if self._proxy is None:
                self._proxy = self._connect(self._uri, self._timeout)
            proxy = self._proxy
            proxy._pyroBind()  # noqa: SLF001 - connects and reads the methods
            self.methods = frozenset(proxy._pyroMethods)  # noqa: SLF001 - Pyro's interface
            self._check(name)
            found: Brought = getattr(proxy, name)(*args, **fields)
        except BackendError:
            raise
        except errors.TimeoutError as err:
            raise ChannelTimeoutError from err
        except errors.ProtocolError as err:
            raise NoDaemonError from err
        except errors.CommunicationError as err:
            if "unknown object" in str(err):
                raise NoDaemonError from err
            raise ChannelDownError from err
        except OSError as err:
            raise ChannelDownError from err
        except Exception as err:
            # The daemon raised this. Its traceback contains paths of the daemon's host, so
            # only the last line is kept.
            raise RejectedError(f"{type(err).__name__}: {err}"[:200]) from err
        else:
            return found

    def _check(self, name: str) -> None:
        if name not in self.methods:
            raise NoFunctionError(function=name)

    def close(self) -> None:
        """Close the connection, and cancel a call that waits for its answer."""
        if self._closed:
            return
        self._closed = True
        connection: Brought = getattr(self._proxy, "_pyroConnection", None)
        with suppress(AttributeError, OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
        with suppress(RuntimeError):
            self._executor.submit(self._release)
        self._executor.shutdown(wait=False)

    def join(self) -> None:
        """Wait in another thread until this thread has ended."""
        self._executor.shutdown(wait=True)

    def _release(self) -> None:
        if self._proxy is not None:
            self._proxy._pyroRelease()  # noqa: SLF001 - Pyro's way to close it
            self._proxy = None


class DaemonChannel:
    """Call functions of one daemon by name. Must be closed."""

    def __init__(
        self,
        host: str,
        port: int = PORT,
        *,
        read_timeout: float = READ_TIMEOUT,
        command_timeout: float = COMMAND_TIMEOUT,
        connect: Connect = pyro_proxy,
    ) -> None:
        """Initialize without connecting."""
        shown = f"[{host}]" if ":" in host else host
        uri = f"PYRO:{OBJECT}@{shown}:{port}"
        self._reads = _Line(uri, read_timeout, connect)
        self._commands = _Line(uri, command_timeout, connect)

    @property
    def methods(self) -> Collection[str]:
        """Return the names of the daemon's functions, empty if not known yet."""
        return self._commands.methods | self._reads.methods

    async def read(self, name: str, *args: object, **fields: object) -> Brought:
        """Call a function that changes nothing.

        Raises ChannelDownError, ChannelTimeoutError, NoDaemonError (something else
        listens on the port), NoFunctionError, and RejectedError if the daemon raised.
        """
        return await self._reads.call(name, args, fields)

    async def command(self, name: str, *args: object, **fields: object) -> Brought:
        """Call a function that changes something. It is sent once.

        Raises what ``read`` raises. After ChannelTimeoutError the command may still be
        carried out, so read the state before sending it again.
        """
        return await self._commands.call(name, args, fields)

    async def problem(self) -> str | None:
        """Return what the daemon is still missing, None if it is ready.

        A starting daemon answers long before it has loaded everything.
        """
        answer = await self.read("check_daemon")
        return None if answer is None else str(answer)

    async def close(self) -> None:
        """Close both connections; running calls are cancelled."""
        self._reads.close()
        self._commands.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END):
                await asyncio.to_thread(self._reads.join)
                await asyncio.to_thread(self._commands.join)


def is_lost(error: BackendError) -> bool:
    """Return whether an error means that the daemon does not answer."""
    return isinstance(error, UnreachableError | NoDaemonError | NotInstalledError)
