"""All that is known of a Mycodo at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .listing import Listing
from .models import Daemon, OutputStates, Pid, Reading


@dataclass(slots=True)
class MycodoState:
    """What is known now; what is None could not be asked.

    ``readings`` are by measurement id, None = no current value, missing = not read.
    ``running`` tells of each conditional whether the daemon runs it, ``sums`` what
    outputs did since ``midnight``.
    """

    listing: Listing
    outputs: OutputStates | None = None
    daemon: Daemon | None = None
    readings: Mapping[str, Reading | None] | None = None
    sums: Mapping[str, float | None] = field(default_factory=dict)
    running: Mapping[str, bool] = field(default_factory=dict)
    midnight: datetime | None = None

    @property
    def alive(self) -> bool:
        """Whether the daemon runs."""
        return self.daemon is not None and self.daemon.running

    def pid(self, identity: str) -> Pid | None:
        """Return a PID as last listed, None while nobody runs it."""
        return self.listing.pids.get(identity) if self.alive else None

    def driven(self, channel: tuple[str, str]) -> bool:
        """Return whether an output is on now; the channel is told by its id."""
        output, identity = channel
        states = (self.outputs or {}).get(output, {})
        return any(
            states.get(found.channel)
            for found in self.listing.outputs.channels
            if found.output == output and found.id == identity
        )
