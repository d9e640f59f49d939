"""Run a real Home Assistant as a child process."""

import asyncio
from collections.abc import Mapping, Sequence
import json
import os
from pathlib import Path
import socket
import sys
from typing import Final, Self

import aiohttp

from .config import prepare

START_TIMEOUT: Final = 90.0
# The recorder first writes its queue: two weeks of statistics take a minute on 2026.10.
STOP_TIMEOUT: Final = 150.0
_STAND_INS: Final = Path(__file__).parent / "stand_ins"


class HomeAssistantError(Exception):
    """Home Assistant did not start, or did not stop by itself."""


def free_port() -> int:
    """Return a free TCP port on 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def usual_port(port: int) -> int:
    """Return the port if it is free, otherwise 0 for any free port."""
    return port if port_is_free(port) else 0


class HomeAssistant:
    """One Home Assistant on 127.0.0.1, with its configuration in ``folder``.

    As an asynchronous context manager it starts and stops with its block. It never outlives this
    process, and Ctrl-C does not reach it directly: the block decides when it stops.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        packages: Sequence[Path] = (),
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare it. ``packages`` are custom integrations besides Junction.

        ``addresses`` replace those of servers on the internet: see ``stand_ins``.
        """
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log_file = folder / "home-assistant.log"
        self.console_file = folder / "console.log"
        self._packages = packages
        self._addresses = dict(addresses or {})
        self._process: asyncio.subprocess.Process | None = None
        self._earlier = ""

    @property
    def pid(self) -> int:
        """Id of its process, or of the leash that holds that process."""
        assert self._process is not None, "not started"
        return self._process.pid

    async def __aenter__(self) -> Self:
        """Start, and wait until it responds."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Start, and wait until it responds.

        Raises HomeAssistantError if it exits first, or does not respond in time.
        """
        self.log_file.unlink(missing_ok=True)
        prepare(self.folder, self.port, self._packages)
        hass = Path(sys.executable).with_name("hass")
        with self.console_file.open("wb") as console:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(Path(__file__).with_name("leash.py")),
                str(hass),
                "-c",
                str(self.folder),
                "--skip-pip",
                "--log-no-color",
                cwd=self.folder,
                # Leave out this checkout, whose package ``custom_components`` would hide the
                # configured folder of custom integrations.
                env={
                    **os.environ,
                    "PYTHONPATH": str(_STAND_INS),
                    "JUNCTION_DEMO_ADDRESSES": json.dumps(self._addresses),
                },
                stdin=asyncio.subprocess.PIPE,
                stdout=console,
                stderr=console,
                # A process group of its own keeps the terminal's Ctrl-C away.
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await self._wait_until_running(self._process)
        except TimeoutError:
            await self.stop()
            msg = f"Home Assistant did not answer within {START_TIMEOUT:g} s"
            raise HomeAssistantError(f"{msg}, see {self.log_file}") from None
        except BaseException:
            await self.stop()
            raise

    async def _wait_until_running(self, process: asyncio.subprocess.Process) -> None:
        """Wait for its web server, which starts before everything is set up.

        This address responds only once users can log in; until then it returns 404 or 503.
        """
        async with aiohttp.ClientSession() as session:
            while True:
                if process.returncode is not None:
                    raise HomeAssistantError(
                        f"Home Assistant ended with {process.returncode}: {self._last_words()}"
                    )
                try:
                    async with session.get(f"{self.url}/auth/providers") as response:
                        if response.status in (200, 400):
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)

    def _last_words(self) -> str:
        lines = self.console_file.read_text(errors="replace").splitlines()
        return "\n".join(lines[-20:]) or "it said nothing"

    async def stop(self) -> int:
        """Stop it with SIGTERM, like a service; return its exit code.

        Raises HomeAssistantError if it did not stop by itself in time.
        """
        process, self._process = self._process, None
        if process is None:
            return 0
        assert process.stdin is not None
        process.stdin.close()  # Closing the pipe makes the leash send SIGTERM
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                code = await process.wait()
        except TimeoutError:
            # The leash kills it at about the same time, and ends with it.
            await process.wait()
            raise HomeAssistantError("Home Assistant had to be killed") from None
        finally:
            self._earlier += self._running_log()
        return code

    def log(self) -> str:
        """Return its log, over all starts."""
        return self._earlier + (self._running_log() if self._process else "")

    def _running_log(self) -> str:
        return (
            self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
        )
