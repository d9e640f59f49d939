"""Restart long-lived tasks that fail. Free of Home Assistant."""

import asyncio
from collections.abc import Awaitable, Callable
import logging
from typing import Final

from .errors import BackendError

_LOGGER: Final = logging.getLogger(__name__)

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0
"""Maximum seconds before a failed task is restarted; the pause doubles up to it."""


class UnexpectedError(BackendError):
    """Unexpected error; the log has the traceback."""

    key = "unexpected"


async def watched(
    run: Callable[[], Awaitable[None]],
    name: str,
    failed: Callable[[BackendError], None],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    monotonic: Callable[[], float] | None = None,
) -> None:
    """Run until the function returns; restart it after a pause whenever it raises.

    The same exception is logged once, with its traceback; ``failed`` is called each
    time. After a run of at least ``LONGEST_PAUSE`` seconds the pauses start short
    again. ``sleep`` and ``monotonic`` are for tests.
    """
    now = monotonic or asyncio.get_running_loop().time
    pause, seen = FIRST_PAUSE, set[str]()
    while True:
        begun = now()
        try:
            await run()
        except Exception as err:
            if now() - begun >= LONGEST_PAUSE:
                pause = FIRST_PAUSE
            while isinstance(err, ExceptionGroup) and len(err.exceptions) == 1:
                err = err.exceptions[0]
            kind = f"{type(err).__name__} in {_place(err)}"
            if kind not in seen:
                seen.add(kind)
                _LOGGER.error(
                    "%s stopped unexpectedly and is started again: %s",
                    name,
                    kind,
                    exc_info=err,
                )
            failed(err if isinstance(err, BackendError) else UnexpectedError(kind))
        else:
            return
        await sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _place(err: BaseException) -> str:
    """Return the innermost function that raised."""
    trace = err.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_name if trace else "-"
