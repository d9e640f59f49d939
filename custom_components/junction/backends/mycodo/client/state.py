"""State of a Mycodo."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .daemon_poller import ChannelState
from .listing import Listing, Part
from .models import Daemon, OutputStates, Pid, Reading


@dataclass(slots=True)
class MycodoState:
    """What is known now; what is None could not be asked.

    ``stale`` are the parts that could not be listed the last time. ``readings`` are by
    measurement id, None = no current value, missing = not read.
    ``running`` tells of each conditional whether the daemon runs it, ``sums`` what
    outputs did since ``midnight``. ``channel`` is what the daemon's own port tells, None
    without it.
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
        """Whether the daemon runs: it says so, or tells of the outputs."""
        if self.daemon is None:
            return self.outputs is not None
        return self.daemon.running

    def pid(self, identity: str) -> Pid | None:
        """Return a PID as last listed, None while nobody runs it."""
        if not self.alive or Part.PIDS in self.stale:
            return None
        return self.listing.pids.get(identity)

    def driven(self, channel: tuple[str, str]) -> bool:
        """Return whether an output is on now; the channel is told by its id."""
        output, identity = channel
        states = (self.outputs or {}).get(output, {})
        return any(
            states.get(found.channel)
            for found in self.listing.outputs.channels
            if found.output == output and found.id == identity
        )
