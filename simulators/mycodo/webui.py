"""Routes of the web interface that also accept the API key.

See docs/protocols/mycodo.md#web-routes.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
from typing import Final

from aiohttp import web

from .outputs import Refused
from .pipeline import DaemonGone, Pipeline
from .schema import state_value
from .state import Pid, User

type Route = Callable[[web.Request, User], Awaitable[web.Response]]

_NO_OUTPUTS: Final = "Insufficient user permissions to manipulate outputs"
_NO_PIDS: Final = "Insufficient user permissions to manipulate PID"


class WebInterface:
    """Adds the routes to an application."""

    def __init__(self, pipeline: Pipeline, router: web.UrlDispatcher) -> None:
        """Add all routes of this installation."""
        self._pipeline = pipeline
        self._state = pipeline.state
        self._engine = pipeline.engine
        router.add_get("/login_password", self._login_page)
        router.add_get("/login", self._to("/login_password"))
        router.add_get("/", self._front)
        features = self._state.features
        routes: dict[str, Route] = {
            "/info": self._info,
            "/time": self._time,
            "/daemonactive": self._daemon_active,
            "/outputstate": self._output_state,
            "/outputstate_unique_id/{id}/{channel}": self._one_state,
            "/output_mod/{id}/{channel}/{state}/{kind}/{amount}": self._output_mod,
            r"/last/{id}/{kind}/{row}/{seconds:\d+}": self._last,
            "/controller_state/{id}": self._controller_state,
        }
        if features.pid_widget:
            routes["/pid_mod_unique_id/{id}/{verb}"] = self._pid_mod
            routes[r"/last_pid/{id}/{seconds:\d+}"] = self._last_pid
        if features.graph_widget:
            routes[r"/past/{id}/{kind}/{row}/{seconds:\d+}"] = self._past
        for path, route in routes.items():
            router.add_get(path, self._logged_in(route))

    def _logged_in(
        self, route: Route
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            async with self._pipeline.threads:
                user = self._pipeline.user(request)
                if user is None:
                    if request.path.startswith("/pid_mod_unique_id/"):
                        return self._text(
                            "You are not logged in and cannot access this endpoint"
                        )
                    return self._pipeline.redirect(302, "/login")
                try:
                    return await route(request, user)
                except DaemonGone, KeyError:
                    return self._pipeline.page(500)

        return guarded

    def _to(self, place: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def redirect(request: web.Request) -> web.Response:
            return self._pipeline.redirect(302, place)

        return redirect

    async def _front(self, request: web.Request) -> web.Response:
        known = self._pipeline.user(request) is not None
        return self._pipeline.redirect(302, "/live" if known else "/login")

    def _text(self, text: str) -> web.Response:
        return web.Response(
            text=text, content_type="text/html", headers=self._pipeline.headers()
        )

    def _json(self, found: object) -> web.Response:
        return web.json_response(
            found,
            headers=self._pipeline.headers(),
            dumps=lambda value: json.dumps(value, sort_keys=True),
        )

    async def _login_page(self, request: web.Request) -> web.Response:
        page = self._pipeline.page(
            200, f"<!doctype html>\n<title>{self._state.host} - Mycodo Login</title>"
        )
        # The only pages with a rate limit, which is high.
        page.headers.update({"X-RateLimit-Limit": "300", "Retry-After": "3600"})
        return page

    async def _info(self, request: web.Request, user: User) -> web.Response:
        if not self._pipeline.role(user).view_stats:
            return self._pipeline.redirect(302, "/")
        version = f"Mycodo {self._state.features.version}"
        return self._pipeline.page(
            200,
            f'<!doctype html>\n<meta name="application-name" content="{version}">\n'
            f"<title>{self._state.host} - System Information - {version}</title>",
        )

    async def _time(self, request: web.Request, user: User) -> web.Response:
        return self._json(
            f"{datetime.fromtimestamp(self._state.now(), UTC):%m/%d %H:%M}"
        )

    async def _daemon_active(self, request: web.Request, user: User) -> web.Response:
        try:
            await self._pipeline.ask_daemon()
        except DaemonGone:
            return self._text("0")
        return self._text("alive")

    async def _output_state(self, request: web.Request, user: User) -> web.Response:
        await self._pipeline.ask_daemon()
        return self._json(
            {
                output: {
                    channel: state_value(value) for channel, value in found.items()
                }
                for output, found in self._engine.states().items()
            }
        )

    async def _one_state(self, request: web.Request, user: User) -> web.Response:
        await self._pipeline.ask_daemon()
        output = self._state.output(request.match_info["id"])
        if output is None:
            raise KeyError
        number = next(
            str(c.channel)
            for c in output.channels
            if c.unique_id == request.match_info["channel"]
        )
        return self._json(state_value(self._engine.states()[output.unique_id][number]))

    async def _output_mod(self, request: web.Request, user: User) -> web.Response:
        if not self._pipeline.role(user).controllers:
            return self._text(_NO_OUTPUTS)
        at = request.match_info
        kind, amount = at["kind"], float(at["amount"])
        if kind not in ("sec", "pwm", "vol", "value"):
            return self._text(
                f"ERROR: unknown parameters: output_id: {at['id']}, "
                f"channel: {at['channel']}, state: {at['state']}, "
                f"output_type: {kind}, amount: {at['amount']}"
            )
        await self._pipeline.ask_daemon()
        try:
            words = self._engine.command(
                at["id"],
                self._channel(at["id"], at["channel"]),
                at["state"],
                kind,
                amount,
            )
        except Refused as err:
            return self._text(f"ERROR: {err}")
        await self._pipeline.announce()
        return self._text(f"SUCCESS: {words}")

    def _channel(self, output_id: str, given: str) -> int | None:
        """Return the number of a channel, given by number or id."""
        if given.isdecimal():
            return int(given)
        output = self._state.output(output_id)
        channels = output.channels if output else []
        return next((c.channel for c in channels if c.unique_id == given), None)

    async def _last(self, request: web.Request, user: User) -> web.Response:
        at, database = request.match_info, self._pipeline.database
        row = next((r for r in self._state.rows if r.unique_id == at["row"]), None)
        point = None
        if row is not None and row.stored[0] and self._state.influx_up:
            database.measure()
            unit, measure = row.stored
            point = database.last(
                at["id"], unit, row.channel, int(at["seconds"]), measure
            ) or database.last(at["id"], unit, row.channel, int(at["seconds"]))
        if point is None:
            return web.Response(
                status=204, content_type="text/html", headers=self._pipeline.headers()
            )
        return web.json_response(
            point, content_type="text/json", headers=self._pipeline.headers()
        )

    async def _past(self, request: web.Request, user: User) -> web.Response:
        at, now = request.match_info, self._state.now()
        row = next(r for r in self._state.rows if r.unique_id == at["row"])
        start = now - int(at["seconds"])
        points = self._pipeline.database.past(
            at["id"], row.stored[0], row.channel, start, now
        )
        return self._json(points)

    async def _controller_state(self, request: web.Request, user: User) -> web.Response:
        identity = request.match_info["id"]
        found = next((i for i in self._state.inputs if i.unique_id == identity), None)
        if found is None:
            text = f"Could not find Controller with ID {identity}"
            return self._json({"status": "Error", "state": text})
        return self._json({"status": "Success", "state": found.active})

    def _find_pid(self, request: web.Request) -> Pid:
        """Return a PID controller; raises KeyError."""
        identity = request.match_info["id"]
        return {pid.unique_id: pid for pid in self._state.pids}[identity]

    async def _pid_mod(self, request: web.Request, user: User) -> web.Response:
        if not self._pipeline.role(user).controllers:
            return self._text(_NO_PIDS)
        await self._pipeline.ask_daemon()
        pid, verb = self._find_pid(request), request.match_info["verb"]
        name, _, amount = verb.partition("|")
        match name:
            case "hold_pid":
                pid.held = True
            case "pause_pid":
                pid.paused = True
            case "resume_pid":
                pid.held = pid.paused = False
            case "set_setpoint_pid":
                pid.setpoint = float(amount)
                return self._text(f"Setpoint set to {pid.setpoint}")
            case _:
                raise KeyError(verb)
        return self._text("success")

    async def _last_pid(self, request: web.Request, user: User) -> web.Response:
        pid, now = self._find_pid(request), self._state.now()
        point = [now, pid.value]
        return self._json(
            {
                "activated": pid.active,
                "actual": [now, 0.0],
                "duration_time": point,
                "duty_cycle": [None, None],
                "held": pid.held,
                "paused": pid.paused,
                "pid_d_value": [now, pid.d],
                "pid_i_value": [now, pid.i],
                "pid_p_value": point,
                "pid_pid_value": [now, f"{pid.value:.3f}"],
                "setpoint": [now, pid.setpoint],
                "setpoint_band": None,
            }
        )
