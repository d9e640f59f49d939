"""Commands to outputs, their timers, and detection of commands without effect.

Mycodo does not report how long an output stays on, so timers set from here are
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
"""Output id and channel."""

# Seconds before an output that shows no effect is read once more.
LOOK_AGAIN: Final = 1.0


@dataclass(frozen=True, slots=True)
class CommandConfirmer:
    """Confirm a command by the state of its output.

    ``read_output`` reads and shows the outputs; ``on_unknown_result`` is called if it is
    unknown whether a command arrived.
    """

    read_output: Callable[[ChannelKey], Awaitable[OutputState]]
    on_unknown_result: Callable[[], None]

    async def __call__(
        self,
        key: ChannelKey,
        command: Awaitable[str],
        agrees: Callable[[OutputState], bool] = lambda state: True,
    ) -> tuple[OutputState, str]:
        """Send a command; return the resulting state, and Mycodo's message.

        Raises NoEffectError if the state is unknown or ``agrees`` rejects it.
        """
        try:
            words = await command
        except UnreachableError, asyncio.CancelledError:
            self.on_unknown_result()
            raise
        state = await self.read_output(key)
        if state is None or not agrees(state):
            await asyncio.sleep(LOOK_AGAIN)
            state = await self.read_output(key)
        if state is None or not agrees(state):
            raise NoEffectError(state=shown(state))
        return state, words


def shown(state: OutputState) -> str:
    """Return a state in Mycodo's words."""
    if state is None:
        return "unknown"
    return str(state) if not isinstance(state, bool) else "on" if state else "off"


class Commands:
    """Send commands, and remember their timers."""

    def __init__(
        self,
        client: MycodoClient,
        web: MycodoWeb,
        on_timer: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """Use the API, and the web interface for what the API lacks.

        ``on_timer`` is called with the seconds until a timer turns an output off.
        """
        self._client = client
        self._web = web
        self._monotonic = client.clock.monotonic
        self._on_timer = on_timer
        self._ends: dict[ChannelKey, float] = {}

    async def turn_on(self, key: ChannelKey) -> str:
        """Turn on permanently: a timer that was set from here no longer turns it off."""
        timed = self._ends.get(key, 0.0) > self._monotonic()
        try:
            words = await self._client.set_output(*key, state=True)
        except AlreadyOnError as err:
            # The output is on already, which is a success for a switch; but a timer
            # would keep running.
            words = err.detail
            if timed:
                words = await self._client.set_output(
                    *key, state=True, duration=FOREVER
                )
        self._ends.pop(key, None)
        return words

    async def turn_on_for(self, key: ChannelKey, seconds: float) -> str:
        """Turn on for so many seconds from now; Mycodo itself turns off."""
        try:
            words = await self._client.set_output(*key, state=True, duration=seconds)
        except UnreachableError, asyncio.CancelledError:
            # The command may have arrived although the answer was lost.
            self._timed(key, seconds)
            raise
        self._timed(key, seconds)
        return words

    def _timed(self, key: ChannelKey, seconds: float) -> None:
        self._ends[key] = self._monotonic() + seconds
        self._on_timer(seconds)

    async def turn_off(self, key: ChannelKey) -> str:
        """Turn off an output of any kind."""
        words = await self._client.set_output(*key, state=False)
        self._ends.pop(key, None)
        return words

    async def set_duty_cycle(self, key: ChannelKey, percent: float) -> str:
        """Set a PWM output, 0 to 100 percent."""
        return await self._client.set_output(*key, duty_cycle=percent)

    async def set_value(self, key: ChannelKey, value: float) -> str:
        """Set a value output, in the output's unit."""
        return await self._web.set_value(*key, value)

    async def dispense(self, key: ChannelKey, millilitres: float) -> str:
        """Let a pump dispense a volume in ml; replaces a running dispense."""
        return await self._client.set_output(*key, volume=millilitres)

    def seen(self, states: OutputStates) -> None:
        """Forget the timers of outputs that are off now."""
        for output, channel in list(self._ends):
            if states.get(output, {}).get(channel) is False:
                del self._ends[output, channel]
