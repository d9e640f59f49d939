"""The cloud of OpenMotics as a real server: v1.1 with OAuth2.

It shows the same installation as the gateway behind it. What the real cloud does is known
from its clients only; where those leave a choice, switches make it.

On the wire: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Callable
from dataclasses import dataclass
import json
from typing import Any, Self

from aiohttp import web

from simulators.http_server import FaultyServer

from .engine import Engine
from .state import Row, State
from .switching import Refusal

_TYPES = {
    0: "OUTLET",
    1: "VALVE",
    2: "ALARM",
    3: "APPLIANCE",
    4: "PUMP",
    5: "HVAC",
    6: "GENERIC",
    7: "MOTOR",
    8: "VENTILATION",
    9: "HEATER",
    127: "SHUTTER_RELAY",
    255: "LIGHT",
}
OFFSET = 1000
"""Ids of the cloud are those of the gateway plus this."""


@dataclass(slots=True)
class CloudQuirks:
    """What differs between answers that were seen."""

    null_status: bool = False
    old_features: bool = False
    life: object = "3599"
    """``expires_in``: a text, a number, or None to leave it out."""
    offline: bool = False
    update: bool | None = None
    """``UPDATE_AVAILABLE``; None to leave it out."""
    refuse_once: bool = False
    """Good tokens are refused once."""


class CloudServer:
    """The cloud of today. Tokens of both logins; two installations, one of them empty."""

    def __init__(self, state: State, *, installation: int = 21) -> None:
        """Build it; nothing listens yet."""
        self.state = state
        self.engine = Engine(state, lambda _kind, _data: None)
        self.installation = installation
        self.installations: dict[int, str] = {installation: "Home", 22: "Office"}
        self.quirks = CloudQuirks()
        self.clients = {
            "0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0": "new-s3cret",
            "old-client": "old-s3cret",
        }
        self.tokens: list[str] = []
        self.logins: list[dict[str, str]] = []
        application = web.Application()
        application.router.add_post("/new/token", self._token)
        application.router.add_post(
            "/api/v1.1/authentication/oauth2/token", self._token
        )
        application.router.add_get("/api/v1.1/base/installations", self._installations)
        application.router.add_get("/api/v1.1/base/installations/{id}", self._one)
        application.router.add_get(
            "/api/v1.1/base/installations/{id}/{path:.+}", self._list
        )
        application.router.add_post(
            "/api/v1.1/base/installations/{id}/{path:.+}", self._command
        )
        self.server = FaultyServer(application)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.server.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.server.stop()

    @property
    def base(self) -> str:
        """Where the API is."""
        return f"{self.server.url}/api/v1.1"

    async def _token(self, request: web.Request) -> web.Response:
        form = {str(k): str(v) for k, v in (await request.post()).items()}
        self.logins.append({"path": request.path, "scope": form.get("scope", "")})
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "invalid_request"}, status=400)
        if self.clients.get(form.get("client_id", "")) != form.get("client_secret"):
            body = {"error": "invalid_client", "error_description": "unknown client"}
            return web.json_response(body, status=401)
        token = f"cloud-token-{len(self.tokens)}"
        self.tokens.append(token)
        answer: Row = {"access_token": token, "token_type": "Bearer"}
        if self.quirks.life is not None:
            answer["expires_in"] = self.quirks.life
        return web.json_response(answer)

    def _refusal(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        refused = token not in self.tokens
        if self.quirks.refuse_once and not refused:
            self.quirks.refuse_once = False
            self.tokens.remove(token)
            refused = True
        if refused:
            body = {"_error": "unauthorized", "data": None}
            return web.json_response(body, status=401)
        number = request.match_info.get("id")
        if number is not None and int(number) not in self.installations:
            return web.json_response({"_error": "not found", "data": None}, status=404)
        return None

    def _data(self, data: object) -> web.Response:
        return web.json_response({"data": data, "_error": None, "_acl": {}})

    def _row(self, number: int) -> Row:
        features: object = ["thermostats_gateway", "shutter_positions"]
        if self.quirks.old_features:
            features = {"shutter_positions": {"available": True, "used": True}}
        return {
            "id": number,
            "name": self.installations[number],
            "platform": "CORE_PLUS",
            "gateway_model": "openmotics",
            "version": "1.16.5",
            "_version": 1.0,
            "features": features,
            "flags": {
                "ONLINE": not self.quirks.offline,
                "UNREAD_NOTIFICATIONS": 0,
                **(
                    {}
                    if self.quirks.update is None
                    else {"UPDATE_AVAILABLE": self.quirks.update}
                ),
            },
        }

    async def _installations(self, request: web.Request) -> web.Response:
        return self._refusal(request) or self._data(
            [self._row(number) for number in self.installations]
        )

    async def _one(self, request: web.Request) -> web.Response:
        return self._refusal(request) or self._data(
            self._row(int(request.match_info["id"]))
        )

    async def _list(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        rows = self._rows().get(request.match_info["path"])
        if rows is None:
            return web.json_response({"_error": "no such path"}, status=404)
        return self._data(rows() if request.match_info["id"] == "21" else [])

    def _rows(self) -> dict[str, Callable[[], list[Row]]]:
        return {
            "outputs": self._outputs,
            "inputs": list,
            "shutters": self._shutters,
            "sensors": self._sensors,
            "thermostats/groups": self._groups,
            "thermostats/units": self._units,
            "ventilations/units": lambda: [
                self._thing(row, {"mode": "automatic", "level": 2})
                for row in self.state.ventilations
            ],
            "groupactions": lambda: [
                {"id": row["id"] + OFFSET, "name": row["name"], "actions": []}
                for row in self.state.actions
                if row["name"]
            ],
            "rooms": lambda: [
                {"id": row["id"] + OFFSET, "name": row["name"], "floor_id": None}
                for row in self.state.rooms
                if row["name"]
            ],
        }

    def _thing(self, row: Row, status: Row, **extra: object) -> Row:
        room = row.get("room", 255)
        return {
            "id": row["id"] + OFFSET,
            "local_id": row["id"],
            "name": row["name"],
            "location": {
                "installation_id": self.installation,
                "gateway_id": 408,
                "room_id": None if room == 255 else room + OFFSET,
            },
            "status": None if self.quirks.null_status else status,
            "_version": 1.0,
            **extra,
        }

    def _outputs(self) -> list[Row]:
        rows = []
        for row in self.state.outputs:
            if not row["in_use"]:
                continue
            value = self.state.output_values[row["id"]]
            dims = row["module_type"] in "dD"
            status: Row = {"on": value.on, "locked": value.locked}
            if dims:
                status["value"] = value.level
            rows.append(
                self._thing(
                    row,
                    status,
                    type=_TYPES[row["type"]],
                    capabilities=["ON_OFF", "RANGE"] if dims else ["ON_OFF"],
                )
            )
        return rows

    def _shutters(self) -> list[Row]:
        self.engine.settle()
        rows = []
        for row in self.state.shutters:
            if not row["name"]:
                continue
            run = self.state.runs[row["id"]]
            stepped = 2 <= row["steps"] < 65535
            rows.append(
                self._thing(
                    row,
                    {"state": run.state.upper(), "position": run.position},
                    capabilities=["UP_DOWN", *(["POSITION"] if stepped else [])],
                    configuration={"steps": row["steps"] if stepped else None},
                )
            )
        return rows

    def _sensors(self) -> list[Row]:
        return [
            self._thing(
                row,
                {row["physical_quantity"]: self.state.sensor_values.get(row["id"])},
                physical_quantity=row["physical_quantity"],
            )
            for row in self.state.sensors
        ]

    def _groups(self) -> list[Row]:
        return [
            self._thing(
                row,
                {"mode": self.state.group_modes[row["id"]].upper(), "state": "ON"},
                capabilities=["HEATING", "COOLING"],
            )
            for row in self.state.groups
        ]

    def _units(self) -> list[Row]:
        rows = []
        for number, unit in self.state.units.items():
            row = self._thing(
                self.state.thermostats[number],
                {
                    "state": "ON" if unit.on else "OFF",
                    "mode": self.state.group_modes[0].upper(),
                    "current_setpoint": self.engine.setpoint(unit),
                    "actual_temperature": self.engine.reading(number),
                    "active_preset": unit.preset.upper(),
                    "steering_power": unit.steering,
                },
                configuration={"heating": {"output_0_id": 4 + number + OFFSET}},
            )
            row["location"]["thermostat_group_id"] = OFFSET
            rows.append(row)
        return rows

    async def _command(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        if self.quirks.offline:
            body = {"data": None, "_error": "GatewayTimeoutException"}
            return web.json_response(body)
        told: Any = json.loads(await request.text() or "{}")
        if not isinstance(told, dict):
            return web.json_response({"_error": "not an object"}, status=400)
        try:
            self._do(request.match_info["path"].split("/"), told)
        except Refusal as err:
            return web.json_response({"data": None, "_error": str(err)})
        return self._data({})

    def _do(self, path: list[str], told: Row) -> None:
        engine = self.engine
        match path:
            case ["outputs", number, "turn_on"]:
                engine.set_output(int(number) - OFFSET, True, told.get("value"))
            case ["outputs", number, "turn_off"]:
                engine.set_output(int(number) - OFFSET, False)
            case ["shutters", number, "up" | "down" | "stop" as way]:
                engine.move(int(number) - OFFSET, way)
            case ["shutters", number, "change_position"]:
                shutter, position = int(number) - OFFSET, told["position"]
                here = self.state.runs[shutter].position or 0
                engine.move(shutter, "up" if position < here else "down", position)
            case ["thermostats", "units", number, "state"]:
                engine.set_unit(int(number) - OFFSET, None, told["state"])
            case ["thermostats", "units", number, "preset"]:
                engine.set_unit(int(number) - OFFSET, told["preset"], None)
            case ["thermostats", "units", number, "setpoint"]:
                engine.set_setpoint(int(number) - OFFSET, told["temperature"])
            case ["thermostats", "groups", number, "mode"]:
                engine.set_group(int(number) - OFFSET, told["mode"], None)
            case ["thermostats", "state"]:
                for group in self.state.group_modes:
                    engine.set_group(group, None, told["state"])
            case ["groupactions", number, "trigger"]:
                engine.group_action(int(number) - OFFSET)
            case _:
                raise Refusal("no such path")
