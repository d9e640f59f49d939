"""Tell which devices handed anything in, with one request for all of them.

See docs/protocols/iotile.md#polling-cost.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from ....errors import AuthFailedError, BackendError
from .api import IOTileClient
from .schedule import QUIET, SILENT, Mark, Schedule
from .state import IOTileState

MANY: Final = 50
"""Devices from which on nothing is asked of each of them but its data."""
FEW: Final = 10
"""Devices due up to which nobody asks first which of them handed in anything."""


class Progress:
    """Compares how far the reports of the devices of one account have come.

    ``interval`` is that of the poller in s.
    """

    def __init__(
        self,
        client: IOTileClient,
        state: IOTileState,
        schedule: Schedule,
        interval: float,
    ) -> None:
        """Ask for nothing yet."""
        self._client = client
        self._state = state
        self._schedule = schedule
        self._interval = interval
        self._silent_due = 0.0

    async def marks(
        self, targets: Collection[str], due: Collection[str], now: float
    ) -> Mapping[str, Mark]:
        """Return how far the reports of devices have come, with one request for all.

        It is worth it where many are due, and once an hour where some are silent. What
        is written by other ways does not show in it.
        """
        silent = now >= self._silent_due and any(
            slug in self._schedule.looked and self.silence(slug) >= SILENT
            for slug, device in self._state.listing.devices.items()
            if device.active and slug in targets
        )
        many = len(self._state.listing.devices) > MANY and len(due) > FEW
        if not many and not silent:
            return {}
        self._silent_due = now + QUIET
        try:
            streamers = await self._client.all_streamers()
        except AuthFailedError:
            raise
        except BackendError:
            # Whatever it is: the devices themselves are asked then.
            return {}
        found: dict[str, set[tuple[str, int]]] = {}
        for streamer in streamers:
            rows = found.setdefault(streamer.device, set())
            rows.add((streamer.slug, streamer.last_id))
        return {device: frozenset(rows) for device, rows in found.items()}

    def with_news(
        self,
        targets: Collection[str],
        due: Collection[str],
        marks: Mapping[str, Mark],
        now: float,
    ) -> list[str]:
        """Leave out those that handed in nothing, and add those that did."""
        schedule, moment = self._schedule, self._client.now()
        wanted = dict.fromkeys(due)
        for slug in targets:
            if slug not in marks or slug in self._state.failures:
                continue
            if schedule.unchanged(slug, marks[slug], moment):
                if slug in wanted and not schedule.is_deep(slug, moment):
                    del wanted[slug]
                    schedule.wait(slug, now + self._interval)
            elif slug in schedule.looked and (
                marks[slug] != schedule.marks.get(slug, marks[slug])
                or (slug not in schedule.marks and self.silence(slug) >= SILENT)
            ):
                wanted[slug] = None
        return list(wanted)

    def silence(self, slug: str) -> timedelta:
        """Return how long nothing came of a device or virtual stream."""
        latest = self._state.ledger.latest(slug)
        return self._schedule.silence(slug, latest, self._client.now())
