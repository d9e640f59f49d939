"""Fields of JSON that anybody may have written."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.junction.backends.http import json_fields as fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("found", "number", "integer"),
    [
        (3, 3.0, 3),
        (2.5, 2.5, None),
        (3.0, 3.0, 3),
        ("3", 3.0, 3),
        (" -3.0 ", -3.0, -3),
        ("+1.5e2", 150.0, 150),
        (".5", 0.5, None),
        ("9007199254740993", 9007199254740992.0, 9007199254740993),
        (10**400, None, None),
        ("9" * 5000, None, None),
        ("1e999", None, None),
        (float("nan"), None, None),
        (float("inf"), None, None),
        ("nan", None, None),
        ("1_000", None, None),
        ("1,5", None, None),
        ("0x10", None, None),
        ("٣", None, None),
        ("", None, None),
        (True, None, None),
        (None, None, None),
        ([3], None, None),
        ({}, None, None),
    ],
)
def test_numbers(found: object, number: float | None, integer: int | None) -> None:
    assert fields.number({"a": found}, "a") == number
    assert fields.integer({"a": found}, "a") == integer


@pytest.mark.parametrize(
    ("found", "boolean"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (1.0, True),
        ("true", True),
        (" FALSE ", False),
        ("yes", None),
        ("1", None),
        (2, None),
        (None, None),
        ([], None),
    ],
)
def test_booleans(found: object, boolean: bool | None) -> None:
    assert fields.boolean({"a": found}, "a") is boolean


def test_the_other_types() -> None:
    obj: dict[str, Any] = {"s": "", "o": {"x": None}, "l": [1, {"id": 1}, None]}
    assert fields.text(obj, "s") == ""
    assert fields.text(obj, "o") is None
    assert fields.mapping(obj, "o") == {"x": None}
    assert fields.mapping(obj, "l") is None
    assert fields.sequence(obj, "l") == obj["l"]
    assert fields.sequence(obj, "s") is None
    assert fields.mappings(obj, "l") == [{"id": 1}]
    assert fields.mappings(obj, "o") is None


def test_the_way_to_a_field() -> None:
    obj = {"live": [{"power": "1.5"}]}
    assert fields.number(obj, "live", 0, "power") == 1.5
    assert fields.number(obj, "live", -1, "power") == 1.5
    assert fields.number(obj, "live", 1, "power") is None
    assert fields.number(obj, "live", -2, "power") is None
    assert fields.number(obj, "live", "power") is None
    assert fields.number(obj, 0) is None
    assert fields.text("abc", 0) is None
    assert fields.text("abc") == "abc"


@given(JSON, st.lists(st.text() | st.integers(), max_size=3))
def test_never_raises(obj: object, path: list[str | int]) -> None:
    for read, kind in (
        (fields.text, str),
        (fields.number, float),
        (fields.integer, int),
        (fields.boolean, bool),
        (fields.mapping, dict),
        (fields.sequence, list),
        (fields.mappings, list),
    ):
        found = read(obj, *path)
        assert found is None or type(found) is kind
