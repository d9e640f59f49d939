"""Poll a Mycodo, each part when it is due.

One request at a time, so that one of the web server's two threads is always free for a
command.

See docs/protocols/mycodo.md#polling.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ....errors import AuthFailedError, BackendError, RateLimitedError
from ...http import PermissionDeniedError, TimedOutError
from .api import MycodoClient
from .commands import ChannelKey, Commands
from .errors import DaemonDownError, DaemonFrozenError, ReadOnlyKeyError
from .listing import DeviceKind, Listing
from .listing_poller import ListingPoller
from .measurement_api import MULTI
from .measurements import MeasurementReader, Series
from .models import Daemon, MeasurementRow, OutputState
from .state import MycodoState
from .totals import DailyTotals
from .web import MycodoWeb

DAEMON_INTERVAL: Final = 30.0
FROZEN_PAUSE: Final = 60.0
"""Seconds before a frozen daemon is queried again: each query blocks one of the web
server's two threads for half a minute.
"""


class Poller:
    """Keep ``state`` up to date.

    ``interval`` (s) is the time between two polls. ``can_control``: whether the key may
    control; ``pid_routes``: whether PIDs can be controlled.
    """

    def __init__(
        self, client: MycodoClient, web: MycodoWeb, commands: Commands, interval: float
    ) -> None:
        """Initialize; nothing is sent yet."""
        self._client = client
        self._web = web
        self._steering = commands
        self._interval = interval
        self._monotonic = client.clock.monotonic
        # Held during each request of a poll, so that they run one at a time and in
        # order.
        self._turn = asyncio.Lock()
        self._listings = ListingPoller(client, web, self._turn)
        self._reader = MeasurementReader(
            client, web, multi=False, least=interval, turn=self._turn
        )
        self._totals = DailyTotals(client, self._turn)
        self._rest_until = 0.0
        self._daemon_due = 0.0
        self._asked_for_routes = False
        self.refreshes = 0
        """Number of completed refreshes."""
        self.state = MycodoState(self._listings.listing, self._listings.failed)
        self.capabilities: frozenset[str] = frozenset()
        self.name: str | None = None
        self.version: str | None = None
        self.can_control = False
        self.pid_routes = False

    @property
    def listing(self) -> Listing:
        """Return the listing."""
        return self._listings.listing

    @property
    def complete(self) -> bool:
        """Return whether everything was listed at least once."""
        return self._listings.complete

    @property
    def broken_outputs(self) -> tuple[str, ...] | None:
        """Return the names of the outputs that make their list fail; None if it works."""
        return self._listings.broken if self._listings.indirect else None

    def list_again(self) -> None:
        """List everything at the next poll, because something seems to have been removed."""
        self._listings.again()

    def read_soon(self, device: str) -> None:
        """Read the measurements of a device at the next poll."""
        self._reader.read_soon(device)

    async def connect(self) -> None:
        """Determine the capabilities of the installation and the key, in four requests.

        Raises NotMycodoError, AuthFailedError, and what the transport raises.
        """
        self.capabilities = await self._client.capabilities()
        try:
            self.state.daemon = await self._client.daemon()
            self.can_control = True
        except ReadOnlyKeyError:
            self.can_control = False
        self._daemon_due = self._monotonic() + DAEMON_INTERVAL
        self.name = await self._web.host_name()
        self.version = await self._web.version()
        self._reader = MeasurementReader(
            self._client,
            self._web,
            multi=MULTI in self.capabilities,
            least=self._interval,
            turn=self._turn,
        )

    async def refresh(self) -> None:
        """Read the outputs, and list what is due.

        A part that does not answer affects only its own data. Raises BackendError if
        nothing answers, or the key has no permissions.
        """
        await self._poll_outputs()
        await self._listings.settings()
        await self._poll_daemon()
        await self._look_for_pid_routes()
        self.refreshes += 1

    async def measure(
        self, wanted: Collection[str], totals: Mapping[str, int], midnight: datetime
    ) -> None:
        """Read the given measurement rows that are due; errors are not raised.

        ``totals`` are rows of outputs to sum since ``midnight``, each with the channel
        that it records. This may take minutes, during which ``refresh`` continues to
        work.
        """
        rows = {row.id: row for row in self.listing.rows}
        series = [self.series(rows[row]) for row in wanted if row in rows]
        self._reader.learn_units(unit.id for unit in self.listing.units)
        self._reader.want(one for one in series if one.unit)
        self._totals.want(
            (self.series(rows[row]), channel)
            for row, channel in totals.items()
            if row in rows
        )
        await self._reader.poll()
        state = self.state
        if self._reader.down:
            state.readings = None
            return
        state.readings = self._reader.readings
        state.midnight = midnight
        await self._totals.poll(midnight)
        state.sums = self._totals.sums
        self.listing.learnt = dict(self._reader.learnt)

    def series(self, row: MeasurementRow) -> Series:
        """Return the series of a measurement row."""
        listing, device = self.listing, row.device
        kind = listing.device_kind(device) or DeviceKind.INPUT
        return Series(
            row.id,
            device,
            kind,
            listing.unit(row),
            row.channel,
            listing.period(device),
            listing.window(device),
            active=listing.is_active(device),
            certain=row.id in listing.shown or row.setpoint,
        )

    # Between two polls.

    async def read_outputs(self) -> None:
        """Read the outputs now."""
        await self._listings.outputs()
        self._take_outputs()

    async def read_pids(self) -> None:
        """List the PID controllers now."""
        await self._listings.pids()

    async def read_controllers(self, identities: Iterable[str]) -> None:
        """Ask the daemon about these controllers."""
        for identity in identities:
            await self._listings.controller(identity)
        self.state.running = self._listings.running

    def take(self, key: ChannelKey, state: OutputState) -> None:
        """Take over the pushed state of a channel."""
        output, channel = key
        states = self.state.outputs
        if states is not None and output in states:
            self.state.outputs = {
                **states,
                output: {**states[output], channel: state},
            }

    # Parts of a poll.

    async def _poll_outputs(self) -> None:
        if self._monotonic() < self._rest_until:
            return
        state = self.state
        try:
            async with self._turn:
                await self._listings.outputs()
        except DaemonFrozenError:
            self._pause()
        except DaemonDownError:
            state.outputs, state.daemon = None, Daemon(running=False)
        except AuthFailedError, PermissionDeniedError, RateLimitedError:
            raise
        except BackendError as err:
            state.outputs = None
            await self._raise_if_unreachable(err)
            if isinstance(err, TimedOutError):
                # A frozen daemon delays the answer beyond the timeout.
                self._pause()
        else:
            if not state.alive:
                self._daemon_due = 0.0
            self._take_outputs()

    async def _raise_if_unreachable(self, error: BackendError) -> None:
        """Return if any part answers, otherwise raise the given error."""
        try:
            async with self._turn:
                await self._client.capabilities()
        except BackendError:
            raise error from None

    def _pause(self) -> None:
        self.state.outputs, self.state.daemon = None, Daemon(running=False)
        self._rest_until = self._daemon_due = self._monotonic() + FROZEN_PAUSE

    def _take_outputs(self) -> None:
        states = self.listing.outputs.states
        self.state.outputs = states
        self._steering.seen(states)
        self._totals.seen(states)

    async def _poll_daemon(self) -> None:
        state = self.state
        try:
            if self._monotonic() >= self._daemon_due:
                async with self._turn:
                    state.daemon = await self._ask_daemon()
                self._daemon_due = self._monotonic() + DAEMON_INTERVAL
            if state.alive and self.can_control:
                await self._listings.conditionals()
                state.running = self._listings.running
        except ReadOnlyKeyError:
            # The role of the user changed; reading is still allowed.
            self.can_control = self.pid_routes = False
        except AuthFailedError:
            raise
        except BackendError:
            # The state of the daemon is unknown; the outputs may show it.
            state.daemon = None
            self._daemon_due = self._monotonic() + DAEMON_INTERVAL

    async def _ask_daemon(self) -> Daemon:
        if self.can_control:
            return await self._client.daemon()
        return Daemon(await self._web.daemon_alive())

    async def _look_for_pid_routes(self) -> None:
        """Check whether PIDs can be controlled, as soon as there is one."""
        if self.can_control and self.listing.pids and not self._asked_for_routes:
            identity = next(iter(self.listing.pids))
            try:
                async with self._turn:
                    self.pid_routes = await self._web.has_pid_routes(identity)
            except AuthFailedError:
                raise
            except BackendError:
                # Try again at the next poll.
                return
            self._asked_for_routes = True

    def diagnostics(self) -> dict[str, Any]:
        """Return counts and capabilities, without names and options."""
        listing, state, readings = self.listing, self.state, self._reader.readings
        return {
            "http": self._client.transport.counters.as_dict(),
            "version": self.version,
            "capabilities": sorted(self.capabilities),
            "may_control": self.can_control,
            "pid_routes": self.pid_routes,
            "pid_routes_reason": self._pid_reason(),
            "tls_pinned": self._client.tls.pin is not None,
            "tls_verified": self._client.tls.verify,
            "daemon_running": state.daemon.running if state.daemon else None,
            "database_down": self._reader.down,
            "outputs_listed_indirectly": self._listings.indirect,
            "not_listed": {p: e.key for p, e in self._listings.failed.items()},
            "clock_skew": round(self._client.skew),
            "output_modules": sorted(found.module for found in listing.outputs.devices),
            "input_modules": sorted(found.module for found in listing.inputs.values()),
            "functions": sorted(found.module for found in listing.functions.values()),
            "pids": len(listing.pids),
            "triggers": len(listing.triggers),
            "conditionals": len(listing.conditionals),
            "measurements_listed": len(listing.rows),
            "measurements_read": len(readings),
            "measurements_current": sum(
                found is not None for found in readings.values()
            ),
            "units_found_by_trying": len(self._reader.learnt),
        }

    def _pid_reason(self) -> str:
        if self.pid_routes:
            return "the routes of the PID widget answer"
        if not self.can_control:
            return "the API key may only look"
        if not self.listing.pids:
            return "there is no PID controller"
        return "no dashboard had a PID widget when the web server started"
