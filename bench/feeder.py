"""A meter on a TCP port, in a process of its own.

Prints its port and sends a telegram every 50 ms to each client until it is terminated.
"""

import asyncio
from itertools import cycle

from .p1 import telegrams


async def _feed() -> None:
    frames = telegrams("5", 20)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for frame in cycle(frames):
            if writer.is_closing():
                return
            writer.write(frame)
            await asyncio.sleep(0.05)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_feed())
