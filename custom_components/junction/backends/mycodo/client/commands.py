"""Commands to outputs, with their timers, and with successes that are none.

Mycodo does not tell how long an output is still on, so what was sent from here is
remembered (docs/protocols/mycodo.md#onoff-channels).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ....errors import UnreachableError
from .api import FOREVER, MycodoClient
from .errors import AlreadyOnError, NoEffectError
from .models import OutputState, OutputStates
from .web import MycodoWeb

type ChannelKey = tuple[str, int]
"""(output id, channel)."""

# Seconds after which an output that shows no effect yet is looked at once more.
LOOK_AGAIN: Final = 1.0


@dataclass(frozen=True, slots=True)
class CommandConfirmer:
    """Confirms commands by the state of their output, where nothing else does.

    ``look`` reads and shows the outputs, ``doubt`` is told of a command that may or may
    not have arrived.
    """

    look: Callable[[ChannelKey], Awaitable[OutputState]]
    doubt: Callable[[], None]

    async def __call__(
        self,
        key: ChannelKey,
        command: Awaitable[str],
        agrees: Callable[[OutputState], bool] = lambda state: True,
    ) -> tuple[OutputState, str]:
        """Send a command; return the state it led to, and Mycodo's words.

        Raises NoEffectError when the state is unknown or does not agree.
        """
        try:
            words = await command
        except UnreachableError, asyncio.CancelledError:
            self.doubt()
            raise
        state = await self.look(key)
        if state is None or not agrees(state):
            await asyncio.sleep(LOOK_AGAIN)
            state = await self.look(key)
        if state is None or not agrees(state):
            raise NoEffectError(state=shown(state))
        return state, words


def shown(state: OutputState) -> str:
    """Return a state as Mycodo writes it."""
    if state is None:
        return "unknown"
    return str(state) if not isinstance(state, bool) else "on" if state else "off"


class Commands:
    """Sends commands and keeps the timers of them."""

    def __init__(
        self,
        client: MycodoClient,
        web: MycodoWeb,
        on_timer: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """Steer by the API, and by the web interface where there is no other way.

        ``on_timer`` is told in how many seconds something will happen by itself.
        """
        self._client = client
        self._web = web
        self._monotonic = client.clock.monotonic
        self._on_timer = on_timer
        self._ends: dict[ChannelKey, float] = {}

    async def turn_on(self, key: ChannelKey) -> str:
        """Turn on, for good: a timer that was set from here no longer ends it."""
        timed = self._ends.get(key, 0.0) > self._monotonic()
        try:
            words = await self._client.set_output(*key, state=True)
        except AlreadyOnError as err:
            # For a switch that is success; the timer would keep running, though.
            words = err.detail
            if timed:
                words = await self._client.set_output(
                    *key, state=True, duration=FOREVER
                )
        self._ends.pop(key, None)
        return words

    async def turn_on_for(self, key: ChannelKey, seconds: float) -> str:
        """Turn on for some seconds from now; Mycodo itself turns off."""
        try:
            words = await self._client.set_output(*key, state=True, duration=seconds)
        except UnreachableError, asyncio.CancelledError:
            # Only the answer may be lost, and the timer runs all the same.
            self._timed(key, seconds)
            raise
        self._timed(key, seconds)
        return words

    def _timed(self, key: ChannelKey, seconds: float) -> None:
        self._ends[key] = self._monotonic() + seconds
        self._on_timer(seconds)

    async def turn_off(self, key: ChannelKey) -> str:
        """Turn off, whatever kind of output it is."""
        words = await self._client.set_output(*key, state=False)
        self._ends.pop(key, None)
        return words

    async def set_duty_cycle(self, key: ChannelKey, percent: float) -> str:
        """Set a PWM output, 0 to 100 percent."""
        return await self._client.set_output(*key, duty_cycle=percent)

    async def set_value(self, key: ChannelKey, value: float) -> str:
        """Set a value output, in its own unit."""
        return await self._web.set_value(*key, value)

    async def dispense(self, key: ChannelKey, millilitres: float) -> str:
        """Let a pump dispense; takes the place of what it is still dispensing."""
        return await self._client.set_output(*key, volume=millilitres)

    def seen(self, states: OutputStates) -> None:
        """Forget the timers of what is off by now."""
        for output, channel in list(self._ends):
            if states.get(output, {}).get(channel) is False:
                del self._ends[output, channel]
