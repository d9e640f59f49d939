"""Mycodo's answers as typed values.

All readers are tolerant: a missing or mistyped field affects only itself. From
``custom_options``, JSON texts that contain passwords and commands
(docs/protocols/mycodo.md#what-matters-most), only the harmless settings that are needed
are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Self

import orjson

from ...http import json_fields as j

type OutputState = bool | float | None
"""On or off, the number of a PWM (percent) or value output, None = unknown.

Zero percent and 0.0 are reported as off.
"""

type OutputStates = Mapping[str, Mapping[int, OutputState]]
"""By output id and channel. Missing outputs are not loaded by the daemon."""

_PAIR = re.compile(r"[^,]+,[^,]+")


def _id(row: object) -> str:
    return j.text(row, "unique_id") or ""


def _options(row: object) -> object:
    """Return the parsed ``custom_options``; they must not be stored."""
    try:
        options: object = orjson.loads(j.text(row, "custom_options") or "{}")
    except orjson.JSONDecodeError:
        return {}
    return options


def _pair(row: object, field: str) -> tuple[str, str] | None:
    """Return two ids from one comma-separated field."""
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

    ``invert`` and ``invert_stored`` are the user's settings for an inverted PWM signal;
    ``configured`` says whether they are known. ``off_value`` is the value of a value
    output when it is off. ``rate`` is the maximum rate of a pump in ml/min, 0 =
    unknown.
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
        """Return the id of the output, and the channel."""
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
    """All outputs, their channels, and their current states."""

    devices: tuple[Output, ...]
    channels: tuple[OutputChannel, ...]
    states: OutputStates


def output_state(value: object) -> OutputState:
    """Return the state of a channel; numbers may be sent as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("on", "off"):
        return value == "on"
    return j.number(value)


def output_states(found: object) -> dict[str, dict[int, OutputState]]:
    """Read "output states"; the ``*`` of an empty Mycodo is not an output."""
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
    """A measurement of a device on one channel.

    ``setpoint``: a row of a PID without a unit of its own. For most modules, only
    ``enabled`` rows are stored.
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
        """Read a row of "device measurement settings"; None without its ids."""
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
        """Return whether the value is stored rescaled; both fields must be set."""
        return bool(self.rescaled_measurement and self.rescaled_unit)

    @property
    def meaning(self) -> str:
        """Return the id of the measurement type."""
        return self.rescaled_measurement if self.rescaled else self.measurement

    @property
    def declared_unit(self) -> str:
        """Return the unit before a conversion; these rows do not tell whether there is one."""
        return self.rescaled_unit if self.rescaled else self.unit


@dataclass(frozen=True, slots=True)
class Controller:
    """A controller of the daemon; ``period`` in seconds, 0 = unknown."""

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
    """A PID controller. ``setpoint`` is in the unit of the controlled measurement.

    A PID that ``follows`` a method or another measurement takes its setpoint from
    there. ``direction`` is raise, lower, or both. ``controlled`` is (input id,
    measurement id); ``raises`` and ``lowers`` are (output id, channel id). ``kp``,
    ``ki``, and ``kd`` are its gains.
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
    """A user-defined unit. ``text`` is its symbol."""

    id: str
    text: str

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of "unit settings"."""
        return cls(j.text(row, "name_safe") or "", j.text(row, "unit") or "")


@dataclass(frozen=True, slots=True)
class Choice:
    """An item of a choice list: its text and its value."""

    item: str
    value: str

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of a "choices ..." listing."""
        return cls(j.text(row, "item") or "", j.text(row, "value") or "")


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored value. ``time`` is Unix time by Mycodo's clock."""

    time: float
    value: float

    @classmethod
    def read(cls, row: object) -> Self | None:
        """Read an object with ``time`` and ``value``; None if either is missing."""
        time, value = j.number(row, "time"), j.number(row, "value")
        return None if time is None or value is None else cls(time, value)


@dataclass(frozen=True, slots=True)
class Daemon:
    """The daemon. ``memory`` is in MB, None if it is not running."""

    running: bool
    memory: float | None = None
