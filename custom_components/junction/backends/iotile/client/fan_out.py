"""Run a request for many devices, a few at a time, and stop when the server fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from ....errors import AuthFailedError, BackendError, RateLimitedError, UnreachableError
from .transport import IN_FLIGHT


async def ask_each(
    slugs: Iterable[str], work: Callable[[str], Awaitable[None]]
) -> dict[str, BackendError]:
    """Run ``work`` for all slugs, several at once, and return errors by slug.

    If the server repeatedly does not answer, or limits the rate, the rest is skipped.
    """
    slots = asyncio.Semaphore(IN_FLIGHT)
    errors: dict[str, BackendError] = {}
    lost = 0
    slower: RateLimitedError | None = None

    async def one(slug: str) -> None:
        nonlocal lost, slower
        async with slots:
            if lost >= IN_FLIGHT or slower is not None:
                errors[slug] = slower or UnreachableError()
                return
            try:
                await work(slug)
            except AuthFailedError:
                raise
            except RateLimitedError as err:
                slower = errors[slug] = err
            except BackendError as err:
                lost = lost + 1 if isinstance(err, UnreachableError) else 0
                errors[slug] = err
            else:
                lost = 0

    tasks = [asyncio.create_task(one(slug)) for slug in slugs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return errors
