"""State of a Mycodo."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .daemon_poller import ChannelState
from .listing import Listing, Part
from .models import Daemon, OutputStates, Pid, Reading


@dataclass(slots=True)
class MycodoState:
    """Current state; None means that it could not be read.

    ``stale`` are the parts that could not be listed the last time. ``readings`` are by
    measurement id, None = no current value, missing = not read. ``running`` says for
    each conditional whether it is active, ``sums`` are the outputs' totals since
    ``midnight``. ``channel`` is the state of the daemon's own port, None without it.
    """

    listing: Listing
    stale: Collection[Part] = ()
    outputs: OutputStates | None = None
    daemon: Daemon | None = None
    readings: Mapping[str, Reading | None] | None = None
    sums: Mapping[str, float | None] = field(default_factory=dict)
    running: Mapping[str, bool] = field(default_factory=dict)
    midnight: datetime | None = None
    channel: ChannelState | None = None

    @property
    def alive(self) -> bool:
        """Return whether the daemon runs: it says so, or it reports the outputs."""
        if self.daemon is None:
            return self.outputs is not None
        return self.daemon.running

    def pid(self, identity: str) -> Pid | None:
        """Return a PID as last listed, None while the daemon is not running."""
        if not self.alive or Part.PIDS in self.stale:
            return None
        return self.listing.pids.get(identity)

    def driven(self, channel: tuple[str, str]) -> bool:
        """Return whether an output is on now, by the id of its channel."""
        output, identity = channel
        states = (self.outputs or {}).get(output, {})
        return any(
            states.get(found.channel)
            for found in self.listing.outputs.channels
            if found.output == output and found.id == identity
        )
