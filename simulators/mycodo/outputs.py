"""Output engine of the daemon: states, timers, messages (docs/protocols/mycodo.md#outputs)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from simulators.house import House

from .series import Database
from .state import Channel, ChannelState, Output, State


class Refused(Exception):
    """The daemon refuses a command; the text is its message."""


@dataclass(slots=True)
class Engine:
    """Carries out commands. ``changes`` are the pending announcements."""

    state: State
    database: Database
    house: House | None = None
    changes: list[tuple[str, int, str]] = field(default_factory=list)
    executed: list[tuple[str, int, str]] = field(default_factory=list)
    """Every command that reached an output, in order: for tests that count them."""

    def settle(self) -> None:
        """Apply the timers that have expired."""
        if not self.state.daemon_running or self.state.daemon_frozen:
            return
        now = self.state.now()
        for output in self.state.outputs:
            for channel in output.channels:
                if channel.until is not None and channel.until <= now:
                    self._off(output, channel, channel.until)

    def restart(self) -> None:
        """Clear all timers, and set every output to its start-up state, off."""
        for output in self.state.outputs:
            output.loaded = output.kind != "spacer"
            for channel in output.channels:
                channel.until = None
                self._put(output, channel, value=False)

    def states(self) -> dict[str, dict[str, ChannelState]]:
        """Return all states in the form of the daemon."""
        self.settle()
        return {
            output.unique_id: {
                str(channel.channel): channel.state if output.ready else None
                for channel in output.channels
            }
            for output in self.state.outputs
            if output.loaded and output.kind != "spacer"
        }

    def command(
        self, output_id: str, number: int | None, state: str, kind: str, amount: float
    ) -> str:
        """Command "on" or "off" of a kind: sec, pwm, vol, or value. Returns its message.

        Raises Refused.
        """
        self.settle()
        output = self.state.output(output_id)
        if output is None or output.kind == "spacer" or not output.loaded:
            raise Refused(f"Output {output_id} not found")
        if output.problem is not None:
            raise Refused(f"Cannot manipulate Output {output_id}: {output.problem}")
        channel = next((c for c in output.channels if c.channel == number), None)
        if channel is None:
            if output.kind == "on_off" and len(output.channels) > 1:
                raise Refused(f"Could not turn output on: {number}")
            raise Refused(
                f"Cannot manipulate Output {output_id}: "
                f"output channel doesn't exist: {number}"
            )
        self.executed.append((output_id, channel.channel, f"{state} {kind} {amount:g}"))
        name = f"Output {output_id} CH{number} ({output.name})"
        if state == "off":
            self._off(output, channel, self.state.now())
            stamp = self._stamp().split(".", maxsplit=1)[0]
            return f"{name} OFF at {stamp}. Output returned: {output.returns}"
        handlers: dict[tuple[str, str], Callable[..., str]] = {
            ("on_off", "sec"): self._on,
            ("pump", "sec"): self._on,
            ("pump", "vol"): self._dispense,
            ("pwm", "pwm"): self._pwm,
            ("value", "value"): self._value,
        }
        handler = handlers.get((output.kind, kind))
        # The wrong kind of command succeeds without any effect.
        return "" if handler is None else handler(output, channel, name, amount)

    def _on(self, output: Output, channel: Channel, name: str, amount: float) -> str:
        now, seconds = self.state.now(), abs(amount)
        if channel.state and output.ready:
            if not seconds:
                if not channel.options.get("command_force"):
                    raise Refused(f"{name} is already on.")
            elif channel.until is None:
                channel.until, channel.asked = now + seconds, seconds
                return (
                    f"{name} is currently on without an amount. "
                    f"Turning into an amount of {seconds} seconds."
                )
            else:
                left, been = channel.until - now, now - channel.since
                self._log(output, channel, "duration_time", "s", been, channel.since)
                words = (
                    f"{name} is already on for an amount of {channel.asked:.2f} seconds "
                    f"(with {left:.2f} seconds remaining). Recording the amount of time "
                    f"the output has been on ({been:.2f} sec) and updating the amount "
                    f"to {seconds:.2f} seconds."
                )
                channel.since = now
                channel.until, channel.asked = now + seconds, seconds
                return words
        channel.since = now
        channel.until = now + seconds if seconds else None
        channel.asked = seconds
        self._put(output, channel, value=True)
        if seconds:
            return f"{name} on for {seconds} seconds. Output returned: {output.returns}"
        return f"{name} ON at {self._stamp()}. Output returned: {output.returns}"

    def _off(self, output: Output, channel: Channel, moment: float) -> None:
        if channel.state and output.kind in ("on_off", "pump"):
            been = moment - channel.since
            self._log(output, channel, "duration_time", "s", been, channel.since)
        elif output.kind == "pwm":
            self._log(output, channel, "duty_cycle", "percent", 0.0, moment)
        channel.until = None
        # An inverted signal is off when it is always high.
        reverse = output.kind == "pwm" and channel.options.get("pwm_invert_signal")
        self._put(output, channel, value=100.0 if reverse else False)

    def _pwm(self, output: Output, channel: Channel, name: str, amount: float) -> str:
        amount = min(max(amount, 0.0), 100.0)
        told = 100 - amount if channel.options.get("pwm_invert_signal") else amount
        self._log(output, channel, "duty_cycle", "percent", told, self.state.now())
        self._put(output, channel, told or False)
        return (
            f"Command sent: {name} duty cycle: {amount:.2f} %. "
            f"Output returned: {output.returns}"
        )

    def _dispense(
        self, output: Output, channel: Channel, name: str, amount: float
    ) -> str:
        now = self.state.now()
        rate = channel.options.get("fastest_dispense_rate_ml_min", 150.0) / 60
        # The log has the requested amount, whether it is dispensed or not.
        self._log(output, channel, "volume", "ml", amount, now)
        if amount > 0:
            channel.since, channel.asked = now, amount / rate
            channel.until = now + amount / rate
            self._put(output, channel, value=True)
        return f"Command sent: {name} volume: {float(amount)} "

    def _value(self, output: Output, channel: Channel, name: str, amount: float) -> str:
        rows = self.state.rows_of(output.unique_id)
        self._log(
            output,
            channel,
            rows[0].measurement,
            rows[0].unit,
            amount,
            self.state.now(),
        )
        self._put(output, channel, amount or False)
        return f"Command sent: {name} value: {float(amount)} "

    def _put(self, output: Output, channel: Channel, value: ChannelState) -> None:
        """Set the state of a channel and its load in the house, and announce the change."""
        before = channel.state
        channel.state = value
        if not output.ready or before == value:
            return
        if self.house is not None and channel.load is not None:
            level = None
            if output.kind == "pwm" and value:
                level = float(value) / 100
            self.house.switch(channel.load, bool(value), level)
        if output.kind == "pwm":
            what = f"Duty Cycle {float(value or 0)} above -1.0"
        else:
            what = "on_duration_none_any" if value else "off"
        self.changes.append((output.unique_id, channel.channel, what))

    def _log(
        self,
        output: Output,
        channel: Channel,
        measurement: str,
        unit: str,
        value: float,
        moment: float,
    ) -> None:
        """Store under the measurement that belongs to this channel."""
        recorded = output.recorded(channel.channel)
        row = next(
            (
                row
                for row in self.state.rows_of(output.unique_id)
                if row.channel in recorded and row.measurement == measurement
            ),
            None,
        )
        if row is not None:
            self.database.write(
                moment, output.unique_id, unit, row.channel, measurement, value
            )

    def _stamp(self) -> str:
        return f"{datetime.fromtimestamp(self.state.now(), UTC):%Y-%m-%d %H:%M:%S.%f}"
