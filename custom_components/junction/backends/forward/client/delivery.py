"""Send one item to a server, with enough time, and avoid sending it twice."""

from collections.abc import Mapping
import json
import logging
from typing import Any, Final, Protocol

from ....errors import (
    BackendError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
)
from ...http import ConnectionLostError, ServerError, TimedOutError
from .api import TIMEOUT
from .queue import RAW, Item

_LOGGER: Final = logging.getLogger(__name__)

_DOUBTFUL: Final = (TimedOutError, ConnectionLostError, ServerError, ProtocolError)

LONGEST_TIMEOUT: Final = 120.0
"""Maximum timeout for a slow server, in seconds."""


class Server(Protocol):
    """The part of ``ReaderApi`` that delivery needs."""

    async def version(self) -> str | None:
        """Return the version; a harmless request that needs the database."""

    async def has_reading(self, at: float, *, timeout: float | None = None) -> bool:
        """Return whether the server has a reading of a second (Unix time)."""

    async def post_telegram(
        self, telegram: str, *, timeout: float | None = None
    ) -> None:
        """Send a telegram; ``timeout`` is in seconds, None = default."""

    async def post_reading(
        self, reading: Mapping[str, Any], *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Send a reading; ``timeout`` is in seconds, None = default."""

    async def patch_meter_statistics(self, facts: Mapping[str, Any]) -> None:
        """Send facts about the meter."""


class Delivery:
    """Delivery of the items of one target, one at a time."""

    def __init__(self, server: Server) -> None:
        """Start with the default timeout."""
        self._server = server
        self._timeout: float | None = None
        self._doubtful: Item | None = None
        self._facts: Mapping[str, Any] | None = None

    async def _is_stored(self, item: Item) -> bool:
        """Return whether the server has stored an item that was sent without an answer.

        If an old version cannot tell, the item is sent again: a duplicate does no harm,
        because registers are absolute, but a missing item does.
        """
        doubtful = self._doubtful
        # Compare the content: the item may have been saved to disk and loaded again.
        if doubtful is None or (item.at, item.body) != (doubtful.at, doubtful.body):
            return False
        try:
            return await self._server.has_reading(item.at, timeout=self._timeout)
        except RejectedError, ProtocolError:
            return False

    async def send(self, item: Item) -> None:
        """Send an item, unless the server has it already. Raises BackendError."""
        if await self._is_stored(item):
            self._doubtful = None
            return
        await self._post(item)
        self._doubtful = None

    def fail(self, item: Item, err: BackendError) -> None:
        """Adjust to the failure of an item: check it before the next attempt, or wait longer."""
        if isinstance(err, _DOUBTFUL):
            # The server may have stored it, also behind a proxy that gave up.
            self._doubtful = item
        if isinstance(err, TimedOutError):
            self._timeout = min(2 * (self._timeout or TIMEOUT), LONGEST_TIMEOUT)

    async def _post(self, item: Item) -> None:
        if item.kind == RAW:
            await self._server.post_telegram(item.body, timeout=self._timeout)
            return
        told = json.loads(item.body)
        await self._server.post_reading(told["reading"], timeout=self._timeout)
        if (facts := told.get("facts")) and facts != self._facts:
            await self._patch(facts)

    async def _patch(self, facts: Mapping[str, Any]) -> None:
        """Send facts about the meter. Their failure does not send the reading again."""
        try:
            await self._server.patch_meter_statistics(facts)
        except (UnreachableError, RateLimitedError) as err:
            # They go with the next reading.
            _LOGGER.debug("Facts about the meter wait: %s", err)
            return
        except BackendError as err:
            _LOGGER.debug("Facts about the meter were refused: %s", err)
        self._facts = facts
