"""Mycodo's answers as typed values.

Every reader is tolerant: a missing or wrong-typed field costs that field only. Of the
``custom_options``, JSON texts full of passwords and commands
(docs/protocols/mycodo.md#what-matters-most), only the harmless settings that are needed
are taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Self

import orjson

from ...http import json_fields as j

type OutputState = bool | float | None
"""On or off, the number of a PWM (percent) or value output, None = not known.

Zero percent and 0.0 come as off.
"""

type OutputStates = Mapping[str, Mapping[int, OutputState]]
"""By output id and channel. An output that is not in it is not loaded by the daemon."""

_PAIR = re.compile(r"[^,]+,[^,]+")


def _id(row: object) -> str:
    return j.text(row, "unique_id") or ""


def _options(row: object) -> object:
    """Return the parsed ``custom_options``; never to be kept."""
    try:
        options: object = orjson.loads(j.text(row, "custom_options") or "{}")
    except orjson.JSONDecodeError:
        return {}
    return options


def _pair(row: object, field: str) -> tuple[str, str] | None:
    """Return two ids that are written in one field with a comma between them."""
    text = j.text(row, field) or ""
    if not _PAIR.fullmatch(text):
        return None
    first, _, second = text.partition(",")
    return first, second


@dataclass(frozen=True, slots=True)
class Output:
    """An output device. ``module`` names its driver (docs/protocols/mycodo.md#kinds-of-outputs)."""

    id: str
    name: str
    module: str

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of "output devices"."""
        return cls(
            _id(row), j.text(row, "name") or "", j.text(row, "output_type") or ""
        )


@dataclass(frozen=True, slots=True)
class OutputChannel:
    """A channel of an output. ``name`` is often empty.

    ``invert`` and ``invert_stored``: the user's settings for a reversed PWM signal;
    ``configured`` tells that they are known.
    ``off_value`` is what a value output puts out when it is off. ``rate`` is how fast
    a pump is at most, in ml/min, 0 = not known.
    """

    output: str
    channel: int
    name: str = ""
    id: str = ""
    invert: bool = False
    invert_stored: bool = False
    configured: bool = False
    off_value: float = 0.0
    rate: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        """The id of the output, and the channel."""
        return self.output, self.channel

    @classmethod
    def read(cls, row: object) -> Self | None:
        """Read a row of "output channels"; None without a channel number."""
        if (channel := j.integer(row, "channel")) is None:
            return None
        options = _options(row)
        return cls(
            j.text(row, "output_id") or "",
            channel,
            j.text(row, "name") or "",
            _id(row),
            bool(j.boolean(options, "pwm_invert_signal")),
            bool(j.boolean(options, "pwm_invert_stored_signal")),
            bool(options),
            j.number(options, "off_value") or 0.0,
            max(j.number(options, "fastest_dispense_rate_ml_min") or 0.0, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Outputs:
    """All outputs, their channels and their states now."""

    devices: tuple[Output, ...]
    channels: tuple[OutputChannel, ...]
    states: OutputStates


def output_state(value: object) -> OutputState:
    """Return the state of a channel; numbers may come as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("on", "off"):
        return value == "on"
    return j.number(value)


def output_states(found: object) -> dict[str, dict[int, OutputState]]:
    """Read "output states"; the ``*`` of an empty Mycodo is no output."""
    states: dict[str, dict[int, OutputState]] = {}
    for output, channels in (j.mapping(found) or {}).items():
        if isinstance(channels, dict):
            states[output] = {
                int(channel): output_state(value)
                for channel, value in channels.items()
                if channel.isdecimal()
            }
    return states


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """What a device measures on a channel.

    ``setpoint``: a row of a PID that has no unit of its own. ``enabled`` rows are
    stored by most modules only.
    """

    id: str
    device: str
    channel: int
    name: str
    enabled: bool
    measurement: str
    unit: str
    setpoint: bool = False
    rescaled_measurement: str = ""
    rescaled_unit: str = ""

    @classmethod
    def read(cls, row: object) -> Self | None:
        """Read a row of "device measurement settings"; None without what identifies it."""
        channel = j.integer(row, "channel")
        if channel is None or not _id(row):
            return None
        return cls(
            _id(row),
            j.text(row, "device_id") or "",
            channel,
            j.text(row, "name") or "",
            j.boolean(row, "is_enabled") is not False,
            j.text(row, "measurement") or "",
            j.text(row, "unit") or "",
            j.text(row, "measurement_type") == "setpoint",
            j.text(row, "rescaled_measurement") or "",
            j.text(row, "rescaled_unit") or "",
        )

    @property
    def rescaled(self) -> bool:
        """Whether it is stored rescaled; both must be set."""
        return bool(self.rescaled_measurement and self.rescaled_unit)

    @property
    def meaning(self) -> str:
        """The id of what is measured."""
        return self.rescaled_measurement if self.rescaled else self.measurement

    @property
    def declared_unit(self) -> str:
        """The unit before a conversion, of which these rows tell nothing."""
        return self.rescaled_unit if self.rescaled else self.unit


@dataclass(frozen=True, slots=True)
class Controller:
    """Something that the daemon runs while it is active; ``period`` in s, 0 = not known."""

    id: str
    name: str
    module: str
    active: bool
    period: float = 0.0

    @classmethod
    def input(cls, row: object) -> Self:
        """Read a row of "input settings"."""
        return cls._read(row, j.text(row, "device"), j.number(row, "period"))

    @classmethod
    def function(cls, row: object) -> Self:
        """Read a row of "function settings"; its period is among its options."""
        return cls._read(row, j.text(row, "device"), j.number(_options(row), "period"))

    @classmethod
    def trigger(cls, row: object) -> Self:
        """Read a row of "trigger settings"."""
        return cls._read(row, j.text(row, "trigger_type"), None)

    @classmethod
    def _read(cls, row: object, module: str | None, period: float | None) -> Self:
        return cls(
            _id(row),
            j.text(row, "name") or "",
            module or "",
            bool(j.boolean(row, "is_activated")),
            max(period or 0.0, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Pid:
    """A PID controller. ``setpoint`` is in the unit of what it controls.

    One that ``follows`` a method or another measurement takes its setpoint from there.
    ``direction`` is raise, lower or both. ``controlled`` is (input id, measurement id);
    ``raises`` and ``lowers`` are (output id, channel id). ``kp``, ``ki`` and ``kd`` are
    its gains.
    """

    id: str
    name: str
    active: bool
    held: bool
    paused: bool
    direction: str
    setpoint: float | None
    follows: bool
    period: float
    max_age: float
    controlled: tuple[str, str] | None
    raises: tuple[str, str] | None
    lowers: tuple[str, str] | None
    kp: float | None = None
    ki: float | None = None
    kd: float | None = None

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of "pid settings"."""
        return cls(
            _id(row),
            j.text(row, "name") or "",
            bool(j.boolean(row, "is_activated")),
            bool(j.boolean(row, "is_held")),
            bool(j.boolean(row, "is_paused")),
            j.text(row, "direction") or "",
            j.number(row, "setpoint"),
            bool(j.text(row, "setpoint_tracking_type")),
            max(j.number(row, "period") or 0.0, 0.0),
            max(j.number(row, "max_measure_age") or 0.0, 0.0),
            _pair(row, "measurement"),
            _pair(row, "raise_output_id"),
            _pair(row, "lower_output_id"),
            j.number(row, "p"),
            j.number(row, "i"),
            j.number(row, "d"),
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that the user defined. ``text`` is how it is written."""

    id: str
    text: str

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of "unit settings"."""
        return cls(j.text(row, "name_safe") or "", j.text(row, "unit") or "")


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a choice list, the words as a person reads them and the value."""

    item: str
    value: str

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of a "choices ..." listing."""
        return cls(j.text(row, "item") or "", j.text(row, "value") or "")


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored value. ``time`` is in s since 1970 by Mycodo's clock."""

    time: float
    value: float

    @classmethod
    def read(cls, row: object) -> Self | None:
        """Read an object with ``time`` and ``value``; None when either is missing."""
        time, value = j.number(row, "time"), j.number(row, "value")
        return None if time is None or value is None else cls(time, value)


@dataclass(frozen=True, slots=True)
class Daemon:
    """The daemon. ``memory`` is in MB, None when it does not run."""

    running: bool
    memory: float | None = None
