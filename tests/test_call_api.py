"""Common behavior of the action that calls any function of a system's API."""

from datetime import UTC, datetime
import json

import probatio as vol
import pytest
from yarl import URL

from custom_components.junction.backends.call_api import (
    HIDDEN,
    MAX_BODY,
    below,
    mask,
    path_below,
    permit,
    reply,
    small_body,
)
from custom_components.junction.backends.http import Answer
from custom_components.junction.backends.verdict import (
    COMMANDS,
    CONFIGURES,
    DELETES,
    LOGS_IN,
    READS,
    Judgement,
    LoginCallError,
    NotConfirmedCallError,
    Rule,
    judge_request,
)
from custom_components.junction.errors import CallerError

JWT = "eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLWJ5dGVz"


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("devices", "devices"),
        ("/devices/command/", "devices/command"),
        ("v1/stream/s--0000-0005--0000-0000-0000-0097--5001/", None),
        ("olohuone/lämpötila", "olohuone/lämpötila"),
    ],
)
def test_paths(typed: str, path: str | None) -> None:
    assert path_below(typed) == (path or typed.strip("/"))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "/",
        None,
        5,
        "..",
        "../hub",
        "devices/../../hub",
        "devices/./x",
        "devices//x",
        "//evil.example/x",
        "http://evil.example/x",
        "user@evil.example",
        "javascript:alert(1)",
        "devices?groupId=1",
        "devices#x",
        "devices\\..\\x",
        "%2e%2e/hub",
        "devices\r\nHost: evil.example",
        "devices\x00",
        "devices\u2028x",
        "a b",
        "a;b",
        "a/．．/b",
        "a／／b",
        "a︓b",
        "x" * 1025,
    ],
)
def test_paths_that_lead_elsewhere(typed: object) -> None:
    with pytest.raises(vol.Invalid):
        path_below(typed)


def test_bodies_are_bounded() -> None:
    assert small_body([{"a": 1}]) == [{"a": 1}]
    small_body("x" * (MAX_BODY - 2))
    with pytest.raises(vol.Invalid):
        small_body("x" * (MAX_BODY - 1))
    with pytest.raises(vol.Invalid):
        small_body({1, 2})


def test_secrets_are_masked_by_name_and_by_shape() -> None:
    said = {
        "hub": JWT,
        "apiKey": "abc",
        "password": "x",
        "tokens": [{"access_token": 5}, f"Bearer {JWT}"],
        "passive": True,
        "compass": "north",
        "token": None,
        "empty_secret": "",
        "ver": "1.14.9.124",
    }
    assert mask(said) == {
        "hub": HIDDEN,
        "apiKey": HIDDEN,
        "password": HIDDEN,
        "tokens": [{"access_token": HIDDEN}, f"Bearer {HIDDEN}"],
        "passive": True,
        "compass": "north",
        "token": None,
        "empty_secret": "",
        "ver": "1.14.9.124",
    }


def answer(body: bytes, **headers: str) -> Answer:
    return Answer(
        status=200,
        headers=headers,
        body=body,
        url=URL("http://x"),
        received=datetime.now(UTC),
    )


@pytest.mark.parametrize("show", [False, True])
def test_replies(show: bool) -> None:
    said = answer(
        json.dumps({"token": "t"}).encode(), ETag="1", Server="x", Location="/y"
    )
    assert reply(said, {"show_secrets": show}) == {
        "status": 200,
        "headers": {"etag": "1", "location": "/y"},
        "body": {"token": "t" if show else HIDDEN},
    }


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", None),
        (b"null", None),
        (b"OK", "OK"),
        (f'"{JWT}"'.encode(), HIDDEN),
        (JWT.encode(), HIDDEN),
    ],
)
def test_replies_that_are_no_object(body: bytes, shown: object) -> None:
    assert reply(answer(body), {"show_secrets": False})["body"] == shown


def test_pictures_and_archives_are_base64() -> None:
    said = answer(b"\x89PNG", **{"Content-Type": "image/png"})
    shown = reply(said, {"show_secrets": False})
    assert (shown["body"], shown["encoding"]) == ("iVBORw==", "base64")


def test_the_root_that_people_copy_along() -> None:
    assert below("api/v1/device", "api/v1") == "device"
    assert below("apis/device", "api") == "apis/device"
    assert below("device", "api/v1") == "device"
    with pytest.raises(CallerError):
        below("api/v1", "api/v1")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "a/1", READS),
        ("GET", "/A/1/", READS),
        ("POST", "a/1", COMMANDS),
        ("POST", "a/1/b", CONFIGURES),
        ("PATCH", "a/1", CONFIGURES),
        ("DELETE", "b", DELETES),
        ("GET", "login", LOGS_IN),
        ("DELETE", "LOGIN/x", LOGS_IN),
    ],
)
def test_rules(method: str, path: str, expected: Judgement) -> None:
    rules = (
        Rule("", r"login(/.*)?", LOGS_IN),
        Rule("POST PUT", r"a/[^/]+", COMMANDS),
    )
    assert judge_request(rules, method, path) is expected


def test_what_is_kept_back() -> None:
    permit(READS, "GET a", {"confirm": False})
    permit(CONFIGURES, "PUT a", {"confirm": True})
    with pytest.raises(NotConfirmedCallError):
        permit(CONFIGURES, "PUT a", {"confirm": False})
    with pytest.raises(LoginCallError):
        permit(LOGS_IN, "PUT a", {"confirm": True})
