"""The page of ``junction.call_api`` describes every function correctly."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import entry_points
import pkgutil

import dsmr_parser
import pytest

from custom_components.junction.backends.call_api import FIELDS
from custom_components.junction.backends.dsmr_reader.client.calls import (
    judge as judge_reader,
)
from custom_components.junction.backends.iotile.client.calls import (
    judge as judge_iotile,
)
from custom_components.junction.backends.mycodo.client.calls import (
    judge as judge_mycodo,
)
from custom_components.junction.backends.mycodo.entities.daemon_calls import FUNCTIONS
from custom_components.junction.backends.openmotics.client.calls import judge_cloud
from custom_components.junction.backends.openmotics.client.policy import ACTIONS
from custom_components.junction.backends.verdict import CallRefusedError, Judgement

from .api_docs import Row, part, rows, tables
from .selectors import ACTIONS as OFFERED

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TABLES = {
    "### From Mycodo's REST API": 24,
    "### From DaemonControl": 17,
    "### From the gateway's API": 60,
    "### From OpenMotics' cloud API": 24,
    "### From iotile_cloud": 40,
    "### From DSMR-reader's API": 15,
    "### From dsmr_parser": 12,
    "### From python-cozify": 22,
}
"""The tables, and how many rows they have at least."""


def test_there_is_a_table_for_each_page_of_functions() -> None:
    assert set(tables()) == set(TABLES)


@pytest.mark.parametrize("heading", TABLES)
def test_no_cell_is_empty(heading: str) -> None:
    found = rows(heading)
    assert len(found) >= TABLES[heading]
    for row in found:
        assert row.functions, row
        assert len(row.way) > 3, row
    every = [function for row in found for function in row.functions]
    assert len(every) == len(set(every))


def test_names_of_dsmr_parser_exist() -> None:
    """The page names functions of the installed package, and each of its readers."""
    names = {
        script.name
        for script in entry_points(group="console_scripts")
        if script.value.startswith("dsmr_parser")
    }
    readers = set()
    for found in pkgutil.walk_packages(dsmr_parser.__path__, "dsmr_parser."):
        names.add(found.name.rpartition(".")[2])
        module = import_module(found.name)
        for name, thing in vars(module).items():
            names.add(name)
            if isinstance(thing, type) and thing.__module__ == found.name:
                names |= {f"{name}.{part}" for part in dir(thing)}
                if name.endswith("Reader"):
                    readers.add(name)
    told = {name for row in rows("### From dsmr_parser") for name in row.functions}
    assert told - names == set()
    assert readers - told == set()


def says(row: Row) -> str:
    if row.is_refused:
        return "refused"
    return "confirm" if row.needs_confirmation else "free"


def is_so(judgement: Judgement) -> str:
    if judgement.obstacle is None:
        return "free"
    refused = issubclass(judgement.obstacle, CallRefusedError)
    return "refused" if refused else "confirm"


PRESETS = {
    mode: dict.fromkeys(("AWAY", "VACATION", "PARTY"), 20.0)
    for mode in ("heating", "cooling")
}


@pytest.mark.parametrize(
    ("heading", "judge"),
    [
        ("### From Mycodo's REST API", judge_mycodo),
        ("### From iotile_cloud", judge_iotile),
        (
            "### From DSMR-reader's API",
            lambda method, path: judge_reader(method, path, None, NOW, UTC),
        ),
        (
            "### From OpenMotics' cloud API",
            lambda method, path: judge_cloud(method, path, PRESETS),
        ),
    ],
)
def test_requests_are_judged_as_the_page_says(
    heading: str, judge: Callable[[str, str], Judgement]
) -> None:
    found = 0
    for row in rows(heading):
        for method, path in row.requests:
            found += 1
            assert is_so(judge(method, path)) == says(row), (method, path)
    assert found >= 15


def test_every_function_of_the_gateway_is_on_the_page() -> None:
    found = {
        function: row
        for row in rows("### From the gateway's API")
        for function in row.functions
    }
    assert set(found) == set(ACTIONS)
    for name, policy in ACTIONS.items():
        judgement = Judgement(policy.obstacle)
        assert is_so(judgement) == says(found[name]), name


def test_every_function_of_the_daemon_is_on_the_page() -> None:
    found = {
        function for row in rows("### From DaemonControl") for function in row.functions
    }
    assert found == set(FUNCTIONS)


def test_every_field_is_on_the_page() -> None:
    fields = part("## Fields")
    names = set(OFFERED["call_api"]["fields"])
    assert names == {"entry", "confirm", "show_secrets", *FIELDS}
    for name in names:
        assert f"| `{name}` |" in fields
