"""A command on the leash never outlives the process that started it."""

from collections.abc import Callable
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest

from demo.config import ROOT

LEASH = ROOT / "demo" / "leash.py"
COMMAND = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(60)
"""


def _wait(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_ends_when_the_other_end_closes(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with subprocess.Popen(
        [sys.executable, LEASH, sys.executable, "-c", COMMAND, file],
        stdin=subprocess.PIPE,
    ) as leash:
        _wait(lambda: file.exists() and file.read_text())
        pid = int(file.read_text())
        assert _runs(pid)
        assert leash.stdin is not None
        leash.stdin.close()
        assert leash.wait(20) == 128 + signal.SIGTERM
    assert not _runs(pid)


def test_it_ends_when_the_holder_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    holder = (
        "import subprocess, sys, time\n"
        "subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)\n"
        "time.sleep(60)\n"
    )
    leash = [sys.executable, str(LEASH), sys.executable, "-c", COMMAND, str(file)]
    with subprocess.Popen([sys.executable, "-c", holder, *leash]) as process:
        _wait(lambda: file.exists() and file.read_text())
        pid = int(file.read_text())
        process.kill()
    _wait(lambda: not _runs(pid))


@pytest.mark.parametrize("code", [0, 3])
def test_the_command_s_own_code(code: int) -> None:
    with subprocess.Popen(
        [sys.executable, LEASH, sys.executable, "-c", f"raise SystemExit({code})"],
        stdin=subprocess.PIPE,
    ) as leash:
        assert leash.wait(20) == code
