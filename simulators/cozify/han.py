"""A simulated HAN reader (docs/protocols/cozify.md#han-reader)."""

from aiohttp import web

from simulators.http_server import FaultyServer


def han_reader() -> FaultyServer:
    """Return a HAN reader that identifies itself and has no hub API."""
    application = web.Application()
    application.router.add_get("/han", _han)
    application.router.add_get("/meter", _meter)
    return FaultyServer(application)


async def _han(request: web.Request) -> web.Response:
    return web.json_response({"type": "HAN_STATE_MESSAGE", "state": "CONNECTED"})


async def _meter(request: web.Request) -> web.Response:
    return web.json_response({"ic": 1234.5, "ec": 0.0, "p": [420, 420, 0, 0]})
