"""A simulated IOTile Cloud as a real server."""

from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Self, override

from aiohttp import web

from simulators.certificates import DeviceCertificate
from simulators.http_faults import Handler
from simulators.http_server import FaultyServer

from . import auth, data, frames, keys, objects, organizations, reports, writes
from .wire import API, PROXY, WORLD, Refused, answer, crash, lost
from .world import World

type View = Callable[[web.Request], Awaitable[web.StreamResponse]]

_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", objects.root),
    ("GET", "/server/", auth.server),
    ("POST", "/auth/login/", auth.login),
    ("POST", "/auth/logout/", auth.logout),
    ("GET", "/auth/token/", auth.token),
    ("GET", "/auth/user-info/", auth.user_info),
    ("POST", "/auth/api-jwt-auth/", auth.jwt_auth),
    ("POST", "/auth/api-jwt-refresh/", auth.jwt_refresh),
    ("POST", "/auth/api-jwt-verify/", auth.jwt_verify),
    ("GET", "/account/", objects.accounts),
    ("GET", "/org/", organizations.orgs),
    ("POST", "/org/", organizations.orgs),
    ("GET", "/org/{org}/", organizations.org),
    ("PUT", "/org/{org}/", organizations.org),
    ("PATCH", "/org/{org}/", organizations.org),
    ("DELETE", "/org/{org}/", organizations.org),
    ("GET", "/org/{org}/extra/", organizations.extra),
    ("GET", "/org/{org}/projects/", organizations.projects),
    ("GET", "/org/{org}/membership/", organizations.membership),
    ("GET", "/org/{org}/members/", organizations.members),
    ("GET", "/org/{org}/pending/", organizations.pending),
    ("GET", "/org/{org}/devices/", organizations.devices),
    ("GET", "/project/", objects.projects),
    ("GET", "/project/{project}/", objects.project),
    ("GET", "/project/{project}/extra/", objects.project_extra),
    ("GET", "/project/{project}/properties/", objects.project_properties),
    ("GET", "/device/", objects.devices),
    ("GET", "/device/{device}/", objects.device),
    ("PATCH", "/device/{device}/", objects.device),
    ("GET", "/device/{device}/extra/", objects.device_extra),
    ("GET", "/device/{device}/status/", objects.device_status),
    ("GET", "/device/{device}/health/", objects.device_status),
    ("PATCH", "/device/{device}/health/", objects.device_status),
    ("GET", "/device/{device}/properties/", objects.device_properties),
    ("POST", "/device/{device}/new_property/", objects.new_property),
    ("GET", "/device/{device}/streamers/", objects.device_streamers),
    ("GET", "/device/{device}/versions/", objects.device_versions),
    ("GET", "/device/{device}/sg/", objects.device_graph),
    ("GET", "/device/{device}/template/", objects.device_template),
    ("GET", "/device/{device}/mask/", objects.device_mask),
    ("PATCH", "/device/{device}/mask/", objects.device_mask),
    ("DELETE", "/device/{device}/mask/", objects.device_mask),
    ("GET", "/device/{device}/key/", keys.device_key),
    ("GET", "/dt/", objects.templates),
    ("GET", "/dt/{template}/", objects.template),
    ("GET", "/sg/", objects.graphs),
    ("GET", "/sg/{graph}/", objects.graph),
    ("GET", "/fleet/", objects.nothing),
    ("GET", "/datablock/", objects.nothing),
    ("GET", "/alias/", objects.nothing),
    ("GET", "/filter/", objects.filters),
    ("GET", "/report/generated/", objects.nothing),
    ("GET", "/vartype/", objects.vartypes),
    ("GET", "/vartype/{vartype}/", objects.vartype),
    ("GET", "/variable/", objects.variables),
    ("GET", "/variable/{variable}/", objects.variable),
    ("GET", "/variable/{variable}/type/", keys.variable_type),
    ("GET", "/stream/", objects.streams),
    ("GET", "/stream/{stream}/", objects.stream),
    ("PATCH", "/stream/{stream}/", objects.stream),
    ("GET", "/stream/{stream}/data/", data.stream_data),
    ("GET", "/data/", data.data),
    ("POST", "/data/", writes.post_data),
    ("GET", "/data/{data}/", data.data_detail),
    ("GET", "/df/", frames.frame),
    ("GET", "/event/", data.events),
    ("POST", "/event/", writes.post_event),
    ("POST", "/event/upload/", writes.upload_event),
    ("GET", "/event/{event}/", data.event),
    ("GET", "/event/{event}/data/", data.event_data),
    ("GET", "/note/", writes.notes),
    ("POST", "/note/", writes.notes),
    ("GET", "/location/", writes.locations),
    ("POST", "/location/", writes.locations),
    ("GET", "/property/", writes.properties),
    ("POST", "/streamer/report/", reports.upload),
    ("GET", "/streamer/report/", reports.reports),
    ("GET", "/streamer/", reports.streamers),
    ("GET", "/streamer/{streamer}/", reports.streamer),
    ("GET", "/streamer/{streamer}/report/", reports.streamer),
)


class IOTileServer(FaultyServer):
    """An IOTile Cloud on loopback, over TLS when it has a certificate.

    ``proxy["host"]`` is the host of ``next`` links, by default that of the request.
    """

    def __init__(
        self, world: World, certificate: DeviceCertificate | None = None
    ) -> None:
        """Prepare the server; it listens on entering the context."""
        self.world = world
        self.proxy: dict[str, str] = {}
        application = web.Application(middlewares=[_refusals])
        application[WORLD] = world
        application[PROXY] = self.proxy
        for method, path, view in _VIEWS:
            application.router.add_route(method, f"{API}{path}", view)
        application.on_response_prepare.append(self._date)
        super().__init__(application, certificate)

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = formatdate(self.world.clock.now(), usegmt=True)

    @override
    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    def cookies(self) -> list[str]:
        """Return the cookies that clients sent back; there should be none."""
        return [r.headers["Cookie"] for r in self.log.requests if "Cookie" in r.headers]


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as err:
        if err.status == 500:
            return crash()
        return answer(err.body, err.status, **err.headers)
    except web.HTTPMethodNotAllowed:
        words = f'Method "{request.method}" not allowed.'
        return answer({"detail": words}, 405)
    except web.HTTPNotFound:
        path = request.path
        if path.startswith(API) and not path.endswith("/"):
            # For any method: the client follows with GET and without a body.
            return web.Response(
                status=301,
                headers={"Location": f"{path}/"},
                content_type="text/html",
            )
        return lost()
