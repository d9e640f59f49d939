"""Poll the daemon's port for its readiness and for values that only it reports."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from ....errors import BackendError, RejectedError, UnsupportedError
from ...http import Clock
from .commands import ChannelKey
from .daemon import DaemonChannel, is_lost
from .daemon_functions import DaemonFunctions, finite
from .errors import OtherDaemonError

READY_INTERVAL: Final = 30.0
AGAIN: Final = 10.0
"""Seconds before a daemon that is not ready, or does not answer, is polled again."""

type PidValue = tuple[str, str]
"""PID id and setting."""


@dataclass(slots=True)
class ChannelState:
    """State of the channel; its values are shown only while the daemon is ``ready``.

    ``on_for`` is how many seconds output channels have been on, ``pid_values`` are by
    PID and setting, ``problem`` is the key of the last error.
    """

    ready: bool = False
    problem: str | None = None
    on_for: dict[ChannelKey, float] = field(default_factory=dict)
    pid_values: dict[PidValue, float | None] = field(default_factory=dict)


class DaemonPoller:
    """Keep ``state`` up to date. ``functions`` are for commands."""

    def __init__(self, channel: DaemonChannel, clock: Clock) -> None:
        """Initialize; nothing is sent yet."""
        self.channel = channel
        self.functions = DaemonFunctions(channel)
        self.state = ChannelState()
        self._monotonic = clock.monotonic
        self._due = 0.0

    async def check(self, outputs: Collection[str]) -> None:
        """Raise BackendError unless the daemon answers and has these outputs.

        A starting daemon has no outputs yet, and is accepted.
        """
        await self.channel.problem()
        known = await self.functions.output_states()
        if known and outputs and not set(known) & set(outputs):
            raise OtherDaemonError

    async def poll(
        self,
        outputs: Collection[str],
        on_for: Collection[ChannelKey],
        pid_values: Collection[PidValue],
    ) -> None:
        """Read the given values. Errors are not raised but stored in ``problem``."""
        state = self.state
        try:
            if self._monotonic() >= self._due:
                await self._read_daemon(outputs)
            if not state.ready:
                return
            state.on_for = {key: await self._on_for(key) for key in on_for}
            state.pid_values = {key: await self._pid_value(key) for key in pid_values}
        except BackendError as err:
            self._lost(err)

    async def _read_daemon(self, outputs: Collection[str]) -> None:
        problem = await self.channel.problem()
        if problem is None and not self.state.ready:
            # After a reconnect it may be another daemon.
            await self.check(outputs)
        self.state.ready, self.state.problem = problem is None, problem
        self._due = self._monotonic() + (AGAIN if problem else READY_INTERVAL)

    def _lost(self, error: BackendError) -> None:
        self.state.problem = error.key
        if is_lost(error):
            self.state.ready = False
        self._due = self._monotonic() + AGAIN

    async def _on_for(self, key: ChannelKey) -> float:
        try:
            return await self.functions.output_sec_currently_on(*key)
        except RejectedError, UnsupportedError:
            return 0.0

    async def _pid_value(self, key: PidValue) -> float | None:
        try:
            value = await self.functions.pid_get(*key)
            return None if value is None else finite(value)
        except RejectedError, UnsupportedError:
            return None
