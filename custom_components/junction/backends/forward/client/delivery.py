"""Send one item to a server: with the time that it needs, and not twice."""

from collections.abc import Mapping
import json
from typing import Any, Final, Protocol

from ....errors import BackendError, ProtocolError, RejectedError
from ...http import ConnectionLostError, TimedOutError
from .api import TIMEOUT
from .queue import RAW, Item

LONGEST_TIMEOUT: Final = 120.0
"""How long the answer of a slow server is waited for at most (s)."""


class Server(Protocol):
    """What is needed of ``ReaderApi``."""

    async def version(self) -> str | None:
        """Ask for something harmless that needs the database."""

    async def has_reading(self, at: float, *, timeout: float | None = None) -> bool:
        """Look for a reading of a second."""

    async def post_telegram(
        self, telegram: str, *, timeout: float | None = None
    ) -> None:
        """Send a telegram."""

    async def post_reading(
        self, reading: Mapping[str, Any], *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Send a reading."""

    async def patch_meter_statistics(self, facts: Mapping[str, Any]) -> None:
        """Send facts about the meter."""


class Delivery:
    """The items of one target, one after the other."""

    def __init__(self, server: Server) -> None:
        """Begin with the usual time-out."""
        self._server = server
        self._timeout: float | None = None
        self._doubtful: Item | None = None
        self._facts: Mapping[str, Any] | None = None

    async def _is_stored(self, item: Item) -> bool:
        """Whether the server has an item whose answer did not come.

        Where it cannot tell (an old version), the item is sent again: twice is no harm,
        for registers are absolute; not at all would be.
        """
        doubtful = self._doubtful
        # Not the same object: it may have been written to disk and read in between.
        if doubtful is None or (item.at, item.body) != (doubtful.at, doubtful.body):
            return False
        try:
            return await self._server.has_reading(item.at, timeout=self._timeout)
        except RejectedError, ProtocolError:
            return False

    async def send(self, item: Item) -> None:
        """Send an item, unless it has arrived already. Raises BackendError."""
        if await self._is_stored(item):
            self._doubtful = None
            return
        await self._post(item)
        self._doubtful = None

    def fail(self, item: Item, err: BackendError) -> None:
        """Learn from what went wrong with an item."""
        if isinstance(err, TimedOutError | ConnectionLostError):
            # It may have been stored all the same.
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
            await self._server.patch_meter_statistics(facts)
            self._facts = facts
