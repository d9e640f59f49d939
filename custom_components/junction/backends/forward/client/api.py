"""Requests to a DSMR-reader server: keys, errors, and the calls that write.

See ``docs/protocols/dsmr_reader.md#transport-authentication-and-errors``.

No path ends in a slash, which would be a 404; redirects and links are never followed.
"""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import takewhile
from typing import Any, Final

import aiohttp
from yarl import URL

from ....errors import BackendError, ProtocolError
from ....moments import moment_at
from ...http import (
    Answer,
    Authenticator,
    Clock,
    Counters,
    HttpTransport,
    NotFoundError,
    TlsPolicy,
    base_url,
    check_status,
    json_fields,
)
from .errors import (
    ApiDisabledError,
    IngressError,
    InvalidDataError,
    InvalidKeyError,
    NotReaderError,
    ProxyAuthError,
    TelegramRefusedError,
)

DISABLED: Final = "API is disabled"
REFUSED: Final = "Failed to parse telegram"

READINGS: Final = "api/v2/datalogger/dsmrreading"
METER_STATISTICS: Final = "api/v2/datalogger/meter-statistics"

# First path segments of a server's web pages.
_PAGES: Final = frozenset(
    (
        "accounts",
        "admin",
        "api",
        "archive",
        "compare",
        "dashboard",
        "energy-contracts",
        "export",
        "healthcheck",
        "live",
        "login",
        "logout",
        "notifications",
        "statistics",
        "status",
        "support",
        "trends",
    )
)
_HOME_ASSISTANT: Final = 8123
# What is wrong with one request, and not with others: a proxy may limit its size.
_INVALID: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONTENT_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_CONTENT,
)

# Seconds. A list of 1000 rows takes 0.05 s on a fast server and 20 times that on a Pi.
TIMEOUT: Final = 20.0
_MAX_BODY: Final = 16 * 2**20


def reader_url(typed: str) -> URL:
    """Return the base URL of a server from an address that the user typed or copied.

    The path of a web page is removed: ``/admin/login/?next=/``, ``/dashboard``,
    ``/api/v2/``. Raises InvalidAddressError, and IngressError for the address of the
    app's page in Home Assistant.
    """
    url = base_url(typed, scheme="http")
    path = url.path
    if "hassio_ingress" in path or "/hassio/ingress" in path or "/app/" in path:
        raise IngressError
    parts = [part for part in path.split("/") if part]
    kept = [*takewhile(lambda part: part not in _PAGES, parts)]
    return url.with_path("/".join(["", *kept]))


def normal_url(url: URL) -> str:
    """Return a normalized URL for comparison."""
    return str(url).rstrip("/").lower()


class ReaderApi:
    """API client of one server. ``user`` and ``password`` are those of a proxy in front of it.

    At most two requests are in flight, because small servers answer one at a time. All
    methods raise ``BackendError``: UnreachableError (also while the server's database
    is down), InvalidKeyError, ProxyAuthError, ApiDisabledError, NotFoundError (an older
    version lacks the path), InvalidDataError, ProtocolError.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        key: str,
        *,
        user: str | None = None,
        password: str | None = None,
        tls: TlsPolicy | None = None,
        timeout: float = TIMEOUT,
        clock: Clock | None = None,
    ) -> None:
        """Store the settings; nothing is sent yet."""
        headers = {
            "Accept": "application/json",
            # Decimal points and English messages, regardless of the server's settings.
            "Accept-Language": "en",
        }
        keys = {"X-AUTHKEY": key}
        if user:
            keys["Authorization"] = aiohttp.encode_basic_auth(
                user, password or "", encoding="utf-8"
            )
        self._transport = HttpTransport(
            session,
            base,
            headers=headers,
            limit=2,
            timeout=timeout,
            max_body=_MAX_BODY,
            tls=tls,
            check=check,
            auth=Authenticator.fixed(keys),
            clock=clock,
        )

    @property
    def base(self) -> URL:
        """Return the base URL of the server."""
        return self._transport.base

    @property
    def counters(self) -> Counters:
        """Return the request counters."""
        return self._transport.counters

    @property
    def skew(self) -> float:
        """Return the seconds by which the server's clock is ahead of ours."""
        return self._transport.skew

    async def get(self, path: str, **params: object) -> object:
        """Return the JSON of a path below ``api/v2/``; a parameter of None is omitted."""
        answer = await self._transport.request("GET", f"api/v2/{path}", params=params)
        return answer.json()

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
    ) -> Answer:
        """Send any request; ``path`` is below ``/api/`` and begins with the API's version.

        Version 1 takes forms, version 2 JSON. Requests that are not safe to repeat are
        sent once.
        """
        form = body if path.startswith("v1/") and isinstance(body, Mapping) else None
        if form and isinstance(telegram := form.get("telegram"), str):
            # A typed or stored telegram has lost its CR LF, which the checksum needs.
            lines = telegram.replace("\r\n", "\n").split("\n")
            form = {**form, "telegram": "\r\n".join(lines)}
        return await self._transport.request(
            method,
            f"api/{path}",
            params=query,
            # The API's own description has no other content type.
            headers={"Accept": "application/json, */*;q=0.1"},
            form=form,
            json=body if form is None else None,
        )

    async def version(self) -> str | None:
        """Return the version; None for a server that is too old (< 1.20) to report it.

        Also verifies that the server is a DSMR-reader and that the key is valid. Raises
        NotReaderError or IngressError if it is not a DSMR-reader.
        """
        try:
            found = await self.get("application/version")
        except NotFoundError as err:
            await self._check_readings(err)
            return None
        version = json_fields.text(found, "version")
        if version is None:
            raise NotReaderError
        return version

    async def _check_readings(self, err: BackendError) -> None:
        """Check whether a server without a version has readings."""
        if await self._is_home_assistant():
            raise IngressError from err
        try:
            found = await self.get("datalogger/dsmrreading", limit=1)
        except NotFoundError:
            raise NotReaderError from None
        if json_fields.sequence(found, "results") is None:
            raise NotReaderError

    async def _is_home_assistant(self) -> bool:
        """Return whether Home Assistant answers, on any port."""
        if self.base.port == _HOME_ASSISTANT:
            return True
        try:
            answer = await self._transport.request("GET", "manifest.json")
            found = answer.json()
        except BackendError:
            return False
        return json_fields.text(found, "name") == "Home Assistant"

    async def has_reading(self, at: float, *, timeout: float | None = None) -> bool:
        """Return whether the server has a reading of a second (Unix time).

        Used after a request without an answer. Raises what ``get`` raises.
        """
        if (second := moment_at(int(at))) is None:
            return False
        moment = f"{second:%Y-%m-%dT%H:%M:%SZ}"
        answer = await self._transport.request(
            "GET",
            READINGS,
            params={
                "timestamp__gte": moment,
                "timestamp__lte": moment,
                "limit": 1,
            },
            timeout=timeout,
        )
        return bool(json_fields.sequence(answer.json(), "results"))

    async def post_telegram(
        self, telegram: str, *, timeout: float | None = None
    ) -> None:
        """Send a telegram as the meter printed it, CR LF included (API v1).

        Latin-1 characters of the meter are sent as UTF-8, which the server accepts.
        ``timeout`` (s) overrides the default. Raises TelegramRefusedError if the server
        can never parse it. A telegram sent twice is stored twice; after a request
        without an answer, check ``has_reading``.
        """
        answer = await self._transport.request(
            "POST",
            "api/v1/datalogger/dsmrreading",
            form={"telegram": telegram},
            timeout=timeout,
        )
        if answer.status != HTTPStatus.CREATED and answer.body.strip():
            # The login page of a proxy: old versions send an empty body with 200.
            raise NotReaderError(answer.words)

    async def post_reading(
        self, reading: Mapping[str, Any], *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Create a reading (API v2) and return the stored row; empty if it is unreadable.

        ``reading`` has ``timestamp`` with its offset, and ``electricity_delivered_1``
        etc. as texts with at most 3 decimals. The server accepts a timestamp in the
        future, but then freezes its live values, so never send one.
        """
        answer = await self._transport.request(
            "POST", READINGS, json=dict(reading), timeout=timeout
        )
        try:
            return answer.object()
        except ProtocolError:
            if answer.status == HTTPStatus.CREATED:
                return {}
            raise

    async def patch_meter_statistics(self, facts: Mapping[str, Any]) -> None:
        """Send the meter's data about itself (tariff, failures, version)."""
        await self._transport.request(
            "PATCH", METER_STATISTICS, json=dict(facts), idempotent=True
        )

    async def post_day(self, day: Mapping[str, Any]) -> dict[str, Any]:
        """Create the statistics of a day and return them."""
        answer = await self._transport.request(
            "POST", "api/v2/statistics/day", json=dict(day)
        )
        return answer.object()


def check(answer: Answer) -> BackendError | None:
    """Return the error of an answer of either API version, or None.

    Only a proxy answers 401; see ``docs/protocols/dsmr_reader.md#answers``.
    """
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return ProxyAuthError(answer.words)
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED):
        return _refused(answer)
    if status in _INVALID:
        return InvalidDataError(answer.words or HTTPStatus(status).phrase)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and answer.text.strip() == REFUSED:
        return TelegramRefusedError(REFUSED)
    return check_status(answer)


def _refused(answer: Answer) -> BackendError | None:
    text = answer.text.strip()
    html = text.startswith("<")
    words = answer.words
    if words == DISABLED:
        return ApiDisabledError()
    if answer.status == HTTPStatus.FORBIDDEN and not html:
        return InvalidKeyError(words)
    # A proxy's page, or a method that this version lacks.
    return check_status(answer)
