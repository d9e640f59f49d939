"""Mycodo's REST API v1 (docs/protocols/mycodo.md#endpoints).

No method repeats a command. Numbers are in Mycodo's units. In addition to the errors
given at each method, all raise what ``HttpTransport.request`` raises, and
DaemonDownError or DatabaseDownError if a part behind the web server does not answer.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from ....errors import ProtocolError, RejectedError
from ...http import (
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    UnexpectedJsonError,
    json_fields as j,
)
from .errors import NothingDoneError, NotMycodoError, UnknownTagError, judge_daemon
from .measurement_api import MeasurementRequests
from .models import (
    Choice,
    Controller,
    Daemon,
    MeasurementRow,
    Output,
    OutputChannel,
    Outputs,
    Pid,
    Unit,
    output_states,
)
from .requests import COMMAND_TIMEOUT, listed

NOTES: Final = "/notes/create"

FOREVER: Final = 31_536_000
"""Seconds: a year.

A timer of this length is the only way to keep an output on that was turned on for a
limited time, without a gap (docs/protocols/mycodo.md#onoff-channels).
"""

_NO_JSON: Final = (
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    UnexpectedJsonError,
)


class MycodoClient(MeasurementRequests):
    """API client of one Mycodo: lists, measurements, and commands."""

    # Lists.

    async def capabilities(self) -> frozenset[str]:
        """Return the API paths of this installation; needs no key.

        Raises NotMycodoError if the server is not a Mycodo.

        See docs/protocols/mycodo.md#identity-and-versions.
        """
        try:
            found = (await self._get("/swagger.json")).object()
        except (*_NO_JSON, NotFoundError) as err:
            raise NotMycodoError from err
        if j.text(found, "info", "title") != "Mycodo API":
            raise NotMycodoError
        return frozenset(j.mapping(found, "paths") or ())

    async def users(self) -> tuple[str, ...]:
        """Return the ids of the users, the first one created first.

        Raises UselessKeyError if the key has no read permission, and ProtocolError
        without a user. See docs/protocols/mycodo.md#identity-and-versions.
        """
        users = await self._rows("/settings/users", "user settings")
        ids = [
            (row, identity)
            for user in users
            if (row := j.integer(user, "id")) is not None
            and (identity := j.text(user, "unique_id"))
        ]
        if not ids:
            raise ProtocolError("settings/users")
        return tuple(identity for _, identity in sorted(ids))

    async def identities(self) -> frozenset[str]:
        """Return the ids of all outputs and controllers, in two requests."""
        found = (
            *await self.choices("controllers"),
            *await self.choices("outputs/devices"),
        )
        return frozenset(
            identity for choice in found if (identity := choice.value.partition(",")[0])
        )

    async def outputs(self) -> Outputs:
        """Return all outputs with their states, in one request.

        Raises ProtocolError if the answer has no lists.
        """
        found = (await self._get("/outputs/")).object()
        if j.mapping(found, "output states") is None:
            raise ProtocolError("outputs")
        channels = map(OutputChannel.read, listed(found, "output channels"))
        return Outputs(
            tuple(
                Output.read(row)
                for row in listed(found, "output devices")
                if j.text(row, "unique_id")
            ),
            tuple(channel for channel in channels if channel is not None),
            output_states(found["output states"]),
        )

    async def output(self, identity: str) -> tuple[Output, tuple[OutputChannel, ...]]:
        """Return one output with its channels, for a key that may only control.

        Raises ServerError if the output's stored settings are inconsistent.
        """
        found = (await self._control(self._get(f"/outputs/{identity}"))).object()
        channels = map(OutputChannel.read, listed(found, "output device channels"))
        return (
            Output.read(j.mapping(found, "output device")),
            tuple(channel for channel in channels if channel is not None),
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
        """Return the measurements of all devices.

        Replaces ``/inputs/{id}``, which fails since Mycodo 8.16.1
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
        """Return a choice list, such as ``controllers`` or ``inputs/measurements``."""
        rows = await self._rows(f"/choices/{kind}", f"choices {kind.replace('/', ' ')}")
        return tuple(map(Choice.read, rows))

    async def daemon(self) -> Daemon:
        """Return the state of the daemon. Raises ReadOnlyKeyError for a read-only key."""
        found = (await self._control(self._get("/daemon/"))).json()
        return Daemon(bool(j.boolean(found, "is_running")), j.number(found, "RAM"))

    async def controller_active(self, identity: str) -> bool:
        """Return whether the daemon runs a controller."""
        answer = await self._control(self._get(f"/controllers/{identity}"))
        return bool(j.boolean(answer.json(), "is_active"))

    # Commands.

    async def set_output(
        self, output: str, channel: int, **fields: float | bool
    ) -> str:
        """Send ``state`` (with ``duration`` in s), ``duty_cycle`` (%), or ``volume`` (ml).

        Returns Mycodo's message. The command may have failed all the same, so check the
        state. Raises AlreadyOnError, NothingDoneError (wrong kind of command for this
        output), RejectedError, ReadOnlyKeyError.
        """
        answer = await self._control(
            self._post(f"/outputs/{output}", {"channel": channel, **fields})
        )
        words = (
            (j.text(answer.json(), "message") or "").removeprefix("Success:").strip()
        )
        if not words:
            raise NothingDoneError
        return words

    async def activate(self, identity: str, active: bool) -> None:
        """Activate or deactivate a controller; no error if it is in that state already.

        See docs/protocols/mycodo.md#controllers.
        """
        try:
            await self._control(
                self._post(f"/controllers/{identity}", {"activate": active})
            )
        except RejectedError as err:
            so_already = "already active" if active else "not found"
            if isinstance(err, PermissionDeniedError) or so_already not in err.detail:
                raise

    async def force_measurement(self, identity: str) -> None:
        """Let an active input measure now; the value arrives later.

        See docs/protocols/mycodo.md#measuring-now.
        """
        answer = await self._control(
            self._request(
                "POST", f"/inputs/{identity}/force-measurement", timeout=COMMAND_TIMEOUT
            )
        )
        # If the daemon is stopped, the answer is a "success" whose message is a
        # traceback.
        if (error := judge_daemon(j.text(answer.json(), "message") or "")) is not None:
            raise error

    async def create_note(self, name: str, note: str, tags: Iterable[str]) -> None:
        """Create a note. ``tags`` are ids of tags, at least one.

        Raises UnknownTagError, ReadOnlyKeyError.

        See docs/protocols/mycodo.md#deviations-from-the-documentation.
        """
        body = {"name": name, "note": note, "tags": ",".join(tags)}
        try:
            await self._control(self._post(NOTES, body))
        except ServerError as err:
            if err.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            raise UnknownTagError(err.detail) from err
