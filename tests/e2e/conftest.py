"""The stage of the tests in a browser."""

from collections.abc import Generator
import os
from pathlib import Path

import pytest
import pytest_socket

from demo.browser import BrowserMissing, executable

from .stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Return the stage, with the curtain up."""
    try:
        executable()
    except BrowserMissing as err:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(err))  # no Chromium here; CI raises
    folder: Path = tmp_path_factory.mktemp("stage")
    with pytest.MonkeyPatch.context() as patch:
        # The servers on the stage also accept connections between two tests, when sockets
        # would be blocked for a moment.
        pytest_socket.enable_socket()
        patch.setattr(pytest_socket, "disable_socket", lambda **_: None)
        stage = Stage(folder)
        stage.start()
        yield stage
        stage.stop()
