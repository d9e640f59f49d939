"""The same imports with the recorder on MariaDB and on PostgreSQL."""

from collections.abc import Generator
from contextlib import ExitStack
import os

import pytest

from .backends.dsmr_reader.test_import import (
    change,
    history,
    past,
    test_equal_to_the_meter_at_every_midnight,
)
from .databases import SERVERS, Make, NoServerError
from .test_statistics import (
    test_a_sum_that_was_corrected_by_hand_counts,
    test_counters_and_measurements,
    test_deleted_statistics_come_back,
    test_goes_on_behind_what_was_late,
    test_interrupted_at_random_and_resumed,
    test_once_more_changes_nothing,
)
from .test_statistics_joined import (
    test_a_seam_is_made_good_by_the_next_run,
    test_history_precedes_a_sensor_without_a_seam,
)

# Collected here once more, with the databases below.
__all__ = [
    "change",
    "history",
    "past",
    "test_a_seam_is_made_good_by_the_next_run",
    "test_a_sum_that_was_corrected_by_hand_counts",
    "test_counters_and_measurements",
    "test_deleted_statistics_come_back",
    "test_equal_to_the_meter_at_every_midnight",
    "test_goes_on_behind_what_was_late",
    "test_history_precedes_a_sensor_without_a_seam",
    "test_interrupted_at_random_and_resumed",
    "test_once_more_changes_nothing",
]

# The driver of MariaDB has the sockets of Python; only loopback can be reached.
pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module", params=SERVERS)
def database_server(request: pytest.FixtureRequest) -> Generator[Make]:
    """Run a server for all tests here."""
    with ExitStack() as stack:
        try:
            make = stack.enter_context(SERVERS[request.param]())
        except NoServerError as err:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(err))  # no such server here; CI raises
        yield make


@pytest.fixture
def recorder_db_url(
    database_server: Make, hass_fixture_setup: list[bool], socket_enabled: None
) -> str:
    """Return an empty database, in place of the plugin's in memory."""
    assert not hass_fixture_setup
    return database_server()
