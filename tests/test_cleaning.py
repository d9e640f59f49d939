"""Texts and times from outside."""

from datetime import UTC, date, datetime, timedelta, timezone
import json
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.junction.cleaning import (
    MAX_DEPTH,
    MAX_NAME,
    clean_id,
    clean_line,
    clean_text,
    clean_value,
    is_deep,
    plain_words,
)
from custom_components.junction.errors import RejectedError
from custom_components.junction.moments import (
    moment_at,
    read_date,
    read_moment,
    utc_in_range,
)

ANY_TEXT = st.text(st.characters())
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Lamp", "Lamp"),
        ("Lampe électrique 💡", "Lampe électrique 💡"),
        ("Lamp \ud83d", "Lamp \ufffd"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("a\0b\x1b[31mc\x7f", "ab[31mc"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("\u2066a\u2069\u200bb\ufeff", "ab"),
        ("two\r\nlines\u2028or\x85more", "two\nlines\nor\nmore"),
        ("a\tb", "a\tb"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_texts(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(ANY_TEXT)
def test_every_text_can_be_stored(text: str) -> None:
    for clean in (clean_text, clean_line, clean_id, plain_words):
        cleaned = clean(text)
        assert clean(cleaned) == cleaned
        assert "\0" not in cleaned
        cleaned.encode()
    assert len(clean_line(text)) <= MAX_NAME
    assert "\n" not in clean_line(text)


def test_long_texts() -> None:
    assert clean_text("x" * 300, 255) == "x" * 254 + "…"
    assert len(clean_line("x " * 3_000_000)) == MAX_NAME
    one, other = "x" * 5000 + "1", "x" * 5000 + "2"
    assert len(clean_id(one)) == MAX_NAME
    assert clean_id(one) != clean_id(other)
    assert clean_id("a b") == "a b"


@given(ANY_JSON)
def test_every_value_can_be_stored(value: Any) -> None:
    cleaned = clean_value(value)
    orjson.dumps(cleaned, option=orjson.OPT_NON_STR_KEYS)
    assert clean_value(cleaned) == cleaned


def test_numbers_beyond_what_is_stored() -> None:
    assert clean_value([2**63 - 1, 2**63, 10**400, float("inf"), float("nan")]) == [
        2**63 - 1,
        float(2**63),
        None,
        None,
        None,
    ]


def test_depth() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert clean_value(deep) == deep
    assert not is_deep(deep)
    assert is_deep({"a": deep})
    with pytest.raises(ValueError, match="deeper"):
        clean_value({"a": deep})
    assert not is_deep("text")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("[click](https://evil.example)", "(click)(https:\u2060//evil.example)"),
        ("<img src=x onerror=alert(1)>", "‹img src=x onerror=alert(1)›"),
        ("**bold** __under__ `code`", "∗∗bold∗∗ under 'code'"),
        ("# Heading", "Heading"),
        ("www.evil.example", "www.\u2060evil.example"),
        ("write to a@b.example", "write to a@\u2060b.example"),
        ("invalid_grant", "invalid_grant"),
        ("Sensor 12:30", "Sensor 12:30"),
        ("a\nb", "a b"),
    ],
)
def test_words_of_a_server_are_only_words(said: str, shown: str) -> None:
    assert plain_words(said) == shown


def test_errors_hold_words_only() -> None:
    error = RejectedError("a\n[b](https://c)", name="<script>\ud83d")
    assert str(error) == "a [b](https://c)"
    assert error.placeholders == {
        "detail": "a (b)(https:\u2060//c)",
        "name": "‹script›\ufffd",
    }


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "0001-01-01",
        "1969-12-31T00:00:00Z",
        "2300-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:00+99:99",
        "not a time",
        "",
        None,
        "1" * 100_000,
    ],
)
def test_what_is_no_time(text: str | None) -> None:
    assert read_moment(text) is None
    assert read_date(text) is None


@pytest.mark.parametrize(
    "seconds", [None, 0, -1, 1e12, 1e300, -1e300, float("nan"), float("inf"), 2**63]
)
def test_what_is_no_epoch(seconds: float | None) -> None:
    assert moment_at(seconds) is None


def test_times() -> None:
    noon = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert read_moment("2026-11-28T12:00:00Z") == noon
    assert read_moment("2026-11-28T13:00:00+01:00") == noon
    assert read_moment(" 2026-11-28T13:00:00", ZoneInfo("Europe/Amsterdam")) == noon
    assert read_date("2026-11-28") == date(2026, 11, 28)
    assert moment_at(noon.timestamp()) == noon
    assert utc_in_range(None) is None
    assert utc_in_range(datetime.max.replace(tzinfo=UTC)) is None
    assert (
        utc_in_range(datetime.min.replace(tzinfo=timezone(timedelta(hours=23)))) is None
    )


@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_every_time_can_be_shown_anywhere(moment: datetime) -> None:
    if (found := utc_in_range(moment)) is not None:
        for hours in (-23, 23):
            found.astimezone(timezone(timedelta(hours=hours)))
        assert json.dumps(found.timestamp())
