"""Parsing of response bodies of any origin."""

from contextlib import suppress
from datetime import UTC, datetime
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    Answer,
    AnswerTooLargeError,
    InvalidJsonError,
    check_status,
)
from custom_components.junction.backends.http.redaction import HIDDEN, hide
from custom_components.junction.errors import BackendError, ProtocolError


def answer(body: bytes | str, status: int = 400, **headers: str) -> Answer:
    return Answer(
        status=status,
        headers=headers,
        body=body.encode() if isinstance(body, str) else body,
        url=URL("http://127.0.0.1/api"),
        received=datetime(2026, 11, 20, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        # Captured from the products, shortened.
        ('{"message": "You don\'t have the permission."}', "You don't have the permission."),
        ('{"success":false,"msg":"invalid_token"}' + 400 * " ", "invalid_token"),
        ('"Username/password combination invalid."', "Username/password combination invalid."),
        ('{"detail":"Invalid auth key"}', "Invalid auth key"),
        ('{"email":["Enter a valid email address."]}', "email: Enter a valid email address."),
        ('{"a":["1.","2."],"b":"3."}', "a: 1. 2.; b: 3."),
        ('{"non_field_errors":["Signature has expired."]}', "Signature has expired."),
        ('[{}, {"slug": ["Bad slug."]}]', "slug: Bad slug."),
        ('{"errors": {"detail": "no"}}', "no"),
        ('{"code":1,"message":"Authentication failed"}', "Authentication failed"),
        ('{"_error":{"description":"?"},"error":"bad"}', "bad"),
        ("Authentication failed.", "Authentication failed."),
        ("  two\n  lines \n", "two lines"),
        ("<html><head><title>\n404: Not&nbsp;Found </title>", "404: Not Found"),
        ("<html>no title", ""),
        ('{"output devices": null}', ""),
        ("{}", ""),
        ("null", ""),
        ("", ""),
        ("[[[[[[\"deep\"]]]]]]", ""),
        (b"\x00\x01\xff\x1b[31mred", "�[31mred"),
        ("x" * 300, "x" * 199 + "…"),
        (
            json.dumps(
                {"custom": 'Traceback (most recent call last):\n  File "x"\nKeyError: 3\n'}
            ),
            "KeyError: 3",
        ),
        (
            '{"message": "An exception occurred", "error": "Traceback…"}',
            "An exception occurred",
        ),
    ],
)  # fmt: skip
def test_words(body: str | bytes, words: str) -> None:
    assert answer(body).words == words


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('[1, 2.50, "\\/"]', [1, 2.5, "/"]),
        ('{"a": "tab\there"}', {"a": "tab\there"}),
        (b'{"a": "\xe4"}', {"a": "�"}),
        ("null", None),
        (" 3 ", 3),
    ],
)
def test_tolerant_json(body: str | bytes, value: Any) -> None:
    assert answer(body, 200).json() == value


def test_numbers_that_json_does_not_know() -> None:
    """Python's own writer puts them there."""
    found = answer('{"a": NaN, "b": [Infinity, 1]}', 200).object()
    assert found["a"] is None
    assert found["b"][1] == 1


@given(st.binary(max_size=200), st.integers(200, 599))
def test_no_body_is_too_odd(body: bytes, status: int) -> None:
    odd = answer(body, status)
    error = check_status(odd)
    assert (error is None) == (status < 300 or status == 304)
    assert len(odd.words) <= 200
    assert "\n" not in odd.words
    with suppress(ProtocolError):
        odd.json()


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_is_too_odd(text: str, date: str) -> None:
    odd = answer("", 429, **{"Retry-After": text, "Date": date})
    assert odd.retry_after is None or 0 <= odd.retry_after <= 3600
    assert isinstance(check_status(odd), BackendError)
    assert isinstance(check_status(answer("", 302, Location=text)), BackendError)


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Fri, 20 Nov 2026 25:61:61 GMT",
    ],
)
def test_dates_at_the_edge_of_time(date: str) -> None:
    wait = answer("", 429, **{"Retry-After": date}).retry_after
    assert wait is None or 0 <= wait <= 3600


def test_secrets_are_hidden_in_every_spelling() -> None:
    sent = [
        ("Authorization", "Bearer abc+def/"),
        ("api_key", "abc+def/and more"),
        ("password", "abc"),
        ("id", "outputs"),
        ("token", 12345),
    ]
    text = "abc+def/and more, abc+def/, abc%2Bdef%2F, abc%2Bdef%2Fand+more, abc outputs"
    assert hide(text, sent) == (f"{HIDDEN}, {HIDDEN}, {HIDDEN}, {HIDDEN}, abc outputs")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"name":"Lamp \\ud83d"}', "Lamp \ufffd"),
        (b'{"name":"Lamp \\ud83d\\ude00"}', "Lamp \U0001f600"),
        (b'{"name":"a\\u0000b\\u001b"}', "ab"),
        (b'{"name":"a\x7fb"}', "ab"),
        ('{"name":"gnp.\u202eexe"}'.encode(), "gnp.exe"),
        (b'{"name":"gnp.\\u202Eexe"}', "gnp.exe"),
        (b'{"name":"\xed\xa0\xbd"}', "\ufffd\ufffd\ufffd"),
        (b'{"name":"a\nb\\r"}', "a\nb\n"),
        (b'{"name":"a\\b"}', "a"),
    ],
)
def test_texts_can_be_stored(body: bytes, name: str) -> None:
    assert answer(body, 200).object() == {"name": name}


def test_deep_and_crowded_answers_end() -> None:
    for body in ("[" * 65 + "]" * 65, "[" * 200_000, '{"a":' * 900 + "1" + "}" * 900):
        with pytest.raises(InvalidJsonError):
            answer(body, 200).json()
    with pytest.raises(AnswerTooLargeError):
        answer("[" + "[]," * 300_000 + "[]]", 200).json()


def test_an_answer_that_was_read_before() -> None:
    assert answer('{"a": 1}', 200).prepared().json() == {"a": 1}
    broken = answer("{", 200).prepared()
    for _ in range(2):
        with pytest.raises(InvalidJsonError):
            broken.json()


@pytest.mark.parametrize(
    "part",
    ["<title>", "<title", "<title >\n", "</title", "&#1", "<", " ", "\n", "[", "a"],
)
def test_words_of_large_pages_take_no_time(part: str) -> None:
    """Quadratic searches took seconds for 48 KiB; these are 8 MiB."""
    for start in ("", "<html>", "<title>"):
        page = answer(start + part * (8 * 2**20 // len(part)), 200)
        assert len(page.words) <= 200


def test_a_title_with_an_endless_reference() -> None:
    assert answer(f"<title>&#{'1' * 5000};</title>", 500).words


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "9" * 5000,
    ],
)
def test_wild_dates_to_wait_for(date: str) -> None:
    waiting = answer("", 429, **{"Retry-After": date}).retry_after
    assert waiting is None or waiting == 3600
