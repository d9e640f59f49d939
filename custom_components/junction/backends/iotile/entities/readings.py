"""Meaning of a stream's numbers: a value, a change, or a meter position."""

from collections.abc import Collection
from enum import StrEnum

from ..client.models import METERS, VOLUME, Stream


class Reading(StrEnum):
    """Meaning of a stream's numbers."""

    MEASURED = "measured"
    """The value at a time."""
    INTERVAL = "interval"
    """The volume since the previous point, which has to be summed.

    See docs/protocols/iotile.md#volumes-are-increments.
    """
    METER = "meter"
    """The position of a meter."""
    OPEN = "open"
    """A volume whose meaning only its creator knows."""


def reading(
    stream: Stream, meters: Collection[str] = (), intervals: Collection[str] = ()
) -> Reading:
    """Return the meaning of a stream, by the user's setting or the default."""
    if stream.var_type != VOLUME:
        return Reading.MEASURED
    if stream.slug in meters:
        return Reading.METER
    if stream.slug in intervals:
        return Reading.INTERVAL
    if stream.variable in METERS:
        return Reading.METER
    # Virtual streams may have any meaning.
    return Reading.OPEN if stream.device is None else Reading.INTERVAL
