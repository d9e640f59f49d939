"""Detect which devices uploaded anything, with one request for all of them.

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
"""Number of devices from which on only data is requested per device."""
FEW: Final = 10
"""Number of due devices up to which they are read without this check."""


class Progress:
    """Compare the upload progress of the devices of one account.

    ``interval`` is that of the poller in seconds.
    """

    def __init__(
        self,
        client: IOTileClient,
        state: IOTileState,
        schedule: Schedule,
        interval: float,
    ) -> None:
        """Initialize; nothing is requested yet."""
        self._client = client
        self._state = state
        self._schedule = schedule
        self._interval = interval
        self._silent_due = 0.0

    async def marks(
        self, targets: Collection[str], due: Collection[str], now: float
    ) -> Mapping[str, Mark]:
        """Return the upload progress of all devices, in one request.

        It is worth the request if many devices are due, and once an hour if some are
        silent. Data that was written otherwise does not show in it.
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
            # On any error the devices themselves are read.
            return {}
        found: dict[str, set[tuple[str, int]]] = {}
        for streamer in streamers:
            rows = found.setdefault(streamer.device, set())
            rows.add((streamer.slug, streamer.last_id))
        return {device: frozenset(rows) for device, rows in found.items()}

    def with_uploads(
        self,
        targets: Collection[str],
        due: Collection[str],
        marks: Mapping[str, Mark],
        now: float,
    ) -> list[str]:
        """Remove devices without a new upload, and add those with one."""
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
        """Return for how long a device or virtual stream has had no new data."""
        latest = self._state.ledger.latest(slug)
        return self._schedule.silence(slug, latest, self._client.now())
