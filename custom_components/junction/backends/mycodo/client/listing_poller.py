"""Keeps the listing of one Mycodo up to date, each part as often as it changes."""

from collections.abc import Awaitable, Callable
from typing import Final

from ...http import ServerError
from .api import MycodoClient
from .errors import DaemonDownError
from .listing import Listing, conditionals, outputs_by_choices, shown_texts
from .web import MycodoWeb

PIDS: Final = 30.0
"""Seconds between two listings of PID controllers, whose setpoints people change."""
CONTROLLERS: Final = 60.0
"""Seconds after which an input or a function that was added appears."""
ROWS: Final = 600.0
"""Seconds after which another unit or name is noticed on a device known before."""


class ListingPoller:
    """What is listed, and what has to be listed again.

    ``complete`` is False while something could not be listed yet: then what is missing
    may be there all the same. ``indirect``: the outputs cannot be listed but are put
    together from other listings (docs/protocols/mycodo.md#when-the-output-list-fails).
    """

    def __init__(self, client: MycodoClient, web: MycodoWeb) -> None:
        """List nothing yet."""
        self._client = client
        self._web = web
        self._monotonic = client.clock.monotonic
        self._due: dict[str, float] = {}
        self._listed_for: frozenset[str] = frozenset()
        self.listing = Listing()
        self.running: dict[str, bool] = {}
        self.indirect = False
        self._outputs_listed = False
        self._direct_due = 0.0

    @property
    def complete(self) -> bool:
        """Whether everything was listed at least once."""
        return self._outputs_listed and "rows" in self._due

    def again(self) -> None:
        """List everything again at the next opportunity."""
        self._due.clear()

    async def outputs(self) -> None:
        """List the outputs with their states, in one request.

        Raises DaemonDownError and whatever else stands in the way.
        """
        if self.indirect and self._monotonic() < self._direct_due:
            states = await self._web.output_states()
            found = self.listing.outputs
            if {output: set(states[output]) for output in states} == {
                output: set(found.states[output]) for output in found.states
            }:
                self.listing.outputs = type(found)(
                    found.devices, found.channels, states
                )
                return
        try:
            found = await self._client.outputs()
            self.indirect = False
        except DaemonDownError:
            raise
        except ServerError as err:
            if err.status != 500:
                raise
            found = outputs_by_choices(
                await self._web.output_states(),
                await self._client.choices("outputs/devices"),
                await self._client.choices("outputs/measurements"),
            )
            self.indirect = True
            self._direct_due = self._monotonic() + ROWS
        before = self.listing.outputs
        # The same objects, so that comparing them costs nothing.
        self.listing.outputs = type(found)(
            before.devices if before.devices == found.devices else found.devices,
            before.channels if before.channels == found.channels else found.channels,
            found.states,
        )
        self._outputs_listed = True

    async def settings(self) -> None:
        """List again what is due of everything else; the web server's database has it."""
        await self._when_due("controllers", CONTROLLERS, self._controllers)
        await self._when_due("pids", PIDS, self._pids)
        if self.listing.identities() != self._listed_for:
            self._due.pop("rows", None)
        await self._when_due("rows", ROWS, self._rows)

    async def pids(self) -> None:
        """List the PID controllers now."""
        self._due.pop("pids", None)
        await self._when_due("pids", PIDS, self._pids)

    async def controller(self, identity: str) -> None:
        """Ask the daemon whether a controller runs, and keep it in the listing."""
        active = await self._client.controller_active(identity)
        listing = self.listing
        if identity in listing.conditionals:
            self.running[identity] = active
        for group in (listing.inputs, listing.functions, listing.triggers):
            if identity in group:
                found = group[identity]
                group[identity] = type(found)(
                    found.id, found.name, found.module, active, found.period
                )

    async def conditionals(self) -> None:
        """Ask the daemon which conditionals run: one request for each.

        Raises ReadOnlyKeyError.
        """
        await self._when_due("running", CONTROLLERS, self._running)

    async def _when_due(
        self, what: str, seconds: float, load: Callable[[], Awaitable[None]]
    ) -> None:
        now = self._monotonic()
        if self._due.get(what, now) <= now:
            await load()
            self._due[what] = now + seconds

    async def _controllers(self) -> None:
        client, listing = self._client, self.listing
        listing.inputs = {found.id: found for found in await client.inputs()}
        listing.functions = {found.id: found for found in await client.functions()}
        listing.triggers = {found.id: found for found in await client.triggers()}
        listing.conditionals = conditionals(await client.choices("controllers"))

    async def _pids(self) -> None:
        self.listing.pids = {found.id: found for found in await self._client.pids()}

    async def _rows(self) -> None:
        client, listing = self._client, self.listing
        identities = listing.identities()
        rows = await client.measurement_rows()
        units = await client.units()
        shown = shown_texts(
            await client.choices("inputs/measurements"),
            await client.choices("outputs/measurements"),
        )
        listing.rows = listing.rows if listing.rows == rows else rows
        listing.units, listing.shown = units, shown
        self._listed_for = identities

    async def _running(self) -> None:
        self.running = {
            identity: await self._client.controller_active(identity)
            for identity in self.listing.conditionals
        }
