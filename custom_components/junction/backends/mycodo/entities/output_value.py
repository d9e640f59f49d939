"""Value outputs: a number in the unit of the output."""

from homeassistant.components.number import NumberEntityDescription

from ....model import NumberPoint
from ..settings import channel_id
from .meaning import HA_UNITS
from .output_channel import Described, OutputChannelPoint


def describe(channel: OutputChannelPoint) -> Described:
    """Return the point of a value output, and its state reader."""
    if not channel.settings.can_control:
        return channel.level(channel.unit, channel.number)
    commands, key = channel.commands, channel.key
    limits = channel.settings.limit(channel_id(*key), channel.unit)

    async def set_value(value: float) -> None:
        await commands.set_value(key, value)

    point = NumberPoint(
        **channel.named("number"),
        description=NumberEntityDescription(
            **channel.described(),
            native_unit_of_measurement=HA_UNITS.get(channel.unit),
            native_min_value=limits.low,
            native_max_value=limits.high,
            native_step=limits.step,
        ),
        set_value=set_value,
        tolerance=limits.step / 2,
    )
    return point, channel.reader(channel.number)
