"""Listing of everything that a Mycodo has."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Final

from .models import (
    Choice,
    Controller,
    MeasurementRow,
    Output,
    OutputChannel,
    Outputs,
    OutputStates,
    Pid,
    Unit,
)
from .units import by_measurement, stored_unit

_SPACER: Final = "_spacer"

MIN_WINDOW: Final = 120
"""Seconds for which a value counts as current, however short the period is."""
OUTPUT_WINDOW: Final = 86_400
"""Outputs are not measured but recorded when they are switched."""

_PLACE: Final = re.compile(r"^\[Output \d+ CH(\d+) M\d+\] ")
_CONTROLLER: Final = re.compile(r"^\[(\w+) \d+\] (.*)$", re.DOTALL)
_NUMBERED: Final = re.compile(r"^\[\w+ \d+\] ")
# What follows the name of the output: a name in parentheses, what is recorded, the unit.
_NAMED: Final = re.compile(r"^ \((.+)\)(?: [^()]+ \([^()]*\)| \([^()]*\)| [^()]+)$")


class OutputKind(StrEnum):
    """What can be done with an output."""

    ON_OFF = "on_off"
    PUMP = "pump"
    PWM = "pwm"
    VALUE = "value"


class DeviceKind(StrEnum):
    """What a device with measurements is, in Mycodo's words."""

    FUNCTION = "function"
    INPUT = "input"
    OUTPUT = "output"
    PID = "pid"


class Part(StrEnum):
    """What is listed on its own clock, and may fail on its own."""

    INPUTS = "inputs"
    FUNCTIONS = "functions"
    TRIGGERS = "triggers"
    CONDITIONALS = "conditionals"
    PIDS = "pids"
    ROWS = "rows"
    RUNNING = "running"


@dataclass(slots=True)
class Listing:
    """What there is, as last listed.

    ``conditionals`` are names by id: they have no listing of their own. ``shown`` are
    the texts of the choice lists by measurement id, ``recorded`` the output channels
    that a row records. ``learnt`` are units by measurement id that were found by trying.
    """

    outputs: Outputs = field(default_factory=lambda: Outputs((), (), {}))
    rows: tuple[MeasurementRow, ...] = ()
    inputs: dict[str, Controller] = field(default_factory=dict)
    functions: dict[str, Controller] = field(default_factory=dict)
    triggers: dict[str, Controller] = field(default_factory=dict)
    conditionals: dict[str, str] = field(default_factory=dict)
    pids: dict[str, Pid] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    shown: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, tuple[int, ...]] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)

    def structure(self) -> tuple[object, ...]:
        """Return what must not change for devices and points to stay as they are."""
        return (
            self.outputs.devices,
            self.outputs.channels,
            self.rows,
            [
                (found.id, found.name, found.module)
                for group in (self.inputs, self.functions, self.triggers)
                for found in group.values()
            ],
            self.conditionals.copy(),
            [
                (p.id, p.name, p.direction, p.follows, p.controlled, p.raises, p.lowers)
                for p in self.pids.values()
            ],
            self.units,
            self.shown,
            self.recorded,
            self.learnt.copy(),
        )

    def identities(self) -> frozenset[str]:
        """Return the ids of everything that may have measurements."""
        return frozenset(
            (
                *(output.id for output in self.outputs.devices),
                *self.inputs,
                *self.functions,
                *self.pids,
            )
        )

    def rows_by_device(self) -> dict[str, list[MeasurementRow]]:
        """Return the measurement rows of each device, in the order of their channels."""
        rows: dict[str, list[MeasurementRow]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda row: row.channel):
            rows[row.device].append(row)
        return rows

    def device_kind(self, device: str) -> DeviceKind | None:
        """Return what a device is, None for one that is not listed (any more)."""
        if device in self.inputs:
            return DeviceKind.INPUT
        if device in self.functions:
            return DeviceKind.FUNCTION
        if device in self.pids:
            return DeviceKind.PID
        if any(output.id == device for output in self.outputs.devices):
            return DeviceKind.OUTPUT
        return None

    def is_active(self, device: str) -> bool:
        """Return whether a device measures at all; outputs always may."""
        pid = self.pids.get(device)
        found = self.inputs.get(device) or self.functions.get(device)
        if found is not None:
            return found.active
        return pid is None or pid.active

    def period(self, device: str) -> float:
        """Return how often a device measures, in s, 0 when that is not known."""
        found = self.inputs.get(device) or self.functions.get(device)
        if found is not None:
            return found.period
        pid = self.pids.get(device)
        return pid.period if pid is not None else 0.0

    def window(self, device: str) -> int:
        """Return for how many seconds a value of a device counts as current."""
        if self.device_kind(device) is DeviceKind.OUTPUT:
            return OUTPUT_WINDOW
        return max(MIN_WINDOW, round(3 * self.period(device)))

    def unit(self, row: MeasurementRow) -> str:
        """Return the id of the unit that a row is stored in, "" when nobody knows.

        Setpoints of a PID are in the unit of what it controls.
        """
        if row.setpoint:
            controlled = self.controlled(self.pids.get(row.device))
            return self.unit(controlled) if controlled is not None else ""
        if (learnt := self.learnt.get(row.id)) is not None:
            return learnt
        return stored_unit(row, self.shown.get(row.id), self.units)

    def used_setpoint(self, pid: Pid) -> str | None:
        """Return the id of the row that records the setpoint a PID goes by."""
        return next(
            (r.id for r in self.rows if r.device == pid.id and r.channel == 0), None
        )

    def recorded_channels(
        self, row: MeasurementRow, kind: OutputKind
    ) -> tuple[int, ...]:
        """Return the output channels that a row of an output records.

        Usually one. Some modules record all channels in one row, of which nobody can
        tell what was which (docs/protocols/mycodo.md#kinds-of-outputs).
        """
        if (found := self.recorded.get(row.id)) is not None:
            return found
        rows = sum(other.device == row.device for other in self.rows)
        channels = sorted(
            channel.channel
            for channel in self.outputs.channels
            if channel.output == row.device
        )
        if rows < len(channels):
            return tuple(channels)
        # Pumps have several rows for each channel, one after the other.
        each = rows // max(len(channels), 1) if kind is OutputKind.PUMP else 1
        return (row.channel // max(each, 1),)

    def controlled(self, pid: Pid | None) -> MeasurementRow | None:
        """Return the measurement that a PID controls, if it is listed."""
        if pid is None or pid.controlled is None:
            return None
        return next((row for row in self.rows if row.id == pid.controlled[1]), None)


def output_kind(rows: Iterable[MeasurementRow]) -> OutputKind | None:
    """Return what an output is by what it records; None for a spacer.

    See docs/protocols/mycodo.md#kinds-of-outputs.
    """
    recorded = {row.measurement for row in rows}
    if not recorded:
        return None
    if "volume" in recorded and "duty_cycle" not in recorded:
        return OutputKind.PUMP
    if "duration_time" in recorded:
        return OutputKind.ON_OFF
    return OutputKind.PWM if "duty_cycle" in recorded else OutputKind.VALUE


def conditionals(controllers: Iterable[Choice]) -> dict[str, str]:
    """Return the conditionals of the list of all controllers: name by id."""
    return {
        choice.value: found[2]
        for choice in controllers
        if (found := _CONTROLLER.match(choice.item)) and found[1] == "Conditional"
    }


def outputs_by_choices(
    states: OutputStates,
    devices: Iterable[Choice],
    measurements: Iterable[Choice],
    rows: Iterable[MeasurementRow] = (),
) -> Outputs:
    """Put the outputs together where their own listing fails for good.

    ``rows`` tell the names of what is recorded from those of the channels.
    See docs/protocols/mycodo.md#when-the-output-list-fails.
    """
    found = {}
    for choice in devices:
        identity = choice.value.partition(",")[0]
        if identity in states:
            found[identity] = Output(identity, _NUMBERED.sub("", choice.item), "")
    recorded = {row.id: row.name for row in rows}
    names: dict[tuple[str, int], str] = {}
    for choice in measurements:
        identity, _, row = choice.value.partition(",")
        place, output = _PLACE.match(choice.item), found.get(identity)
        if place is None or output is None:
            continue
        rest = choice.item[place.end() :].removeprefix(output.name)
        if name := _channel_name(rest, recorded.get(row, "")):
            names[identity, int(place[1])] = name
    return Outputs(
        tuple(found.values()),
        tuple(
            OutputChannel(output, channel, names.get((output, channel), ""))
            for output, channels in states.items()
            for channel in channels
        ),
        states,
    )


def _channel_name(words: str, recorded: str) -> str:
    """Return the name of a channel from the words that follow the name of its output.

    They are `` (channel) (recorded) Measurement (unit)``, where anything may be missing.
    """
    if recorded:
        before, _, _ = words.rpartition(f" ({recorded})")
        return before.removeprefix(" (").removesuffix(")")
    named = _NAMED.match(words)
    return named[1] if named is not None else ""


def recorded_channels(measurements: Iterable[Choice]) -> dict[str, tuple[int, ...]]:
    """Return which output channels each row records, by the list of choices."""
    found: dict[str, list[int]] = defaultdict(list)
    for choice in measurements:
        if (place := _PLACE.match(choice.item)) is not None:
            found[choice.value.rpartition(",")[2]].append(int(place[1]))
    return {row: tuple(channels) for row, channels in found.items()}


def is_spacer(module: str) -> bool:
    """Return whether a module is a line between others on Mycodo's pages, and no device."""
    return module.endswith(_SPACER)


def shown_texts(*lists: Iterable[Choice]) -> dict[str, str]:
    """Return the texts of several choice lists by measurement id."""
    return {key: text for found in lists for key, text in by_measurement(found).items()}
