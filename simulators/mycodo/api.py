"""The endpoints of API v1 (docs/protocols/mycodo.md#endpoints): listings, settings, commands."""

from collections.abc import Callable, Iterable
from typing import Final

from aiohttp import web

from . import schema
from .choices import (
    controllers,
    input_choices,
    output_choices,
    output_devices,
    pid_choices,
)
from .commands import add_command_routes
from .extras import add_extra_routes
from .measurements import add_measurement_routes
from .pipeline import Call, Handler, Json, Pipeline, Reply, failure
from .state import Input, Output, State

PATHS: Final = (
    "/cameras/capture_image/{unique_id}",
    "/cameras/last_image/{unique_id}/{img_type}",
    "/choices/controllers",
    "/choices/inputs/measurements",
    "/choices/outputs/devices",
    "/choices/outputs/measurements",
    "/choices/pids/measurements",
    "/controllers/{unique_id}",
    "/daemon/",
    "/daemon/terminate",
    "/functions/",
    "/functions/{unique_id}",
    "/inputs/",
    "/inputs/{unique_id}",
    "/inputs/{unique_id}/force-measurement",
    "/measurements/create/{unique_id}/{unit}/{channel}/{value}",
    "/measurements/historical/{unique_id}/{unit}/{channel}/{epoch_start}/{epoch_end}",
    "/measurements/last/{unique_id}/{unit}/{channel}/{past_seconds}",
    "/measurements/past/{unique_id}/{unit}/{channel}/{past_seconds}",
    "/outputs/",
    "/outputs/{unique_id}",
    "/pids/",
    "/pids/{unique_id}",
    "/settings/device_measurements",
    "/settings/device_measurements/by_device_id/{device_id}",
    "/settings/device_measurements/{unique_id}",
    *(
        f"/settings/{kind}{tail}"
        for kind in (
            "inputs",
            "measurements",
            "outputs",
            "pids",
            "triggers",
            "units",
            "users",
        )
        for tail in ("", "/{unique_id}")
    ),
)

_I2C: Final = "ValueError: invalid literal for int() with base 10: ''"
_NULL_STATES: Final = {"*": None}
_CONTROLLER_GONE: Final = (
    "AttributeError: 'PyroServer' object has no attribute 'logger'"
)


class Api:
    """Adds the endpoints of the API to an application."""

    def __init__(self, pipeline: Pipeline, router: web.UrlDispatcher) -> None:
        """Add all endpoints."""
        self._pipeline = pipeline
        self._router = router
        self._state = pipeline.state
        self._engine = pipeline.engine
        router.add_get("/api/swagger.json", self._swagger)
        self._listings()
        self._settings()
        self._choices()
        add_command_routes(self.add, pipeline)
        add_measurement_routes(self.add, pipeline)
        add_extra_routes(self.add, pipeline)

    def add(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        permission: str | None = "view",
        null: Json = None,
        body: bool = False,
        traceback: str = "error",
        endpoint: str | None = None,
    ) -> None:
        """Add an endpoint, and the redirect to its trailing slash."""
        # GET includes HEAD.
        add = self._router.add_get if method == "GET" else self._router.add_post
        add(
            f"/api{path}",
            self._pipeline.api(
                handler,
                endpoint or path,
                permission=permission,
                null={} if null is None else null,
                reads_body=body,
                traceback=traceback,
            ),
        )
        if path.endswith("/") and method == "GET":
            self._router.add_get(f"/api{path[:-1]}", self._slash)

    async def _slash(self, request: web.Request) -> web.Response:
        # The port is lost, as with current versions of nginx.
        return self._pipeline.redirect(
            308, f"https://{request.url.host}{request.path}/"
        )

    async def _swagger(self, request: web.Request) -> web.Response:
        features = self._state.features
        paths = list(PATHS)
        if features.multi:
            paths += ["/measurements/multi", "/log/tail/{log_type}/{last_lines}"]
        if features.notes:
            paths.append("/notes/create")
        return web.json_response(
            {
                "basePath": "/api",
                "info": {"title": "Mycodo API", "version": "1.0"},
                "paths": {path: {} for path in sorted(paths)},
                "swagger": "2.0",
            },
            headers=self._pipeline.headers(),
        )

    # Listings.

    def _listings(self) -> None:
        outputs_null = {
            "output channels": None,
            "output devices": None,
            "output states": _NULL_STATES,
        }
        self.add("GET", "/outputs/", self._outputs, null=outputs_null)
        self.add(
            "GET",
            "/outputs/{id}",
            self._output,
            permission="controllers",
            null={
                "output device": schema.model(schema.OUTPUT_FIELDS),
                "output device channel states": _NULL_STATES,
                "output device channels": None,
            },
        )
        for kind, rows, write in (
            ("input", lambda s: s.inputs, schema.input_row),
            ("function", lambda s: s.functions, schema.function_row),
        ):
            self._listing_of(kind, rows, write)
        self.add("GET", "/pids/", self._pids, null={"pid settings": None})
        self.add("GET", "/pids/{id}", self._pid)

    def _listing_of(
        self,
        kind: str,
        rows: Callable[[State], list[Input]],
        write: Callable[[Input], Json],
    ) -> None:
        fields = schema.INPUT_FIELDS if kind == "input" else schema.FUNCTION_FIELDS

        async def listing(call: Call) -> Reply:
            found = [write(row) for row in rows(self._state)]
            return 200, {
                f"{kind} settings": found or None,
                f"{kind} channels": [] if found else None,
            }

        async def one(call: Call) -> Reply:
            if kind == "input" and not self._state.features.inputs_detail:
                raise failure(
                    "AttributeError: type object 'DeviceMeasurements' "
                    "has no attribute 'conversion'"
                )
            identity = call.at["id"]
            row = next((r for r in rows(self._state) if r.unique_id == identity), None)
            return 200, {
                f"{kind} settings": write(row) if row else schema.model(fields),
                f"{kind} channels": [],
                "device measurements": self._rows(identity),
            }

        null = {f"{kind} settings": None, f"{kind} channels": None}
        self.add("GET", f"/{kind}s/", listing, null=null)
        detail = {
            f"{kind} settings": schema.model(fields),
            f"{kind} channels": None,
            "device measurements": None,
        }
        self.add("GET", f"/{kind}s/{{id}}", one, null=detail)

    def _rows(self, device: str) -> list[Json]:
        return [schema.measurement_row(row) for row in self._state.rows_of(device)]

    def _check_i2c(self, *outputs: Output) -> None:
        if any(output.i2c_bus == "" for output in outputs or self._state.outputs):
            raise failure(_I2C)

    async def _outputs(self, call: Call) -> Reply:
        self._check_i2c()
        await self._pipeline.ask_daemon()
        outputs = self._state.outputs
        await self._pipeline.read_channels()
        states = {
            output: {
                channel: schema.state_text(value) for channel, value in channels.items()
            }
            for output, channels in self._engine.states().items()
        }
        return 200, {
            "output devices": [schema.output(row) for row in outputs] or None,
            "output channels": [
                schema.channel(row.unique_id, channel)
                for row in outputs
                for channel in row.channels
            ]
            or None,
            "output states": states or _NULL_STATES,
        }

    async def _output(self, call: Call) -> Reply:
        await self._pipeline.ask_daemon()
        identity = call.at["id"]
        states = self._engine.states()
        output = self._state.output(identity)
        if output is not None:
            self._check_i2c(output)
        if output is None or identity not in states:
            raise failure(f"KeyError: '{identity}'")
        return 200, {
            "output device": schema.output(output),
            "output device channels": [
                schema.channel(identity, channel) for channel in output.channels
            ],
            "output device channel states": {
                channel: schema.state_text(value)
                for channel, value in states[identity].items()
            },
        }

    async def _pids(self, call: Call) -> Reply:
        return 200, {
            "pid settings": [schema.pid_row(row) for row in self._state.pids] or None
        }

    async def _pid(self, call: Call) -> Reply:
        identity = call.at["id"]
        row = next((p for p in self._state.pids if p.unique_id == identity), None)
        return 200, {
            "pid settings": schema.pid_row(row)
            if row
            else schema.model(schema.PID_FIELDS),
            "device measurements": self._rows(identity),
        }

    # Settings.

    def _settings(self) -> None:
        state = self._state
        self._setting(
            "input", lambda: state.inputs, schema.input_row, schema.INPUT_FIELDS
        )
        self._setting(
            "output", lambda: state.outputs, schema.output, schema.OUTPUT_FIELDS
        )
        self._setting("pid", lambda: state.pids, schema.pid_row, schema.PID_FIELDS)
        self._setting(
            "trigger", lambda: state.triggers, schema.trigger_row, schema.TRIGGER_FIELDS
        )
        self._setting("unit", lambda: state.units, schema.unit_row, schema.UNIT_FIELDS)
        self._setting("user", lambda: state.users, schema.user_row, schema.USER_FIELDS)
        self._setting(
            "measurement",
            lambda: state.measurements,
            schema.custom_measurement,
            schema.MEASUREMENT_FIELDS,
            listed=schema.broken_measurement,
        )
        self._setting(
            "device_measurement",
            lambda: state.rows,
            schema.measurement_row,
            schema.ROW_FIELDS,
            wrapper="device measurement settings",
        )

        async def by_device(call: Call) -> Reply:
            found = self._rows(call.at["id"])
            return 200, {"device measurement settings": found or None}

        self.add(
            "GET",
            "/settings/device_measurements/by_device_id/{id}",
            by_device,
            null={"device measurement settings": None},
        )

    def _setting[RowT](
        self,
        kind: str,
        rows: Callable[[], Iterable[RowT]],
        write: Callable[[RowT], Json],
        fields: list[str],
        *,
        wrapper: str | None = None,
        listed: Callable[[RowT], Json] | None = None,
    ) -> None:
        name = wrapper or f"{kind} settings"

        async def listing(call: Call) -> Reply:
            if kind == "output":
                self._check_i2c()
            return 200, {name: [(listed or write)(row) for row in rows()] or None}

        async def one(call: Call) -> Reply:
            for row in rows():
                if getattr(row, "unique_id", None) == call.at["id"]:
                    return 200, write(row)
            return 200, schema.model(fields)

        self.add("GET", f"/settings/{kind}s", listing, null={name: None})
        self.add("GET", f"/settings/{kind}s/{{id}}", one, null=schema.model(fields))

    def _choices(self) -> None:
        lists: dict[str, Callable[[State], Json]] = {
            "controllers": controllers,
            "inputs/measurements": input_choices,
            "outputs/devices": output_devices,
            "outputs/measurements": output_choices,
            "pids/measurements": pid_choices,
        }
        for kind, make in lists.items():
            self._choice(f"choices {kind.replace('/', ' ')}", f"/choices/{kind}", make)

    def _choice(self, wrapper: str, path: str, make: Callable[[State], Json]) -> None:
        async def listing(call: Call) -> Reply:
            return 200, {wrapper: make(self._state)}

        self.add("GET", path, listing, null={wrapper: None})
