"""A meter on a TCP port, in a process of its own so that its work is not counted.

Prints its port, sends a telegram every 50 ms until a line comes in on stdin, then the
given number at the given pace, and "done".
"""

import asyncio
from itertools import cycle
import sys

from .p1 import telegrams

WARM_UP = 20


async def _feed(count: int, pace: float) -> None:
    frames = telegrams("5", WARM_UP + count)
    loop = asyncio.get_running_loop()
    go = loop.create_task(asyncio.to_thread(sys.stdin.readline))

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for frame in cycle(frames[:WARM_UP]):
            if go.done():
                break
            writer.write(frame)
            await asyncio.sleep(0.05)
        begin = loop.time()
        for number, frame in enumerate(frames[WARM_UP:]):
            writer.write(frame)
            await asyncio.sleep(max(0.0, begin + (number + 1) * pace - loop.time()))
        await writer.drain()
        print("done", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_feed(int(sys.argv[1]), float(sys.argv[2])))
