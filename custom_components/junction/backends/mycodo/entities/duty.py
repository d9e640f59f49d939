"""Duty cycle of a PWM channel, as the different drivers report it.

See docs/protocols/mycodo.md#pwm-channels.
"""

from dataclasses import dataclass
from typing import Final

from ..client import Output, OutputChannel, OutputState

_TOLERANCE: Final = 1.0
"""Percentage points by which a driver's resolution may change a duty cycle."""
_ENOUGH: Final = 2


def inverted(output: Output, channel: OutputChannel) -> bool:
    """Return whether the state of a PWM channel is 100 percent minus the command.

    Drivers differ: most report their output, one reports the command, and the one for
    MQTT also applies the setting for the log.
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
    """Duty cycle of one PWM channel in percent, and its last value other than zero.

    ``certain``: it is known whether the signal is inverted. Otherwise it is learned
    from the states after commands.
    """

    reversed: bool = False
    certain: bool = False
    last: float = 100.0
    _commanded: float | None = None
    _surprises: int = 0

    def set_commanded(self, percent: float) -> None:
        """Store a commanded value in percent, to compare the next state with."""
        self._commanded = percent

    def _learn(self, state: float) -> None:
        """Compare a state with the last command; two complements in a row are no coincidence."""
        commanded, self._commanded = self._commanded, None
        if commanded is None or self.certain or abs(commanded - 50.0) <= 2 * _TOLERANCE:
            return
        expected = 100.0 - commanded if self.reversed else commanded
        if abs(state - expected) <= _TOLERANCE:
            self._surprises = 0
        elif abs(state - (100.0 - expected)) <= _TOLERANCE:
            self._surprises += 1
        if self._surprises >= _ENOUGH:
            self.reversed, self._surprises = not self.reversed, 0

    def read(self, state: OutputState) -> float | None:
        """Return the duty cycle for a state, in percent; None if unknown."""
        if state is None:
            return None
        if isinstance(state, bool):
            state = 100.0 if state else 0.0
        self._learn(state)
        percent = 100.0 - state if self.reversed else state
        if percent > 0:
            self.last = percent
        return percent
