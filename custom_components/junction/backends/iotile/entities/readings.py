"""Meaning of a stream's numbers: a value, a use, or a meter reading."""

from collections.abc import Collection
from enum import StrEnum

from ..client.models import METERS, VOLUME, Stream


class Reading(StrEnum):
    """How the numbers of a stream are to be taken."""

    MEASURED = "measured"
    """The value at a moment."""
    INTERVAL = "interval"
    """The volume since the point before; it has to be summed.

    See docs/protocols/iotile.md#volumes-are-increments.
    """
    METER = "meter"
    """The position of a meter."""
    OPEN = "open"
    """A volume of which only its maker knows what it means."""


def reading(
    stream: Stream, meters: Collection[str] = (), intervals: Collection[str] = ()
) -> Reading:
    """Return how to take a stream, by what the person said and by what is usual."""
    if stream.var_type != VOLUME:
        return Reading.MEASURED
    if stream.slug in meters:
        return Reading.METER
    if stream.slug in intervals:
        return Reading.INTERVAL
    if stream.variable in METERS:
        return Reading.METER
    # The meaning of a virtual stream is free.
    return Reading.OPEN if stream.device is None else Reading.INTERVAL
