"""Take over pushed changes, and report them."""

import asyncio

from homeassistant.core import callback

from ....errors import BackendError, UnsupportedError
from ....model import Delta
from ...base import Sink
from ..client import Kind, Poller, States, Topic
from .configuration import ConfigurationReader
from .events import InputEvents
from .gateway import CONNECTED_KEY
from .inventory import Inventory
from .refresh import Refresher


class PushHandler:
    """Take over the changes of a stream, and report them to ``sink``."""

    def __init__(
        self, inventory: Inventory, poller: Poller, events: InputEvents
    ) -> None:
        """Initialize without a sink."""
        self._inventory = inventory
        self._installation = inventory.installation
        self._poller = poller
        self._events = events
        self.configuration: ConfigurationReader
        self.refresher: Refresher
        self.sink: Sink | None = None
        self.first_word = asyncio.Event()
        """Set once the stream is live, or known to be unsupported."""

    @callback
    def live(self) -> None:
        """Handle a complete stream: read what may have been missed before it."""
        first = not self.first_word.is_set()
        self.first_word.set()
        self._poller.mark()
        self._set_live(True)
        if not first or self.sink is not None:
            self.configuration.reopened()
            self._refresh()

    @callback
    def broken(self, error: BackendError) -> None:
        """Return to polling."""
        if isinstance(error, UnsupportedError):
            self.first_word.set()
            if self._installation.presses:
                self._installation.presses = False
                self._inventory.build()
        if not self._installation.live:
            return
        self._set_live(False)
        self._poller.mark()
        self._events.forget()
        if self.sink is None or self._installation.lost:
            # A push would mark an unavailable entry as available.
            return
        if CONNECTED_KEY in self._inventory.shown:
            # Only this state: the next fetch finds out whether the gateway is
            # reachable.
            self.sink.push(Delta(states={CONNECTED_KEY: False}))
        self.sink.refresh()

    @callback
    def changed(self, states: States) -> None:
        """Take over changed states, and report presses."""
        known = {
            key: state for key, state in states.items() if key in self._inventory.known
        }
        if len(known) < len(states) and self.configuration.on_unknown_object():
            self._refresh()
        self.refresher.touch(known)
        changed = self._inventory.update(known)
        if self.sink is not None and changed:
            self.sink.push(self._inventory.delta(changed))
        for (kind, number), state in known.items():
            if kind is Kind.INPUT and isinstance(state, bool) and self.sink:
                self._events.take(number, state, self.sink)

    @callback
    def stale(self, topic: Topic) -> None:
        """Read a topic again soon."""
        self._poller.mark((topic,))
        self._refresh()

    @callback
    def refresh_after_command(self) -> None:
        """Read the effect of a command, unless the gateway pushes it."""
        blind = self._installation.gateway.abilities.blind
        topics = blind if self._installation.live else tuple(Topic)
        self._poller.mark(topics)
        if topics:
            self._refresh()

    @callback
    def reread(self) -> None:
        """Read the configuration and all states again."""
        self.configuration.mark()
        self._poller.mark()
        self._refresh()

    def _set_live(self, live: bool) -> None:
        self._installation.live = live
        if CONNECTED_KEY in self._inventory.shown:
            self._inventory.shown[CONNECTED_KEY] = live

    def _refresh(self) -> None:
        if self.sink is not None:
            self.sink.refresh()
