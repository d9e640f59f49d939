"""Keep the lists of a Mycodo up to date, each part at its own interval."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from ....errors import AuthFailedError, BackendError
from ...http import PermissionDeniedError, ServerError
from .api import MycodoClient
from .errors import DaemonDownError
from .listing import (
    Listing,
    Part,
    conditionals,
    is_spacer,
    outputs_by_choices,
    recorded_channels,
    shown_texts,
)
from .models import Output, OutputChannel, Outputs
from .web import MycodoWeb

PIDS: Final = 30.0
"""Seconds between two lists of PID controllers, whose setpoints users change."""
CONTROLLERS: Final = 60.0
"""Seconds until an added input or function appears."""
ROWS: Final = 600.0
"""Seconds until a changed unit or name of a known device is noticed."""
AGAIN: Final = 15.0
"""Seconds before a part that could not be listed is tried again."""
DIRECT: Final = 60.0
"""Seconds before the list of outputs is tried again after it failed."""


class ListingPoller:
    """The listing, and the parts that are due.

    ``failed`` are the parts that could not be listed the last time; their data is
    outdated. ``indirect``: the outputs cannot be listed and are assembled from other
    lists (docs/protocols/mycodo.md#when-the-output-list-fails); ``broken`` are the
    names of the outputs that cause it. ``turn`` is held during each request.
    """

    def __init__(
        self, client: MycodoClient, web: MycodoWeb, turn: asyncio.Lock
    ) -> None:
        """Initialize; nothing is listed yet."""
        self._client = client
        self._web = web
        self._turn = turn
        self._monotonic = client.clock.monotonic
        self._due: dict[Part, float] = {}
        self._listed: set[Part] = set()
        self._listed_for: frozenset[str] = frozenset()
        self.listing = Listing()
        self.running: dict[str, bool] = {}
        self.failed: dict[Part, BackendError] = {}
        self.indirect = False
        self.broken: tuple[str, ...] = ()
        self._outputs_listed = False
        self._direct_due = 0.0
        self._details: dict[str, tuple[Output, tuple[OutputChannel, ...]] | None] = {}

    @property
    def complete(self) -> bool:
        """Return whether everything was listed, and nothing failed the last time."""
        needed = set(Part) - {Part.RUNNING}
        return (
            self._outputs_listed
            and needed <= self._listed
            and not needed & set(self.failed)
        )

    def again(self) -> None:
        """List everything again at the next opportunity."""
        self._due.clear()

    async def outputs(self) -> None:
        """List the outputs with their states, in one request.

        Raises DaemonDownError or another BackendError.
        """
        if self.indirect and self._monotonic() < self._direct_due:
            states = await self._web.output_states()
            found = self.listing.outputs
            if {output: set(states[output]) for output in states} == {
                output: set(found.states[output]) for output in found.states
            }:
                self.listing.outputs = Outputs(found.devices, found.channels, states)
                return
        try:
            found = await self._client.outputs()
            self.indirect, self.broken = False, ()
            self._details.clear()
        except DaemonDownError:
            raise
        except ServerError as err:
            if err.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            found = await self._indirect_outputs()
            self.indirect = True
            self._direct_due = self._monotonic() + DIRECT
        before = self.listing.outputs
        # Keep the same objects, so that comparing them is cheap.
        self.listing.outputs = Outputs(
            before.devices if before.devices == found.devices else found.devices,
            before.channels if before.channels == found.channels else found.channels,
            found.states,
        )
        self._outputs_listed = True

    async def _indirect_outputs(self) -> Outputs:
        """Assemble the outputs from choice lists, and from those that can be read singly."""
        found = outputs_by_choices(
            await self._web.output_states(),
            await self._client.choices("outputs/devices"),
            await self._client.choices("outputs/measurements"),
            self.listing.rows or await self._client.measurement_rows(),
        )
        for output in found.devices:
            if output.id not in self._details:
                self._details[output.id] = await self._output(output.id)
        details, before = self._details, self.listing.outputs
        self.broken = tuple(o.name for o in found.devices if details[o.id] is None)
        listed = {output.id: output for output in before.devices}
        devices: list[Output] = []
        channels: list[OutputChannel] = []
        for output in found.devices:
            if (single := details[output.id]) is not None:
                devices.append(single[0])
                channels += single[1]
                continue
            # What was known before it broke the list is still valid.
            source = before if output.id in listed else found
            devices.append(listed.get(output.id, output))
            channels += [one for one in source.channels if one.output == output.id]
        return Outputs(tuple(devices), tuple(channels), found.states)

    async def _output(
        self, identity: str
    ) -> tuple[Output, tuple[OutputChannel, ...]] | None:
        """Return one output with its channels; None if it is one that breaks the list."""
        try:
            return await self._client.output(identity)
        except ServerError, PermissionDeniedError:
            return None

    async def settings(self) -> None:
        """List all other parts that are due; they come from the web server's database.

        A part that fails does not stop the others, and its old data stays. Raises
        AuthFailedError and UselessKeyError, and the error of a part that is required
        but was never listed.
        """
        await self._when_due(Part.INPUTS, CONTROLLERS, self._inputs)
        await self._when_due(Part.FUNCTIONS, CONTROLLERS, self._functions)
        await self._when_due(Part.TRIGGERS, CONTROLLERS, self._triggers)
        await self._when_due(Part.CONDITIONALS, CONTROLLERS, self._conditionals)
        await self._when_due(Part.PIDS, PIDS, self._pids)
        if self.listing.identities() != self._listed_for:
            self._due.pop(Part.ROWS, None)
        await self._when_due(Part.ROWS, ROWS, self._rows)
        if Part.ROWS not in self._listed:
            # Without the rows the kind of an output is unknown.
            raise self.failed[Part.ROWS]

    async def pids(self) -> None:
        """List the PID controllers now. Raises BackendError."""
        await self._pids()
        self._due[Part.PIDS] = self._monotonic() + PIDS

    async def controller(self, identity: str) -> None:
        """Ask the daemon whether a controller is active, and store it in the listing."""
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
        """Ask the daemon which conditionals are active: one request for each.

        Raises ReadOnlyKeyError.
        """
        await self._when_due(Part.RUNNING, CONTROLLERS, self._running)

    async def _when_due(
        self, part: Part, seconds: float, load: Callable[[], Awaitable[None]]
    ) -> None:
        now = self._monotonic()
        if self._due.get(part, now) > now:
            return
        try:
            async with self._turn:
                await load()
        except AuthFailedError, PermissionDeniedError:
            raise
        except BackendError as err:
            self.failed[part] = err
            self._due[part] = now + min(seconds, AGAIN)
        else:
            self.failed.pop(part, None)
            self._listed.add(part)
            self._due[part] = now + seconds

    async def _inputs(self) -> None:
        self.listing.inputs = {
            found.id: found
            for found in await self._client.inputs()
            if not is_spacer(found.module)
        }

    async def _functions(self) -> None:
        self.listing.functions = {
            found.id: found
            for found in await self._client.functions()
            if not is_spacer(found.module)
        }

    async def _triggers(self) -> None:
        self.listing.triggers = {
            found.id: found for found in await self._client.triggers()
        }

    async def _conditionals(self) -> None:
        choices = await self._client.choices("controllers")
        self.listing.conditionals = conditionals(choices)

    async def _pids(self) -> None:
        self.listing.pids = {found.id: found for found in await self._client.pids()}

    async def _rows(self) -> None:
        client, listing = self._client, self.listing
        identities = listing.identities()
        rows = await client.measurement_rows()
        units = await client.units()
        of_outputs = await client.choices("outputs/measurements")
        shown = shown_texts(await client.choices("inputs/measurements"), of_outputs)
        listing.rows = listing.rows if listing.rows == rows else rows
        listing.units, listing.shown = units, shown
        listing.recorded = recorded_channels(of_outputs)
        self._listed_for = identities

    async def _running(self) -> None:
        self.running = {
            identity: await self._client.controller_active(identity)
            for identity in self.listing.conditionals
        }
