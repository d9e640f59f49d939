"""Run requests concurrently, and fail with the first error."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def gather_or_cancel[ResultT](
    *requests: Coroutine[Any, Any, ResultT],
) -> list[ResultT]:
    """Return all results in order; on the first error cancel the rest and raise it.

    Unlike a TaskGroup, it raises the error itself. Unlike ``asyncio.gather``, it stays
    cancelled if a request fails at the same moment as the caller is cancelled.
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
