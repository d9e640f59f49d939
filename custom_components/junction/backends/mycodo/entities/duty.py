"""The duty cycle of a PWM channel, however its driver tells it.

See docs/protocols/mycodo.md#pwm-channels.
"""

from dataclasses import dataclass
from typing import Final

from ..client import Output, OutputChannel, OutputState

_TOLERANCE: Final = 1.0
"""Percent by which a driver's own resolution may change a duty cycle."""
_ENOUGH: Final = 2


def inverted(output: Output, channel: OutputChannel) -> bool:
    """Return whether the state of a PWM channel is 100 percent minus what was told.

    Drivers differ: most report what they put out, one what it was told, and the one
    for MQTT also applies what is meant for the log.
    """
    match output.module:
        case "pwm_pca9685":
            return False
        case "MQTT_PAHO_PWM":
            return channel.invert != channel.invert_stored
        case _:
            return channel.invert


@dataclass(slots=True)
class Duty:
    """The duty cycle of one PWM channel, in percent, and the last that was not zero.

    ``certain``: it is known whether the signal is reversed. Otherwise that is learnt from
    what the channel answers to commands.
    """

    reversed: bool = False
    certain: bool = False
    last: float = 100.0
    _told: float | None = None
    _surprises: int = 0

    def tell(self, percent: float) -> None:
        """Notice a command, in percent, to compare the next state with."""
        self._told = percent

    def _learn(self, state: float) -> None:
        """Compare a state with the last command: the complement twice over is no chance."""
        told, self._told = self._told, None
        if told is None or self.certain or abs(told - 50.0) <= 2 * _TOLERANCE:
            return
        expected = 100.0 - told if self.reversed else told
        if abs(state - expected) <= _TOLERANCE:
            self._surprises = 0
        elif abs(state - (100.0 - expected)) <= _TOLERANCE:
            self._surprises += 1
        if self._surprises >= _ENOUGH:
            self.reversed, self._surprises = not self.reversed, 0

    def read(self, state: OutputState) -> float | None:
        """Return what a state means, in percent; None for an unknown one."""
        if state is None:
            return None
        if isinstance(state, bool):
            state = 100.0 if state else 0.0
        self._learn(state)
        percent = 100.0 - state if self.reversed else state
        if percent > 0:
            self.last = percent
        return percent
