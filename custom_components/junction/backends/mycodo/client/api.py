"""Mycodo's REST API v1 (docs/protocols/mycodo.md#endpoints).

No method repeats a command. Numbers are in Mycodo's units. Besides what is named at
each method, all raise what ``HttpTransport.request`` raises, and DaemonDownError or
DatabaseDownError when a part behind the web server does not answer.
"""

from collections.abc import Awaitable, Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
import re
from typing import Any, Final

import aiohttp
from yarl import URL

from ....errors import ProtocolError, RejectedError
from ...http import (
    Answer,
    Authenticator,
    Clock,
    EmptyAnswerError,
    HtmlAnswerError,
    HttpTransport,
    InvalidJsonError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    TlsPolicy,
    UnexpectedJsonError,
    json_fields as j,
)
from .errors import (
    BadUnitError,
    DatabaseDownError,
    NothingDoneError,
    NotMycodoError,
    ReadOnlyKeyError,
    UnknownTagError,
    UselessKeyError,
    check,
    judge_daemon,
)
from .models import (
    Choice,
    Controller,
    Daemon,
    MeasurementRow,
    Output,
    OutputChannel,
    Outputs,
    Pid,
    Reading,
    Unit,
    output_states,
)

ACCEPT: Final = "application/vnd.mycodo.v1+json"
MULTI: Final = "/measurements/multi"
NOTES: Final = "/notes/create"

POLL_TIMEOUT: Final = 15.0
COMMAND_TIMEOUT: Final = 35.0
"""Seconds; the web server itself waits 30 s for the daemon.

See docs/protocols/mycodo.md#when-a-part-fails.
"""

FOREVER: Final = 31_536_000
"""Seconds: a year. A timer of that length is the only way to keep an output on that is
on for a limited time, without a gap (docs/protocols/mycodo.md#onoff-channels)."""

_NO_JSON: Final = (
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    UnexpectedJsonError,
)
_BAD_INDEX: Final = re.compile(r"at index (\d+)")


class MycodoClient:
    """One Mycodo.

    ``session`` must keep no cookies (a refused request sets one). ``base`` is the URL
    of the web interface, whose path may be the prefix of a reverse proxy. ``key`` is
    the Base64 API key of a user. At most two requests are under way, for the server
    has two threads (docs/protocols/mycodo.md#what-matters-most).
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        key: str,
        *,
        tls: TlsPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Keep all of it; nothing is sent yet."""
        self.session = session
        self.clock = clock or Clock()
        self.tls = tls or TlsPolicy()
        self.transport = HttpTransport(
            session,
            base,
            headers={"Accept": ACCEPT},
            auth=Authenticator.fixed({"X-API-KEY": key}),
            limit=2,
            timeout=POLL_TIMEOUT,
            tls=self.tls,
            check=check,
            clock=self.clock,
        )

    @property
    def skew(self) -> float:
        """Seconds that Mycodo's clock is ahead of ours."""
        return self.transport.skew

    def now(self) -> float:
        """Return the time by Mycodo's clock, in s since 1970."""
        return self.clock.utcnow().timestamp() + self.skew

    # What there is.

    async def capabilities(self) -> frozenset[str]:
        """Return the paths that this installation has; needs no key.

        Raises NotMycodoError for anything but a Mycodo.

        See docs/protocols/mycodo.md#identity-and-versions.
        """
        try:
            found = (await self._get("/swagger.json")).object()
        except (*_NO_JSON, NotFoundError) as err:
            raise NotMycodoError from err
        if j.text(found, "info", "title") != "Mycodo API":
            raise NotMycodoError
        return frozenset(j.mapping(found, "paths") or ())

    async def installation(self) -> str:
        """Return what identifies the installation: the id of its first user.

        Raises UselessKeyError when the key may not look, ProtocolError without a user.

        See docs/protocols/mycodo.md#identity-and-versions.
        """
        users = await self._rows("/settings/users", "user settings")
        ids = [
            (row, identity)
            for user in users
            if (row := j.integer(user, "id")) is not None
            and (identity := j.text(user, "unique_id"))
        ]
        if not ids:
            raise ProtocolError("user settings")
        return min(ids)[1]

    async def outputs(self) -> Outputs:
        """Return all outputs with their states: all that is to know, in one request."""
        found = (await self._get("/outputs/")).object()
        if j.mapping(found, "output states") is None:
            raise ProtocolError("output states")
        channels = map(OutputChannel.read, _listed(found, "output channels"))
        return Outputs(
            tuple(
                Output.read(row)
                for row in _listed(found, "output devices")
                if j.text(row, "unique_id")
            ),
            tuple(channel for channel in channels if channel is not None),
            output_states(found["output states"]),
        )

    async def inputs(self) -> tuple[Controller, ...]:
        """Return all inputs."""
        rows = await self._rows("/inputs/", "input settings")
        return tuple(map(Controller.input, rows))

    async def functions(self) -> tuple[Controller, ...]:
        """Return all functions of the kind "Function"."""
        rows = await self._rows("/functions/", "function settings")
        return tuple(map(Controller.function, rows))

    async def triggers(self) -> tuple[Controller, ...]:
        """Return all triggers."""
        rows = await self._rows("/settings/triggers", "trigger settings")
        return tuple(map(Controller.trigger, rows))

    async def pids(self) -> tuple[Pid, ...]:
        """Return all PID controllers."""
        return tuple(map(Pid.read, await self._rows("/pids/", "pid settings")))

    async def measurement_rows(self) -> tuple[MeasurementRow, ...]:
        """Return what all devices measure.

        In place of ``/inputs/{id}``, which fails since Mycodo 8.16.1
        (docs/protocols/mycodo.md#endpoints).
        """
        rows = await self._rows(
            "/settings/device_measurements", "device measurement settings"
        )
        return tuple(
            row for found in rows if (row := MeasurementRow.read(found)) is not None
        )

    async def units(self) -> tuple[Unit, ...]:
        """Return the units that the user defined."""
        return tuple(
            map(Unit.read, await self._rows("/settings/units", "unit settings"))
        )

    async def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return a choice list: ``controllers`` or ``inputs/measurements`` and the like."""
        rows = await self._rows(f"/choices/{kind}", f"choices {kind.replace('/', ' ')}")
        return tuple(map(Choice.read, rows))

    async def daemon(self) -> Daemon:
        """Return the state of the daemon. Raises ReadOnlyKeyError for a key that may look only."""
        found = (await self._steer(self._get("/daemon/"))).json()
        return Daemon(bool(j.boolean(found, "is_running")), j.number(found, "RAM"))

    async def controller_active(self, identity: str) -> bool:
        """Return whether the daemon runs a controller."""
        answer = await self._steer(self._get(f"/controllers/{identity}"))
        return bool(j.boolean(answer.json(), "is_active"))

    # Measurements.

    async def last(
        self, device: str, unit: str, channel: int, seconds: int
    ) -> Reading | None:
        """Return the last value of the last ``seconds`` (at least 1), None without one.

        With the wrong unit there never is one. Raises BadUnitError for an unknown unit
        and DatabaseDownError.
        """
        path = f"/measurements/last/{device}/{unit}/{channel}/{seconds}"
        return Reading.read((await self._units(self._get(path))).json())

    async def multi(
        self, series: Sequence[tuple[str, str, int]], seconds: int
    ) -> list[Reading | None]:
        """Return the last values of many (device, unit, channel), in one request.

        Only where ``capabilities`` has ``MULTI``. When InfluxDB is down there are no
        values, and no error. Raises BadUnitError with the place of the first bad unit.

        See docs/protocols/mycodo.md#many-reads-at-once.
        """
        body = {
            # Without the measure: converted channels are stored without it.
            "channels": [
                {"unique_id": device, "unit": unit, "channel": channel}
                for device, unit, channel in series
            ],
            "past_seconds": seconds,
        }
        answer = await self._units(
            self._request("POST", MULTI, json=body, idempotent=True)
        )
        rows = j.sequence(answer.json(), "measurements") or []
        readings = [Reading.read(row) for row in rows[: len(series)]]
        return readings + [None] * (len(series) - len(readings))

    async def historical(
        self, device: str, unit: str, channel: int, start: int, end: int = 0
    ) -> list[Reading]:
        """Return the values from ``start`` to ``end`` (s since 1970, 0 = now), by time.

        Raises DatabaseDownError, also for an end before the start.
        """
        path = f"/measurements/historical/{device}/{unit}/{channel}/{start}/{end}"
        found = (await self._units(self._get(path))).json()
        rows = found if isinstance(found, list) else j.sequence(found, "measurements")
        if rows is None:
            raise DatabaseDownError
        readings = (Reading.read(row) for row in rows)
        # Series are strung together, so the order is not that of time
        # (docs/protocols/mycodo.md#single-reads).
        return sorted(
            (reading for reading in readings if reading), key=lambda row: row.time
        )

    async def create_measurement(
        self,
        device: str,
        unit: str,
        channel: int,
        value: float,
        moment: datetime | None = None,
    ) -> None:
        """Store a value under any device id (docs/protocols/mycodo.md#storing-a-value).

        Also "succeeds" when InfluxDB is down. Raises BadUnitError.
        """
        body = {}
        if moment is not None:
            body["timestamp"] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        path = f"/measurements/create/{device}/{unit}/{channel}/{value}"
        await self._steer(self._units(self._post(path, body)))

    # Commands.

    async def set_output(
        self, output: str, channel: int, **fields: float | bool
    ) -> str:
        """Send ``state`` (with ``duration`` in s), ``duty_cycle`` (%) or ``volume`` (ml).

        Returns Mycodo's words. The command may still have come to nothing: look at the
        state. Raises AlreadyOnError, NothingDoneError (the wrong kind of command for
        this output), RejectedError, ReadOnlyKeyError.
        """
        answer = await self._steer(
            self._post(f"/outputs/{output}", {"channel": channel, **fields})
        )
        words = (
            (j.text(answer.json(), "message") or "").removeprefix("Success:").strip()
        )
        if not words:
            raise NothingDoneError
        return words

    async def activate(self, identity: str, active: bool) -> None:
        """Start or stop a controller; fine when it is so already.

        See docs/protocols/mycodo.md#controllers.
        """
        try:
            await self._steer(
                self._post(f"/controllers/{identity}", {"activate": active})
            )
        except RejectedError as err:
            so_already = "already active" if active else "not found"
            if isinstance(err, PermissionDeniedError) or so_already not in err.detail:
                raise

    async def force_measurement(self, identity: str) -> None:
        """Let an active input measure now; the value appears later.

        See docs/protocols/mycodo.md#measuring-now.
        """
        answer = await self._steer(
            self._request(
                "POST", f"/inputs/{identity}/force-measurement", timeout=COMMAND_TIMEOUT
            )
        )
        # A stopped daemon is a "success" whose message is a traceback.
        if (error := judge_daemon(j.text(answer.json(), "message") or "")) is not None:
            raise error

    async def create_note(self, name: str, note: str, tags: Iterable[str]) -> None:
        """Write a note. ``tags`` are ids of tags, at least one.

        Raises UnknownTagError, ReadOnlyKeyError.

        See docs/protocols/mycodo.md#deviations-from-the-documentation.
        """
        body = {"name": name, "note": note, "tags": ",".join(tags)}
        try:
            await self._steer(self._post(NOTES, body))
        except ServerError as err:
            if err.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            raise UnknownTagError(err.detail) from err

    # How.

    async def _request(self, method: str, path: str, **options: Any) -> Answer:
        return await self.transport.request(method, f"/api{path}", **options)

    async def _get(self, path: str) -> Answer:
        try:
            return await self._request("GET", path)
        except PermissionDeniedError as err:
            raise UselessKeyError(err.detail) from err

    async def _post(self, path: str, body: object) -> Answer:
        return await self._request("POST", path, json=body, timeout=COMMAND_TIMEOUT)

    async def _rows(self, path: str, wrapper: str) -> list[dict[str, Any]]:
        """Return the rows of a listing."""
        found = (await self._get(path)).object()
        return _listed(found, wrapper)

    async def _steer[ResultT](self, request: Awaitable[ResultT]) -> ResultT:
        try:
            return await request
        except PermissionDeniedError as err:
            raise ReadOnlyKeyError(err.detail) from err

    async def _units[ResultT](self, request: Awaitable[ResultT]) -> ResultT:
        try:
            return await request
        except RejectedError as err:
            if "Unit ID not found" not in err.detail:
                raise
            found = _BAD_INDEX.search(err.detail)
            raise BadUnitError(
                err.detail, index=int(found[1]) if found else None
            ) from err


def _listed(found: dict[str, Any], wrapper: str) -> list[dict[str, Any]]:
    """Return the rows of a listing; an empty table comes as null.

    See docs/protocols/mycodo.md#what-matters-most.
    """
    rows = j.mappings(found, wrapper)
    if rows is None and found.get(wrapper, ...) is not None:
        # Not even null: that is no listing, and nothing is gone because of it.
        raise ProtocolError(wrapper)
    return rows or []
