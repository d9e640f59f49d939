"""Both APIs: path, method, enabled or not, key, and then the content."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
import re
from typing import Any

from aiohttp import web

from . import fields, live, processing, telegram
from .answers import json_answer, not_found, schema_answer, server_error, text_answer
from .lists import FilterError, Listing
from .rows import ListTable, Table
from .state import State

_TWICE = "Day statistics (automatically generated data) with this Date already exists."
_MARKS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)


class BodyError(Exception):
    """A body that cannot be parsed, with the status and text of the response."""

    def __init__(self, status: int, detail: str) -> None:
        """Store both."""
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path: its handler for each method, and the version that added it."""

    handlers: Mapping[str, Callable[[web.Request], Awaitable[web.Response]]]
    since: tuple[int, ...] = (1, 7)
    until: tuple[int, ...] = (99,)

    @property
    def allow(self) -> str:
        """The header of that name."""
        names = [name for name in ("GET", "POST", "PATCH") if name in self.handlers]
        return ", ".join([*names, "HEAD", "OPTIONS"])


class Api:
    """All paths of a server."""

    def __init__(self, state: State) -> None:
        """Build the table of paths."""
        self.state = state
        self.endpoints = self._build()

    def _build(self) -> dict[str, Endpoint]:
        state = self.state
        single = self._single
        return {
            "datalogger/dsmrreading": Endpoint(
                {"GET": self._list_readings, "POST": self._post_reading}
            ),
            "datalogger/meter-statistics": Endpoint(
                {
                    "GET": single(lambda _: live.meter_statistics(state)),
                    "PATCH": self._patch_meter,
                },
                (3, 1),
            ),
            "consumption/electricity": self._listed(
                lambda: state.electricity, fields.ELECTRICITY
            ),
            "consumption/gas": self._listed(lambda: state.gas, fields.GAS),
            "consumption/today": Endpoint(
                {"GET": single(lambda _: live.today(state))}, (1, 9)
            ),
            "consumption/electricity-live": Endpoint(
                {"GET": single(lambda lang: live.electricity_live(state, lang))},
                (1, 19),
            ),
            "consumption/gas-live": Endpoint(
                {"GET": single(lambda lang: live.gas_live(state, lang))}, (2, 1)
            ),
            "consumption/quarter-hour-peak-electricity": self._listed(
                lambda: state.peaks,
                fields.PEAK,
                ("read_at_start", "average_delivered"),
                (5, 9),
            ),
            "consumption/energy-supplier-prices": self._listed(
                self._prices, fields.PRICE, ("start", "end"), (5, 3)
            ),
            "statistics/day": Endpoint(
                {"GET": self._list_days}
                | ({"POST": self._post_day} if state.has(4, 7) else {})
            ),
            "statistics/hour": self._listed(lambda: state.hours, fields.HOUR),
            "application/version": Endpoint(
                {
                    "GET": single(
                        lambda _: {"version": ".".join(map(str, state.version))}
                    )
                },
                (1, 20),
            ),
            "application/monitoring": Endpoint(
                {"GET": single(lambda _: live.monitoring(state))}, (4, 4)
            ),
        }

    # Checks before the handler

    async def v1(self, request: web.Request) -> web.Response:
        """Handle ``POST /api/v1/datalogger/dsmrreading``."""
        if request.method != "POST":
            return text_answer(405, "", {"Allow": "POST, OPTIONS"})
        if self.state.database_down:
            return server_error()
        if not self.state.allow:
            return text_answer(405, "API is disabled", {"Allow": "POST"})
        if not self._has_key(request):
            return text_answer(403, "Invalid auth key")
        # As strict as the product: form data only, never JSON.
        form: Mapping[str, Any] = {}
        if request.content_type in _MARKS[1:]:
            form = await _form(request)
        text = form.get("telegram")
        if not isinstance(text, str) or not text:
            return text_answer(400, "Invalid data")
        return self.take(text)

    def take(self, text: str) -> web.Response:
        """Store a telegram, and return the response to its sender."""
        state = self.state
        try:
            reading, statistics = telegram.read(
                text, state.vendor, state.zone, state.now()
            )
        except telegram.RefusedError:
            state.rejected += 1
            return text_answer(500, "Failed to parse telegram")
        except telegram.BrokenError:
            return server_error()
        state.new.add(reading)
        state.meter |= {k: v for k, v in statistics.items() if v is not None}
        state.meter["timestamp"] = reading["timestamp"]
        state.meter["latest_telegram"] = text.strip("\0 \t\r\n")
        return text_answer(201, "")

    async def v2(self, request: web.Request) -> web.Response:
        """Handle everything below ``/api/v2/``."""
        state = self.state
        path = request.match_info["path"]
        if path == "schema" and state.has(3, 1):
            return schema_answer(request)
        endpoint = self.endpoints.get(path)
        if endpoint is None or not endpoint.since <= state.version < endpoint.until:
            return not_found()
        allow = {"Allow": endpoint.allow}
        if state.database_down:
            return server_error()
        if not state.allow:
            return json_answer(403, {"detail": "API is disabled"}, allow)
        if not self._has_key(request):
            return json_answer(403, {"detail": "Invalid auth key"}, allow)
        if "application/json" not in (accept := request.headers.get("Accept", "*/*")):
            if "*/*" not in accept and "application/*" not in accept:
                detail = "Could not satisfy the request Accept header."
                return json_answer(406, {"detail": detail}, allow)
        if request.method == "OPTIONS":
            return json_answer(
                200, {"renders": ["application/json"], "parses": _MARKS}, allow
            )
        method = "GET" if request.method == "HEAD" else request.method
        handler = endpoint.handlers.get(method)
        if handler is None:
            detail = f'Method "{request.method}" not allowed.'
            return json_answer(405, {"detail": detail}, allow)
        processing.process(state)
        response = await self._handle(handler, request)
        response.headers.update(allow)
        return response

    async def _handle(
        self,
        handler: Callable[[web.Request], Awaitable[web.Response]],
        request: web.Request,
    ) -> web.Response:
        try:
            return await handler(request)
        except FilterError as err:
            return json_answer(400, err.errors)
        except BodyError as err:
            return json_answer(err.status, {"detail": err.detail})

    def _has_key(self, request: web.Request) -> bool:
        key = self.state.key
        if request.headers.get("X-AUTHKEY") == key:
            return True
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "token" and token == key and self.state.has(2, 1)

    # Handlers

    def _single(
        self, make: Callable[[str], object]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            return json_answer(200, make(language_of(request)))

        return handler

    def _listed(
        self,
        table: Callable[[], Table],
        columns: Mapping[str, fields.Field],
        orderings: tuple[str, ...] = (),
        since: tuple[int, ...] = (1, 7),
    ) -> Endpoint:
        async def handler(request: web.Request) -> web.Response:
            found = table()
            listing = Listing(self.state, found, columns, orderings or (found.key,))
            return json_answer(200, listing.answer(request))

        return Endpoint({"GET": handler}, since)

    @property
    def _reading(self) -> Mapping[str, fields.Field]:
        return fields.READING if self.state.has(2, 5) else fields.OLD_READING

    @property
    def _day(self) -> Mapping[str, fields.Field]:
        return fields.DAY if self.state.has(4, 13) else fields.OLD_DAY

    async def _list_readings(self, request: web.Request) -> web.Response:
        listing = Listing(
            self.state, self.state.readings, self._reading, ("timestamp",)
        )
        return json_answer(200, listing.answer(request))

    async def _list_days(self, request: web.Request) -> web.Response:
        listing = Listing(self.state, self.state.days, self._day, ("day",))
        return json_answer(200, listing.answer(request))

    async def _post_reading(self, request: web.Request) -> web.Response:
        return await self._create(request, self._reading, self.state.new)

    async def _post_day(self, request: web.Request) -> web.Response:
        return await self._create(request, self._day, self.state.days, unique="day")

    async def _create(
        self,
        request: web.Request,
        columns: Mapping[str, fields.Field],
        table: ListTable,
        unique: str | None = None,
    ) -> web.Response:
        state = self.state
        body = await _body(request)
        values, errors = fields.validate(
            body, columns, state.zone, language_of(request)
        )
        if (
            unique
            and unique not in errors
            and table.between(values[unique], values[unique])
        ):
            errors[unique] = [_TWICE]
        if errors:
            return json_answer(400, errors)
        row = table.add(values)
        return json_answer(201, Listing(state, table, columns, ()).show(row))

    async def _patch_meter(self, request: web.Request) -> web.Response:
        state = self.state
        values, errors = fields.validate(
            await _body(request),
            fields.METER,
            state.zone,
            language_of(request),
            partial=True,
        )
        if errors:
            return json_answer(400, errors)
        state.rejected = values.pop("rejected_telegrams", state.rejected)
        state.meter |= values
        return json_answer(200, live.meter_statistics(state))

    def _prices(self) -> ListTable:
        return ListTable(
            "start",
            [
                {
                    "id": number,
                    "start": price.start,
                    "end": price.end,
                    "description": price.description,
                    "electricity_delivered_1_price": price.delivered_1,
                    "electricity_delivered_2_price": price.delivered_2,
                    "gas_price": price.gas,
                    "electricity_returned_1_price": price.returned_1,
                    "electricity_returned_2_price": price.returned_2,
                    "fixed_daily_cost": price.fixed,
                }
                for number, price in enumerate(self.state.prices, 1)
            ],
        )


async def _body(request: web.Request) -> Mapping[str, Any]:
    if request.content_type not in _MARKS:
        detail = f'Unsupported media type "{request.content_type}" in request.'
        # A missing content type counts as an empty form.
        if await request.read():
            raise BodyError(415, detail)
        return {}
    if request.content_type != "application/json":
        return await _form(request)
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as err:
        raise BodyError(400, f"JSON parse error - {err}") from None
    return body if isinstance(body, dict) else {}


async def _form(request: web.Request) -> Mapping[str, Any]:
    if request.content_type != "multipart/form-data":
        return await request.post()
    # The request log has read the body already, and aiohttp reads multipart only once.
    boundary = re.escape(request.headers["Content-Type"].partition("boundary=")[2])
    text = (await request.read()).decode()
    return dict(
        re.findall(
            rf'--{boundary}\r\n[^\r]*name="([^"]*)"\r\n\r\n(.*?)(?=\r\n--{boundary})',
            text,
            re.DOTALL,
        )
    )


def language_of(request: web.Request) -> str:
    """Return the requested language, nl or en."""
    wanted = request.headers.get("Accept-Language", "en")
    return "nl" if wanted.strip().lower().startswith("nl") else "en"
