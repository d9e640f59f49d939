"""Everything that one Mycodo has, put together from its listings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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

SPACER: Final = "output_spacer"

MIN_WINDOW: Final = 120
"""Seconds for which a value counts as current, however short the period is."""
OUTPUT_WINDOW: Final = 86_400
"""Outputs are not measured but recorded when they are switched."""

_PLACE: Final = re.compile(r"^\[Output \d+ CH(\d+) M\d+\]")
_CONTROLLER: Final = re.compile(r"^\[(\w+) \d+\] (.*)$", re.DOTALL)
_NUMBERED: Final = re.compile(r"^\[\w+ \d+\] ")
_CHANNEL_NAME: Final = re.compile(r" \(([^()]+)\) [^()]+ \([^()]*\)$")


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


@dataclass(slots=True)
class Listing:
    """What there is, as last listed.

    ``conditionals`` are names by id: they have no listing of their own. ``shown`` are
    the texts of the choice lists by measurement id. ``learnt`` are units by measurement
    id that were found by trying.
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


def recorded_channel(
    row: MeasurementRow, kind: OutputKind | None, shown: str | None
) -> int:
    """Return the output channel that a row of an output records."""
    if (found := _PLACE.match(shown or "")) is not None:
        return int(found[1])
    # Pumps record time and volume of each channel, one after the other.
    return row.channel // 2 if kind is OutputKind.PUMP else row.channel


def conditionals(controllers: Iterable[Choice]) -> dict[str, str]:
    """Return the conditionals of the list of all controllers: name by id."""
    return {
        choice.value: found[2]
        for choice in controllers
        if (found := _CONTROLLER.match(choice.item)) and found[1] == "Conditional"
    }


def outputs_by_choices(
    states: OutputStates, devices: Iterable[Choice], measurements: Iterable[Choice]
) -> Outputs:
    """Put the outputs together where their own listing fails for good.

    See docs/protocols/mycodo.md#when-the-output-list-fails.
    """
    names = _channel_names(measurements)
    found = []
    for choice in devices:
        identity = choice.value.partition(",")[0]
        if identity in states:
            found.append(Output(identity, _NUMBERED.sub("", choice.item), ""))
    return Outputs(
        tuple(found),
        tuple(
            OutputChannel(output, channel, names.get((output, channel), ""))
            for output, channels in states.items()
            for channel in channels
        ),
        states,
    )


def _channel_names(measurements: Iterable[Choice]) -> Mapping[tuple[str, int], str]:
    def names() -> Iterator[tuple[tuple[str, int], str]]:
        for choice in measurements:
            place, name = _PLACE.match(choice.item), _CHANNEL_NAME.search(choice.item)
            if place and name:
                yield (choice.value.partition(",")[0], int(place[1])), name[1]

    return dict(names())


def shown_texts(*lists: Iterable[Choice]) -> dict[str, str]:
    """Return the texts of several choice lists by measurement id."""
    return {key: text for found in lists for key, text in by_measurement(found).items()}
