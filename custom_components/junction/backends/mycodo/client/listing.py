"""Lists of everything that a Mycodo has."""

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
"""Minimum seconds for which a value counts as current, however short the period is."""
OUTPUT_WINDOW: Final = 86_400
"""Outputs are not measured periodically but recorded when they are switched."""

_PLACE: Final = re.compile(r"^\[Output \d+ CH(\d+) M\d+\] ")
_CONTROLLER: Final = re.compile(r"^\[(\w+) \d+\] (.*)$", re.DOTALL)
_NUMBERED: Final = re.compile(r"^\[\w+ \d+\] ")
# Text after the output's name: a name in parentheses, the measurement, the unit.
_NAMED: Final = re.compile(r"^ \((.+)\)(?: [^()]+ \([^()]*\)| \([^()]*\)| [^()]+)$")


class OutputKind(StrEnum):
    """Kind of an output, by the commands that it takes."""

    ON_OFF = "on_off"
    PUMP = "pump"
    PWM = "pwm"
    VALUE = "value"


class DeviceKind(StrEnum):
    """Type of a device with measurements, in Mycodo's words."""

    FUNCTION = "function"
    INPUT = "input"
    OUTPUT = "output"
    PID = "pid"


class Part(StrEnum):
    """Part of the listing with its own interval and its own errors."""

    INPUTS = "inputs"
    FUNCTIONS = "functions"
    TRIGGERS = "triggers"
    CONDITIONALS = "conditionals"
    PIDS = "pids"
    ROWS = "rows"
    RUNNING = "running"


@dataclass(slots=True)
class Listing:
    """Everything that a Mycodo has, as last listed.

    ``conditionals`` maps ids to names: they have no list of their own. ``shown`` are
    the texts of the choice lists by measurement id, ``recorded`` the output channels
    that a row records. ``learnt`` are units found by probing, by measurement id.
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
        """Return what determines devices and points: they are rebuilt when it changes."""
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
        """Return the type of a device, None if it is not listed (anymore)."""
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
        """Return whether a device measures now; outputs always count as active."""
        pid = self.pids.get(device)
        found = self.inputs.get(device) or self.functions.get(device)
        if found is not None:
            return found.active
        return pid is None or pid.active

    def period(self, device: str) -> float:
        """Return the period of a device in seconds, 0 if unknown."""
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
        """Return the id of the unit that a row is stored in, "" if unknown.

        Setpoints of a PID have the unit of the measurement that it controls.
        """
        if row.setpoint:
            controlled = self.controlled(self.pids.get(row.device))
            return self.unit(controlled) if controlled is not None else ""
        if (learnt := self.learnt.get(row.id)) is not None:
            return learnt
        return stored_unit(row, self.shown.get(row.id), self.units)

    def used_setpoint(self, pid: Pid) -> str | None:
        """Return the id of the row that records a PID's setpoint."""
        return next(
            (r.id for r in self.rows if r.device == pid.id and r.channel == 0), None
        )

    def recorded_channels(
        self, row: MeasurementRow, kind: OutputKind
    ) -> tuple[int, ...]:
        """Return the output channels that a row of an output records.

        Usually one. Some modules record all channels in one row, whose values cannot be
        attributed (docs/protocols/mycodo.md#kinds-of-outputs).
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
    """Return the kind of an output by its measurements; None for a spacer.

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
    """Return the conditionals in the list of all controllers: names by id."""
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
    """Assemble the outputs from other lists, if their own list fails permanently.

    ``rows`` distinguish the names of measurements from those of channels. See
    docs/protocols/mycodo.md#when-the-output-list-fails.
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
    """Return the name of a channel from the text after the name of its output.

    The text is `` (channel) (recorded) Measurement (unit)``, where any part may be
    missing.
    """
    if recorded:
        before, _, _ = words.rpartition(f" ({recorded})")
        return before.removeprefix(" (").removesuffix(")")
    named = _NAMED.match(words)
    return named[1] if named is not None else ""


def recorded_channels(measurements: Iterable[Choice]) -> dict[str, tuple[int, ...]]:
    """Return the output channels that each row records, from the choice list."""
    found: dict[str, list[int]] = defaultdict(list)
    for choice in measurements:
        if (place := _PLACE.match(choice.item)) is not None:
            found[choice.value.rpartition(",")[2]].append(int(place[1]))
    return {row: tuple(channels) for row, channels in found.items()}


def is_spacer(module: str) -> bool:
    """Return whether a module is a separator on Mycodo's pages, not a device."""
    return module.endswith(_SPACER)


def shown_texts(*lists: Iterable[Choice]) -> dict[str, str]:
    """Return the texts of several choice lists by measurement id."""
    return {key: text for found in lists for key, text in by_measurement(found).items()}
