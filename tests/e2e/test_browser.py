"""A person with a browser adds each system, and looks at what comes of it."""

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


# What the tour cannot do in a browser yet: fill in fields of a section, and choose
# from a list of check boxes. Both systems are added through the API by the check.
NOT_IN_A_BROWSER = {"dsmr_reader", "iotile"}


@pytest.mark.e2e
@pytest.mark.parametrize(
    "name", [name for name in SYSTEMS if name not in NOT_IN_A_BROWSER]
)
def test_add_and_look(name: str, tmp_path: Path) -> None:
    """Run ``scripts/demo --check`` with a browser instead of API calls for adding."""
    try:
        executable()
    except BrowserMissing as err:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(err))
    check = subprocess.run(
        [
            sys.executable,
            "-m",
            "demo",
            "--check",
            "--system",
            name,
            "--screenshots",
            str(tmp_path),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    print(check.stdout, check.stderr)  # noqa: T201 - shown if it fails
    assert check.returncode == 0, check.stdout
    parts = ("done", "device", "dashboard")
    for wanted in ("add-integration-menu", *(f"{name}-{part}" for part in parts)):
        picture = (tmp_path / f"{wanted}.png").read_bytes()
        assert picture.startswith(PNG)
        assert len(picture) > EMPTY, f"{wanted} shows nothing"
