"""What every test shares.

Sockets are blocked in tests; those with a server ask for pytest-socket's fixture
`socket_enabled`, with which connections to 127.0.0.1, and only there, are possible.
"""

import os

from hypothesis import settings
import pytest

# pytest-homeassistant-custom-component puts a folder `custom_components` of its own
# first on sys.path once Home Assistant starts: ours must be imported before that.
import custom_components.junction  # noqa: F401

# Repeatable by default, so that a pull request fails by its own doing only.
# HYPOTHESIS_PROFILE=explore looks for what nobody has seen yet.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(autouse=True)
def junction_in_home_assistant(request: pytest.FixtureRequest) -> None:
    """Let the Home Assistant of a test find the integration, if the test has one."""
    if "hass" not in request.fixturenames:
        return
    if "recorder_mock" in request.fixturenames:
        # The recorder must be there before Home Assistant is.
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")
