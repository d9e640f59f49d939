"""DSMR-reader that receives the forwarded telegrams of the demo's meter."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from simulators.certificates import make_certificate
from simulators.dsmr_reader import DsmrReaderServer, State, make_key
from simulators.p1_meter import P1Meter

from ..api import Json
from ..client import PATIENCE, wait_for
from ..table import StepFailed
from .base import NOBODY, Errand, Slip, Tour, Trouble, Visit

_KIND: Final = "dsmr_reader_target"
_KEY: Final = make_key("forwarding")
# Home Assistant restarts twice after forwarding begins: with all entities enabled, and while the
# meter is silent. With a slow meter it also reloads the entry first, because an entity was enabled.
_BREAKS: Final = 3
# Seconds that are enough for several telegrams, and the expected number.
_A_WHILE: Final = 20
_SOME: Final = 4


class ForwardingTarget:
    """The server, and the checks that use it."""

    def __init__(self, meter: P1Meter) -> None:
        """Create an empty server."""
        self._meter = meter
        self._some = min(_SOME, _A_WHILE // meter.interval)
        self._state = State(key=_KEY)
        self._server = DsmrReaderServer(self._state)
        self._safe = DsmrReaderServer(self._state, make_certificate("dsmr-reader"))

    async def start(self) -> None:
        """Start the server."""
        await self._server.server.start()
        await self._safe.server.start()

    async def stop(self) -> None:
        """Stop it."""
        await self._safe.server.stop()
        await self._server.server.stop()

    def secrets(self) -> Iterator[str]:
        """Yield the secrets."""
        yield _KEY

    def tours(self) -> Sequence[Tour]:
        """Return the flows that add it and change it, with their mistakes."""
        right, kind = self._right(), f"config_subentries.{_KIND}"
        nowhere = {**right, "url": NOBODY}
        guessed = {**right, "api_key": "guessed"}
        own = {**right, "url": f"{NOBODY}/api/hassio_ingress/dsmr/"}
        return (
            Tour(
                name="forward",
                kind=kind,
                answers={"user": right},
                slips=(
                    Slip("user", nowhere, "connection_refused"),
                    Slip("user", own, "dsmr_reader_ingress"),
                    Slip("user", guessed, "dsmr_reader_key"),
                ),
            ),
            Tour(name="forward-again", kind=kind, answers={"user": right}),
            Tour(
                name="forward-https",
                kind=kind,
                answers={"user": {**right, "url": self._safe.url}},
                until="certificate",
            ),
            Tour(
                name="forward-change",
                kind=kind,
                changes=True,
                answers={"reconfigure": right},
                slips=(
                    Slip("reconfigure", nowhere, "connection_refused"),
                    Slip("reconfigure", guessed, "dsmr_reader_key"),
                ),
            ),
        )

    def troubles(self) -> Sequence[Trouble]:
        """Return its faults, each with the key of its repair issue."""
        return (
            Trouble(key="forward_key", cause=self._change_key, undo=self._know_key),
            Trouble(key="forward_disabled", cause=self._disable, undo=self._enable),
        )

    async def _change_key(self) -> None:
        self._state.key = make_key("changed")

    def _know_key(self) -> None:
        self._state.key = _KEY

    async def _disable(self) -> None:
        self._state.allow = False

    def _enable(self) -> None:
        self._state.allow = True

    def _right(self) -> dict[str, Json]:
        return {"url": self._server.url, "api_key": _KEY}

    def errands(self) -> Sequence[Errand]:
        """Return the checks: add it, take it offline over a restart, and bring it back."""
        return (
            Errand(name="forward to a DSMR-reader", run=self._add, before_restart=True),
            Errand(
                name="the DSMR-reader goes away", run=self._lose, before_restart=True
            ),
            Errand(name="the DSMR-reader comes back", run=self._return),
        )

    async def _add(self, visit: Visit) -> str:
        target = {**self._right(), "mode": "auto", "interval": 0}
        await visit.client.add_to(visit.entry_id, _KIND, {"user": target})
        await self._arrived(self._some)
        # The entity is a diagnostic one, disabled by default.
        await visit.client.enable((await visit.entity("forward_queued")).entity_id)
        return f"{self._some} telegrams arrived"

    async def _lose(self, visit: Visit) -> str:
        await self._server.server.refuse()
        waiting = await self._shows(
            visit, "forward_queued", lambda n: float(n) >= self._some
        )
        await self._shows(visit, "forward_connected", lambda state: state == "off")
        return f"{waiting} telegrams wait"

    async def _return(self, visit: Visit) -> str:
        before = len(self._state.new)
        await self._server.server.listen()
        await self._shows(visit, "forward_queued", lambda number: float(number) == 0)
        await self._shows(visit, "forward_connected", lambda state: state == "on")
        await self._arrived(before + 2 * self._some)
        missing, count = self._missing()
        # Telegrams sent while Home Assistant restarts are lost.
        if len(missing) > _BREAKS:
            raise StepFailed(f"gaps of {missing} telegrams in {_BREAKS} breaks")
        if count == before:
            raise StepFailed("nothing had waited")
        refused = (await visit.entity("forward_refused")).state
        if refused is None or refused.state != "0":
            raise StepFailed(f"refused: {refused}")
        return (
            f"{count} telegrams in order, {count - before} of them since, and all that "
            f"waited; {sum(missing)} were said while Home Assistant restarted"
        )

    def _missing(self) -> tuple[list[int], int]:
        """Return the lengths of the gaps, and the number of telegrams; each once, in order."""
        arrived = [
            int(row["timestamp"].timestamp())
            for row in sorted(self._state.new, key=lambda row: row["id"])
        ]
        if any(a >= b for a, b in pairwise(arrived)):
            raise StepFailed("telegrams came twice, or not in order")
        log = list(self._meter.log)
        times = [sent.time for sent in log]
        # A telegram without a timestamp is dated at its arrival, a moment later.
        there = {times[bisect_right(times, time) - 1] for time in arrived}
        said = [
            sent.time
            for sent in log
            if min(there) <= sent.time <= max(there) and sent.fault != "pause"
        ]
        gaps = [
            sum(1 for _ in run)
            for gone, run in groupby(said, lambda time: time not in there)
            if gone
        ]
        return gaps, len(arrived)

    async def _arrived(self, count: int) -> None:
        async def enough() -> bool:
            return len(self._state.new) >= count

        await wait_for(
            enough, PATIENCE, lambda: f"only {len(self._state.new)} telegrams arrived"
        )

    @staticmethod
    async def _shows(visit: Visit, point: str, right: Callable[[str], bool]) -> str:
        """Wait until a point shows the expected value, and return it."""
        shown = ""

        async def so() -> bool:
            nonlocal shown
            entity = await visit.entity(point)
            shown = entity.state.state if entity.state else "nothing"
            return not entity.missing and right(shown)

        await wait_for(so, PATIENCE, lambda: f"{point} shows {shown}")
        return shown
