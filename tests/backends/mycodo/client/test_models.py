"""Rows of listings that are not as they should be cost nothing but themselves."""

import pytest

from custom_components.junction.backends.mycodo.client.listing import (
    DeviceKind,
    Listing,
    conditionals,
    outputs_by_choices,
)
from custom_components.junction.backends.mycodo.client.models import (
    Choice,
    Controller,
    MeasurementRow,
    OutputChannel,
    Pid,
    output_state,
    output_states,
)


def test_settings_that_are_no_json() -> None:
    found = OutputChannel.read({"channel": 0, "custom_options": "{broken"})
    assert found is not None and not found.invert
    assert Controller.function({"custom_options": "[]"}).period == 0


def test_rows_without_what_identifies_them() -> None:
    assert OutputChannel.read({"unique_id": "c"}) is None
    assert MeasurementRow.read({"unique_id": "m"}) is None
    assert MeasurementRow.read({"channel": 0}) is None
    assert MeasurementRow.read("what?") is None


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("on", True),
        ("off", False),
        ("42.5", 42.5),
        (42.5, 42.5),
        (None, None),
        ("nan", None),
        ("maybe", None),
        (True, True),
        ([], None),
    ],
)
def test_states(value: object, state: object) -> None:
    assert output_state(value) == state


def test_states_of_all() -> None:
    assert output_states({"*": None, "a": {"0": "on", "x": "off"}}) == {"a": {0: True}}
    assert output_states(None) == {}


@pytest.mark.parametrize("text", [None, "", "a", ",", "a,", 7])
def test_pairs_that_are_none(text: object) -> None:
    assert Pid.read({"measurement": text}).controlled is None


def test_conditionals_are_found_among_the_controllers() -> None:
    choices = [
        Choice("[Input 01] Climate", "i"),
        Choice("[Conditional 01] Frost guard", "c"),
        Choice("nonsense", "x"),
    ]
    assert conditionals(choices) == {"c": "Frost guard"}


def test_outputs_without_a_listing_of_their_own() -> None:
    found = outputs_by_choices(
        {"o": {0: True, 1: None}},
        [
            Choice("[Output 02] Relay board", "o,output"),
            Choice("[Output 03] Gap", "s,output"),
        ],
        [
            Choice("[Output 02 CH0 M0] Relay board (Fan) Duration (s)", "o,m0"),
            Choice("[Output 02 CH1 M1] Relay board Duration (s)", "o,m1"),
        ],
    )
    assert [output.name for output in found.devices] == ["Relay board"]
    assert [channel.name for channel in found.channels] == ["Fan", ""]


def test_what_is_not_listed() -> None:
    listing = Listing()
    assert listing.device_kind("x") is None
    assert listing.period("x") == 0
    assert listing.is_active("x")
    assert listing.window("x") == 120
    assert listing.controlled(None) is None
    row = MeasurementRow("m", "p", 0, "", True, "", "", setpoint=True)
    assert listing.unit(row) == ""
    listing.functions["f"] = Controller("f", "F", "AVG", active=True, period=60)
    assert listing.device_kind("f") is DeviceKind.FUNCTION
    assert listing.window("f") == 180
