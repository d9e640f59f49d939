"""The duty cycle of a PWM channel, however its driver tells it.

See docs/protocols/mycodo.md#pwm-channels.
"""

from dataclasses import dataclass

from ..client import Output, OutputChannel, OutputState


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
    """The duty cycle of one PWM channel, in percent, and the last that was not zero."""

    reversed: bool = False
    last: float = 100.0

    def read(self, state: OutputState) -> float | None:
        """Return what a state means."""
        if state is None:
            return None
        if isinstance(state, bool):
            state = 100.0 if state else 0.0
        percent = 100.0 - state if self.reversed else state
        if percent > 0:
            self.last = percent
        return percent
