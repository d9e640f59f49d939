"""Run a judge in its own environment, and read its report."""

import asyncio
from collections.abc import Awaitable, Callable
import json
import os
from pathlib import Path
import sys
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 120

type Judge = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def judge(tmp_path: Path, socket_enabled: None) -> Judge:
    """Return a function that runs a script of ``clients/``.

    Arguments: its name, what is typed at its prompts, and its JSON arguments. Returns its
    report. Nothing that it stores outlives the test.
    """

    async def run(script: str, typed: str = "", **arguments: Any) -> dict[str, Any]:
        python = await _environment()
        report = tmp_path / "report.json"
        process = await asyncio.create_subprocess_exec(
            python,
            "-m",
            f"tests.judges.clients.{script}",
            str(report),
            json.dumps(arguments),
            cwd=ROOT,
            env={
                "PATH": os.defpath,
                "HOME": str(tmp_path),
                "XDG_CONFIG_HOME": str(tmp_path),
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(
                process.communicate(typed.encode()), SECONDS
            )
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, said.decode()
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found

    return run


async def _environment() -> Path:
    """Return the judges' Python; the environment is made unless it is there."""
    setup = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts/setup"),
        "judges",
        # The Python that runs the tests will do, where none is installed.
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await setup.communicate()
    assert setup.returncode == 0, said.decode()
    return ROOT / ".venv-judges/bin/python"
