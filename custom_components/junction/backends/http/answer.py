"""Answer of a server: status, JSON however it is labeled, and words for people."""

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
"""The longest time in s for which we believe a server that it wants to be left alone."""

LARGE: Final = 256 * 1024
"""Bytes from which on a body is read in a thread; see ``Answer.prepared``."""

MAX_PARTS: Final = 250_000
"""Objects and arrays in one body. Each weighs a hundred times its two brackets."""

_MAX_WORDS: Final = 200
# Where a server says something to people it does so early.
_SEARCHED: Final = 64 * 1024
# How servers call a port of theirs to which plain HTTP was sent.
_TLS_PORT: Final = (b"https port", b"ssl-enabled server port", b"https server")
# What only a body has that holds text to be cleaned: escapes, DEL and everything that
# is not ASCII.
_SUSPECT: Final = (b"\\u", b"\\b", b"\\f", b"\\r", b"\x7f")
# A list of messages longer than this fills no line better.
_MAX_SAYINGS: Final = 50
_OPENING: Final = re.compile("<title", re.IGNORECASE)
_CLOSING: Final = re.compile("</title", re.IGNORECASE)
_UNREAD: Final = object()
# Where servers put what they say to people, the best place first.
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
    """What a server answered. Its parts are read when asked for, and never shown by repr.

    ``received`` is when its head arrived. ``clean`` takes secrets out of a text.
    ``outcome`` is what reading the JSON gave, where that was done before.
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
        """The body as text that can be stored; what is not UTF-8 is replaced."""
        return clean_text(self.body.decode("utf-8-sig", errors="replace"))

    def json(self) -> object:
        """Return the JSON in the body, whatever the content type says.

        Its texts can be stored and shown (see ``clean_value``).

        Raises EmptyAnswerError, HtmlAnswerError, InvalidJsonError or AnswerTooLargeError.
        """
        outcome = self._read() if self.outcome is _UNREAD else self.outcome
        if isinstance(outcome, BackendError):
            raise outcome.with_traceback(None)
        return outcome

    def prepared(self) -> Answer:
        """Return the answer with its JSON read, for large ones. Runs in a thread."""
        return replace(self, outcome=self._read())

    def _read(self) -> object:
        """Return the JSON in the body, or the error that it is."""
        body = self.body
        if (parts := body.count(b"[") + body.count(b"{")) > MAX_PARTS:
            return AnswerTooLargeError(len(body))
        try:
            found: object = orjson.loads(body)
            suspect = not body.isascii() or any(mark in body for mark in _SUSPECT)
        except orjson.JSONDecodeError:
            text = body.decode("utf-8-sig", errors="replace")
            try:
                # More tolerant: NaN, control characters and broken UTF-8 in strings.
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
        """Return the JSON object in the body; raise UnexpectedJsonError for other JSON."""
        if isinstance(found := self.json(), dict):
            return found
        raise UnexpectedJsonError(type(found).__name__)

    def array(self) -> list[Any]:
        """Return the JSON array in the body; raise UnexpectedJsonError for other JSON."""
        if isinstance(found := self.json(), list):
            return found
        raise UnexpectedJsonError(type(found).__name__)

    @property
    def words(self) -> str:
        """What the server says to people: one short line without secrets, or "".

        It is found in JSON (a string, the usual keys, messages per field), in plain
        text, or in the title of a web page. Tracebacks are cut to their last line.
        """
        body = self.body[:_SEARCHED]
        try:
            said = "; ".join(islice(_sayings(orjson.loads(body)), _MAX_SAYINGS))
        except orjson.JSONDecodeError:
            said = body.decode("utf-8-sig", errors="replace").lstrip()
            if said.startswith("<"):
                said = _title(said)
        return self.clean(_one_line(said))

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait (0 to ``MAX_RETRY_AFTER``), None when not said.

        Some servers say it on every answer: it means something only on 429 and 503.
        """
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdecimal():
            seconds = float(text)
        elif (moment := read_http_date(text)) is not None:
            # Both dates are by the server's clock, which may not be ours.
            now = read_http_date(self.headers.get("Date", "")) or self.received
            seconds = (moment - now).total_seconds()
        else:
            return None
        return min(max(seconds, 0.0), MAX_RETRY_AFTER)


type Check = Callable[[Answer], BackendError | None]
"""Tells what is wrong with an answer, None when nothing is. Sees every answer, 200 too."""


def _phrase(status: int) -> str:
    """Return a status with its standard words, since a bare number tells people nothing."""
    try:
        words = HTTPStatus(status).phrase
    except ValueError:
        words = "no standard status"
    return f"HTTP {status} ({words})"


def check_status(answer: Answer) -> BackendError | None:
    """Judge by the status alone. A backend's own check handles its quirks, then asks this.

    401 is AuthFailedError, 403 PermissionDeniedError, 404 NotFoundError, 429 (and 503
    with Retry-After) RateLimitedError, other 5xx ServerError, redirects RedirectedError,
    and what is left over of 4xx RejectedError.
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


def wants_https(answer: Answer) -> bool:
    """Return whether a server says that its port takes HTTPS only.

    nginx, Apache, and servers written in Go say so in words, on plain HTTP.
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


def _sayings(said: object, depth: int = 3) -> Iterator[str]:
    """Find texts for people in what a server says about an error."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, list) and depth:
        for part in said:
            yield from _sayings(part, depth - 1)
    elif isinstance(said, dict) and depth:
        for key in _SAYING:
            if found := [*_sayings(said.get(key), depth - 1)]:
                yield from found
                return
        for key, part in said.items():
            if found := [*_sayings(part, depth - 1)]:
                yield f"{key}: {' '.join(found)}"


def _title(page: str) -> str:
    """Return the title of a web page, by searching it once from its begin to its end."""
    begin = _OPENING.search(page)
    if begin is None:
        return ""
    inside = page.find(">", begin.end()) + 1
    end = _CLOSING.search(page, inside)
    if not inside or end is None:
        return ""
    # Cut before it is unescaped: a reference of thousands of digits is an error there.
    return unescape(page[inside : min(end.start(), inside + 4 * _MAX_WORDS)])


def _one_line(text: str) -> str:
    text = clean_text(text[:_SEARCHED])
    lines = [line for line in text.splitlines() if line.strip()]
    if "Traceback (most recent call last)" in text:
        lines = lines[-1:]
    line = "".join(c for c in " ".join(" ".join(lines).split()) if c.isprintable())
    return line if len(line) <= _MAX_WORDS else line[: _MAX_WORDS - 1] + "…"
