"""Answer of a server: status, JSON regardless of its content type, and messages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from http import HTTPStatus
from itertools import islice
import json
import re
from typing import Any, Final

import orjson
from yarl import URL

from ...cleaning import MAX_DEPTH, clean_text, clean_value, is_deep
from ...errors import AuthFailedError, BackendError, RateLimitedError, RejectedError
from ...moments import read_http_date
from .errors import (
    AnswerTooLargeError,
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    NotFoundError,
    PermissionDeniedError,
    RedirectedError,
    ServerError,
    UnexpectedJsonError,
)

MAX_RETRY_AFTER: Final = 3600.0
"""Maximum Retry-After in seconds; longer values are cut."""

LARGE: Final = 256 * 1024
"""Bytes from which a body is parsed in a thread; see ``Answer.prepared``."""

MAX_PARTS: Final = 250_000
"""Maximum number of objects and arrays in one body.

Each takes about a hundred times the memory of its two brackets.
"""

_MAX_WORDS: Final = 200
# Servers put their messages near the start.
_SEARCHED: Final = 64 * 1024
# Messages of servers whose HTTPS port received plain HTTP.
_TLS_PORT: Final = (b"https port", b"ssl-enabled server port", b"https server")
# Only a body with one of these can hold text to be cleaned: escapes, DEL, and
# everything that is not ASCII.
_SUSPECT: Final = (b"\\u", b"\\b", b"\\f", b"\\r", b"\x7f")
# More messages do not fit into one line anyway.
_MAX_SAYINGS: Final = 50
_OPENING: Final = re.compile("<title", re.IGNORECASE)
_CLOSING: Final = re.compile("</title", re.IGNORECASE)
_UNREAD: Final = object()
# Keys of messages, the best one first.
_SAYING: Final = (
    "detail",
    "message",
    "msg",
    "error_description",
    "error",
    "errors",
    "non_field_errors",
    "custom",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer of a server. Its parts are parsed on demand; repr shows no content.

    ``received`` is when its headers arrived. ``clean`` removes secrets from a text.
    ``outcome`` is the parsed JSON or its error, if it was parsed before.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: URL = field(repr=False)
    received: datetime
    clean: Callable[[str], str] = field(default=str, repr=False)
    outcome: object = field(default=_UNREAD, repr=False)

    @property
    def text(self) -> str:
        """Return the body as text that can be stored; invalid UTF-8 is replaced."""
        return clean_text(self.body.decode("utf-8-sig", errors="replace"))

    def json(self) -> object:
        """Return the JSON of the body, regardless of the content type.

        Its texts are cleaned (see ``clean_value``).

        Raises EmptyAnswerError, HtmlAnswerError, InvalidJsonError, or
        AnswerTooLargeError.
        """
        outcome = self._read() if self.outcome is _UNREAD else self.outcome
        if isinstance(outcome, BackendError):
            raise outcome.with_traceback(None)
        return outcome

    def prepared(self) -> Answer:
        """Return the answer with its JSON parsed, if it is large. Runs in a thread."""
        return replace(self, outcome=self._read())

    def _read(self) -> object:
        """Return the JSON of the body, or the error of parsing it."""
        body = self.body
        if (parts := body.count(b"[") + body.count(b"{")) > MAX_PARTS:
            return AnswerTooLargeError(len(body))
        try:
            found: object = orjson.loads(body)
            suspect = not body.isascii() or any(mark in body for mark in _SUSPECT)
        except orjson.JSONDecodeError:
            text = body.decode("utf-8-sig", errors="replace")
            try:
                # Python's parser accepts more: NaN, control characters, and broken
                # UTF-8 in strings.
                found, suspect = json.loads(text, strict=False), True
            except (ValueError, RecursionError) as err:
                if not (text := text.strip()):
                    return EmptyAnswerError(f"HTTP {self.status}")
                if text.startswith("<"):
                    return HtmlAnswerError(self.words)
                where = err.pos if isinstance(err, json.JSONDecodeError) else 0
                return InvalidJsonError(f"{where}/{len(text)}")
        if parts > MAX_DEPTH and is_deep(found):
            return InvalidJsonError(f"> {MAX_DEPTH}")
        return clean_value(found) if suspect else found

    def object(self) -> dict[str, Any]:
        """Return the JSON object of the body. Raises UnexpectedJsonError for other JSON."""
        if isinstance(found := self.json(), dict):
            return found
        raise UnexpectedJsonError(type(found).__name__)

    def array(self) -> list[Any]:
        """Return the JSON array of the body. Raises UnexpectedJsonError for other JSON."""
        if isinstance(found := self.json(), list):
            return found
        raise UnexpectedJsonError(type(found).__name__)

    @property
    def words(self) -> str:
        """Return the server's message: one short line without secrets, or "".

        It comes from JSON (a string, the usual keys, messages per field), plain text,
        or the title of a web page. Tracebacks are cut to their last line.
        """
        body = self.body[:_SEARCHED]
        try:
            said = "; ".join(islice(_messages(orjson.loads(body)), _MAX_SAYINGS))
        except orjson.JSONDecodeError:
            said = body.decode("utf-8-sig", errors="replace").lstrip()
            if said.startswith("<"):
                said = _title(said)
        return self.clean(_one_line(said))

    @property
    def retry_after(self) -> float | None:
        """Return the seconds to wait (0 to ``MAX_RETRY_AFTER``), None if not given.

        Some servers send it with every answer: it is meaningful only for 429 and 503.
        """
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdecimal():
            seconds = float(text)
        elif (moment := read_http_date(text)) is not None:
            # Both dates are by the server's clock, which may differ from ours.
            now = read_http_date(self.headers.get("Date", "")) or self.received
            seconds = (moment - now).total_seconds()
        else:
            return None
        return min(max(seconds, 0.0), MAX_RETRY_AFTER)


type Check = Callable[[Answer], BackendError | None]
"""Return the error of an answer, None if there is none. Called for every answer, 200 included."""


def _phrase(status: int) -> str:
    """Return a status with its standard phrase, because users do not know the numbers."""
    try:
        words = HTTPStatus(status).phrase
    except ValueError:
        words = "no standard status"
    return f"HTTP {status} ({words})"


def check_status(answer: Answer) -> BackendError | None:
    """Return the error of an answer by its status alone.

    A backend's own check handles special cases first, then calls this. 401 is
    AuthFailedError, 403 PermissionDeniedError, 404 NotFoundError, 429 (and 503 with
    Retry-After) RateLimitedError, other 5xx ServerError, redirects RedirectedError, and
    other 4xx RejectedError.
    """
    status = answer.status
    if status < 300 or status == HTTPStatus.NOT_MODIFIED:
        return None
    if status < 400:
        return _redirected(answer)
    detail = answer.words or _phrase(status)
    wait = answer.retry_after
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None
    ):
        return RateLimitedError(detail, retry_after=wait)
    if status >= 500:
        return ServerError(status, detail)
    by_status: dict[int, type[BackendError]] = {
        HTTPStatus.UNAUTHORIZED: AuthFailedError,
        HTTPStatus.FORBIDDEN: PermissionDeniedError,
        HTTPStatus.NOT_FOUND: NotFoundError,
    }
    return by_status.get(status, RejectedError)(detail)


def requires_https(answer: Answer) -> bool:
    """Return whether a server says that its port accepts HTTPS only.

    nginx, Apache, and servers written in Go say so in a plain HTTP answer.
    """
    if answer.url.scheme != "http" or answer.status != HTTPStatus.BAD_REQUEST:
        return False
    said = answer.body[:_SEARCHED].lower()
    return b"http" in said and any(words in said for words in _TLS_PORT)


def _redirected(answer: Answer) -> RedirectedError:
    here = answer.url
    try:
        to = here.join(URL(answer.headers.get("Location", "")))
        elsewhere = to.origin() != here.origin()
    except ValueError:
        return RedirectedError("?")
    return RedirectedError(
        f"{to.scheme}://…{to.raw_path}" if elsewhere else to.raw_path,
        to_https=(here.scheme, to.scheme) == ("http", "https")
        and (here.host, here.raw_path) == (to.host, to.raw_path),
    )


def _messages(said: object, depth: int = 3) -> Iterator[str]:
    """Yield the messages in a server's error."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, list) and depth:
        for part in said:
            yield from _messages(part, depth - 1)
    elif isinstance(said, dict) and depth:
        for key in _SAYING:
            if found := [*_messages(said.get(key), depth - 1)]:
                yield from found
                return
        for key, part in said.items():
            if found := [*_messages(part, depth - 1)]:
                yield f"{key}: {' '.join(found)}"


def _title(page: str) -> str:
    """Return the title of a web page, found in a single pass."""
    begin = _OPENING.search(page)
    if begin is None:
        return ""
    inside = page.find(">", begin.end()) + 1
    end = _CLOSING.search(page, inside)
    if not inside or end is None:
        return ""
    # Cut first: unescaping a character reference of thousands of digits raises.
    return unescape(page[inside : min(end.start(), inside + 4 * _MAX_WORDS)])


def _one_line(text: str) -> str:
    text = clean_text(text[:_SEARCHED])
    lines = [line for line in text.splitlines() if line.strip()]
    if "Traceback (most recent call last)" in text:
        lines = lines[-1:]
    line = "".join(c for c in " ".join(" ".join(lines).split()) if c.isprintable())
    return line if len(line) <= _MAX_WORDS else line[: _MAX_WORDS - 1] + "…"
