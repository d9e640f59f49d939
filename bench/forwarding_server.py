"""Server that accepts telegrams after a given delay and stores none.

Runs in a process of its own, so that its CPU time is not counted. Takes the delay per telegram in
seconds; prints its port.
"""

import asyncio
import sys

from aiohttp import web


async def _serve(seconds: float) -> None:
    async def take(request: web.Request) -> web.Response:
        await request.post()
        if seconds:
            await asyncio.sleep(seconds)
        return web.Response(status=201)

    application = web.Application()
    application.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
