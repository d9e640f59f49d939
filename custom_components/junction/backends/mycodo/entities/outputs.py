"""Points of outputs: switches, lights, numbers, and pumps."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..client import (
    ChannelKey,
    Commands,
    Listing,
    MeasurementRow,
    OutputKind,
    output_kind,
)
from ..settings import Settings, channel_id
from . import output_pwm, output_switched, output_value
from .description import DescribedPoint, Source
from .duty import Duty, inverted
from .output_channel import Described, OutputChannelPoint


@dataclass(slots=True)
class OutputEntities:
    """Create the points of outputs."""

    commands: Commands
    duties: dict[ChannelKey, Duty] = field(default_factory=dict)

    def build(self, listing: Listing, settings: Settings) -> Iterator[DescribedPoint]:
        """Yield the points of all outputs."""
        rows = listing.rows_by_device()
        devices = {output.id: output for output in listing.outputs.devices}
        count: dict[str, int] = {}
        for channel in listing.outputs.channels:
            count[channel.output] = count.get(channel.output, 0) + 1
        for channel in listing.outputs.channels:
            output = devices.get(channel.output)
            kind = output_kind(rows.get(channel.output, ()))
            if output is None or kind is None:
                continue
            duty = self.duties.setdefault(
                channel.key, Duty(settings.is_reversed(channel_id(*channel.key)))
            )
            if channel.configured:
                duty.reversed, duty.certain = inverted(output, channel), True
            point, read = _describe(
                kind,
                OutputChannelPoint(
                    self.commands,
                    settings,
                    output,
                    channel,
                    duty,
                    alone=count[channel.output] == 1,
                    unit=_unit(listing, rows[output.id], kind, channel.channel),
                ),
            )
            yield DescribedPoint(
                point,
                Source.OUTPUTS,
                read,
                subject=output.id,
                channel=channel.channel,
            )


def _describe(kind: OutputKind, channel: OutputChannelPoint) -> Described:
    match kind:
        case OutputKind.VALUE:
            return output_value.describe(channel)
        case OutputKind.PWM:
            return output_pwm.describe(channel)
        case OutputKind.ON_OFF | OutputKind.PUMP:
            return output_switched.describe(channel)


def _unit(
    listing: Listing, rows: list[MeasurementRow], kind: OutputKind, channel: int
) -> str:
    """Return the unit of a value output."""
    for row in rows:
        if channel in listing.recorded_channels(row, kind):
            return listing.unit(row)
    return ""
