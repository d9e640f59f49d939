"""Several requests at once, of which one may fail for all."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def gather_or_cancel[ResultT](
    *requests: Coroutine[Any, Any, ResultT],
) -> list[ResultT]:
    """Return all results in order; with the first error give up the rest and raise it.

    Unlike with a TaskGroup the error comes as it is. A cancelled caller stays cancelled:
    ``asyncio.gather`` raises the error of a request that fails in the same moment.
    """
    tasks = [asyncio.ensure_future(request) for request in requests]
    try:
        return await asyncio.gather(*tasks)
    except Exception as err:
        caller = asyncio.current_task()
        if caller is not None and caller.cancelling():
            raise asyncio.CancelledError from err
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
