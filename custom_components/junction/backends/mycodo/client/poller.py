"""Poll a Mycodo, each part when it is due.

One request at a time, so that a command always finds the other of the web server's two
threads free.

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
"""Seconds to leave a frozen daemon alone: each question to it costs the web server one
of its two threads for half a minute."""


class Poller:
    """Keeps ``state`` up to date.

    ``interval`` (s) is the time between two polls. ``steer``: whether the key may steer;
    ``pid_routes``: whether PIDs can be told anything.
    """

    def __init__(
        self, client: MycodoClient, web: MycodoWeb, commands: Commands, interval: float
    ) -> None:
        """Ask nothing yet."""
        self._client = client
        self._web = web
        self._steering = commands
        self._interval = interval
        self._monotonic = client.clock.monotonic
        # Held during each request of a poll: one at a time, in the order they were asked.
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
        """How often everything that was due has been listed."""
        self.state = MycodoState(self._listings.listing, self._listings.failed)
        self.capabilities: frozenset[str] = frozenset()
        self.name: str | None = None
        self.version: str | None = None
        self.steer = False
        self.pid_routes = False

    @property
    def listing(self) -> Listing:
        """What there is."""
        return self._listings.listing

    @property
    def complete(self) -> bool:
        """Whether everything was listed at least once."""
        return self._listings.complete

    @property
    def broken_outputs(self) -> tuple[str, ...] | None:
        """Names of the outputs that keep the list from being read; None when it can be."""
        return self._listings.broken if self._listings.indirect else None

    def list_again(self) -> None:
        """List everything at the next poll: something seems to have vanished."""
        self._listings.again()

    def hurry(self, device: str) -> None:
        """Read the measurements of a device at the next poll."""
        self._reader.hurry(device)

    async def connect(self) -> None:
        """Find out what this installation and this key can do, in four requests.

        Raises NotMycodoError, AuthFailedError and what the transport raises.
        """
        self.capabilities = await self._client.capabilities()
        try:
            self.state.daemon = await self._client.daemon()
            self.steer = True
        except ReadOnlyKeyError:
            self.steer = False
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

        A part that does not answer costs only what it alone knows. Raises BackendError
        when nothing at all answers, or the key is of no use.
        """
        await self._poll_outputs()
        await self._listings.settings()
        await self._poll_daemon()
        await self._look_for_pid_routes()
        self.refreshes += 1

    async def measure(
        self, wanted: Collection[str], totals: Mapping[str, int], midnight: datetime
    ) -> None:
        """Read what is due of these measurement rows; whatever goes wrong is no error.

        ``totals`` are rows of outputs to be summed since ``midnight``, each with the
        channel that it records. Takes as long as Mycodo takes, which may be minutes;
        ``refresh`` goes on meanwhile.
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
        """Return how to read a measurement row."""
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
        """Believe what was pushed of a channel."""
        output, channel = key
        states = self.state.outputs
        if states is not None and output in states:
            self.state.outputs = {
                **states,
                output: {**states[output], channel: state},
            }

    # How.

    async def _poll_outputs(self) -> None:
        if self._monotonic() < self._rest_until:
            return
        state = self.state
        try:
            async with self._turn:
                await self._listings.outputs()
        except DaemonFrozenError:
            self._rest()
        except DaemonDownError:
            state.outputs, state.daemon = None, Daemon(running=False)
        except AuthFailedError, PermissionDeniedError, RateLimitedError:
            raise
        except BackendError as err:
            state.outputs = None
            await self._find_somebody(err)
            if isinstance(err, TimedOutError):
                # A frozen daemon holds the answer back for longer than we wait.
                self._rest()
        else:
            if not state.alive:
                self._daemon_due = 0.0
            self._take_outputs()

    async def _find_somebody(self, error: BackendError) -> None:
        """Return if anybody answers at all, otherwise raise what went wrong before."""
        try:
            async with self._turn:
                await self._client.capabilities()
        except BackendError:
            raise error from None

    def _rest(self) -> None:
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
            if state.alive and self.steer:
                await self._listings.conditionals()
                state.running = self._listings.running
        except ReadOnlyKeyError:
            # The role of the user was changed; looking is still allowed.
            self.steer = self.pid_routes = False
        except AuthFailedError:
            raise
        except BackendError:
            # Whether it runs is not known; the outputs may tell.
            state.daemon = None
            self._daemon_due = self._monotonic() + DAEMON_INTERVAL

    async def _ask_daemon(self) -> Daemon:
        if self.steer:
            return await self._client.daemon()
        return Daemon(await self._web.daemon_alive())

    async def _look_for_pid_routes(self) -> None:
        """Ask whether PIDs can be told anything, once there is one to ask for."""
        if self.steer and self.listing.pids and not self._asked_for_routes:
            identity = next(iter(self.listing.pids))
            try:
                async with self._turn:
                    self.pid_routes = await self._web.has_pid_routes(identity)
            except AuthFailedError:
                raise
            except BackendError:
                # At the next poll, then.
                return
            self._asked_for_routes = True

    def diagnostics(self) -> dict[str, Any]:
        """Return counts and capabilities; names and options are nobody's business."""
        listing, state, readings = self.listing, self.state, self._reader.readings
        return {
            "http": self._client.transport.counters.as_dict(),
            "version": self.version,
            "capabilities": sorted(self.capabilities),
            "may_steer": self.steer,
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
        if not self.steer:
            return "the API key may only look"
        if not self.listing.pids:
            return "there is no PID controller"
        return "no dashboard had a PID widget when the web server started"
