"""Choice lists: texts for people that also contain the stored unit."""

from collections.abc import Iterator
from typing import Any

from .state import Row, State
from .tables import MEASUREMENTS, UNIT_TEXTS

type Json = Any


def _item(words: str, value: str) -> dict[str, str]:
    return {"item": words, "value": value}


def unit_text(state: State, unit: str) -> str:
    """Return the written form of a unit."""
    custom = {row.name_safe: row.unit for row in state.units}
    return {**UNIT_TEXTS, **custom}.get(unit, unit)


def _name(state: State, measurement: str) -> str:
    custom = {row.name_safe: row.name for row in state.measurements}
    return {**MEASUREMENTS, **custom}.get(measurement, measurement)


def _words(state: State, row: Row, *names: str) -> str:
    """Return the text after the name of a device: names, measurement, unit."""
    unit, measure = row.stored
    text = unit_text(state, unit) if unit else ""
    # The unit of a conversion replaces that of the measurement.
    meaning = _name(state, "setpoint" if row.setpoint else measure) if measure else ""
    if row.setpoint:
        meaning = "Setpoint"
    named = [f"({name})" for name in names if name]
    parts = (*named, meaning, f"({text})" if text else "")
    return " ".join(part for part in parts if part)


def controllers(state: State) -> Json:
    """List everything that can be activated."""

    def items() -> Iterator[dict[str, str]]:
        for kind, rows in (
            ("Input", state.inputs),
            ("PID", state.pids),
            ("Conditional", state.conditionals),
            ("Trigger", state.triggers),
            ("Function", state.functions),
        ):
            for row in rows:
                yield _item(f"[{kind} {row.id:02d}] {row.name}", row.unique_id)

    return list(items())


def input_choices(state: State) -> Json:
    """List the measurements of inputs."""
    return [
        _item(
            f"[Input {row.id:02d} CH{found.channel}] {row.name} "
            f"{_words(state, found, found.name)}".rstrip(),
            f"{row.unique_id},{found.unique_id}",
        )
        for row in state.inputs
        for found in state.rows_of(row.unique_id)
    ] or None


def output_devices(state: State) -> Json:
    """List the outputs, including spacers."""
    return [
        _item(f"[Output {row.id:02d}] {row.name}", f"{row.unique_id},output")
        for row in state.outputs
    ]


def output_choices(state: State) -> Json:
    """List the measurements of outputs."""

    def items() -> Iterator[dict[str, str]]:
        for row in state.outputs:
            rows = {found.channel: found for found in state.rows_of(row.unique_id)}
            for channel in row.channels:
                for number in row.recorded(channel.channel):
                    if (found := rows.get(number)) is None:
                        continue
                    words = _words(state, found, channel.name, found.name)
                    yield _item(
                        f"[Output {row.id:02d} CH{channel.channel} M{number}] "
                        f"{row.name} {words}",
                        f"{row.unique_id},{found.unique_id}",
                    )

    return list(items()) or None


def pid_choices(state: State) -> Json:
    """List the measurements of PID controllers."""
    return [
        _item(
            f"[PID {row.id:02d}] {row.name} CH{found.channel} "
            f"{_words(state, found, found.name)}",
            f"{row.unique_id},{found.unique_id}",
        )
        for row in state.pids
        for found in state.rows_of(row.unique_id)
    ] or None
