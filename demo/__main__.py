"""Command line of ``scripts/demo``."""

import argparse
import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Any, Final

from simulators.dlms.ports import DIALECTS as PUSHING
from simulators.p1_meter import DIALECTS

from .api import ApiError
from .backends import SYSTEMS, MakeSystem
from .backends.dsmr import SimulatedMeter
from .backends.dsmr_reader import SimulatedReader
from .check import check
from .config import ROOT
from .hass import HomeAssistantError, port_is_free
from .run import run
from .table import CheckStopped
from .twice import start_twice

_FOLDER: Final = ROOT / ".demo"
_WEEKS: Final = 26
_DESCRIPTION: Final = """\
Start a real Home Assistant with Junction and a simulated house, on this machine only.
Ctrl-C stops everything."""


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--port",
        type=int,
        default=8123,
        help="port of Home Assistant (default: %(default)s)",
    )
    add(
        "--system",
        action="append",
        choices=sorted(SYSTEMS),
        help="simulate only this one; may be given several times",
    )
    add(
        "--meter",
        choices=sorted((*DIALECTS, *PUSHING)),
        default=SimulatedMeter.DEFAULT,
        metavar="DIALECT",
        help="dialect of the smart meter: %(choices)s (default: %(default)s)",
    )
    add(
        "--seed",
        type=int,
        default=1,
        help="of the house: another one has other weather and other habits (default: %(default)s)",
    )
    add(
        "--fresh", action="store_true", help="forget the demo of before, kept in .demo/"
    )
    add(
        "--check",
        action="store_true",
        help="check everything without anybody looking, in a folder and on a port of its own",
    )
    add(
        "--keep",
        action="store_true",
        help="with --check: keep its folder, and say where it is",
    )
    arguments = parser.parse_args(argv)
    if not arguments.check and arguments.keep:
        parser.error("--keep goes with --check")
    return arguments


async def _check(arguments: argparse.Namespace, systems: list[MakeSystem]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="junction-check-"))
    try:
        good = await check(folder / "check", systems, arguments.seed)
        good &= await start_twice(folder / "demo", systems, arguments.seed)
    finally:
        if arguments.keep:
            print(f"demo: kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


async def _demo(arguments: argparse.Namespace, systems: list[MakeSystem]) -> int:
    if not port_is_free(arguments.port):
        print(
            f"demo: port {arguments.port} is in use; take another with --port",
            file=sys.stderr,
        )
        return 1
    if arguments.fresh:
        shutil.rmtree(_FOLDER, ignore_errors=True)
    await run(_FOLDER, systems, arguments.port, arguments.seed)
    return 0


async def _until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Run until done; stop cleanly at Ctrl-C, SIGTERM, or when the terminal closes."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        return await task
    print("demo: stopped")
    return 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo or the check; return the exit code."""
    arguments = _arguments(argv)
    makers: dict[str, MakeSystem] = {
        **SYSTEMS,
        "dsmr": partial(SimulatedMeter, dialect=arguments.meter),
    }
    if not arguments.check:
        # A past gives the Energy dashboard something to show; the check does not need it.
        makers["dsmr_reader"] = partial(SimulatedReader, weeks=_WEEKS)
    systems = [makers[name] for name in arguments.system or makers]
    work = _check if arguments.check else _demo
    try:
        return asyncio.run(_until_stopped(work(arguments, systems)))
    except (ApiError, CheckStopped, HomeAssistantError, OSError) as err:
        print(f"demo: {err}", file=sys.stderr)
        if not arguments.check and not arguments.fresh:
            print("demo: to start from nothing: scripts/demo --fresh", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
