"""A person with a browser adds every system, and looks at what comes of it."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from demo.backends import SYSTEMS
from demo.browser import BrowserMissing, executable
from demo.config import ROOT

PNG = b"\x89PNG\r\n\x1a\n"
# A page that stayed empty makes less than this, in bytes.
EMPTY = 20_000


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_add_and_look_at_everything(tmp_path: Path) -> None:
    """Run ``scripts/demo --check`` with a browser instead of API calls for adding."""
    try:
        executable()
    except BrowserMissing as err:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(err))
    check = subprocess.run(
        [sys.executable, "-m", "demo", "--check", "--screenshots", tmp_path],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    print(check.stdout, check.stderr)  # noqa: T201 - shown if it fails
    assert check.returncode == 0, check.stdout
    wanted = {"add-integration-menu", "energy-dashboard"}
    for name in SYSTEMS:
        wanted |= {f"{name}-{what}" for what in ("form", "done", "device", "dashboard")}
    for name in wanted:
        picture = (tmp_path / f"{name}.png").read_bytes()
        assert picture.startswith(PNG)
        assert len(picture) > EMPTY, f"{name} shows nothing"
