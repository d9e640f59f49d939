"""Devices for a simulated Mycodo: outputs of all kinds, inputs, rows."""

from collections.abc import Sequence
from typing import Any

from .state import Channel, Input, Measure, Output, Row, State, uid


def add_rows(state: State, device: int, *rows: tuple[str, str], **more: Any) -> None:
    """Add rows of (measurement, unit) to a device, one for each channel."""
    for channel, (measurement, unit) in enumerate(rows):
        state.rows.append(
            Row(
                len(state.rows) + 1,
                uid(device * 100 + 50 + channel),
                uid(device),
                channel,
                measurement,
                unit,
                **more,
            )
        )


def steady(**values: float) -> Measure:
    """Return a sensor with constant values by channel (``c0=1.0``)."""
    found = {int(channel[1:]): value for channel, value in values.items()}
    return lambda moment: found


def add_output(
    state: State,
    number: int,
    name: str,
    module: str,
    kind: str,
    channels: Sequence[Channel] = (),
    rows: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> Output:
    """Add an output with its channels and measurements."""
    output = Output(
        number,
        uid(number),
        name,
        module,
        kind,
        channels=list(channels),
        **more,
    )
    state.outputs.append(output)
    add_rows(state, number, *rows)
    return output


def add_pump(state: State, number: int, name: str, module: str, *names: str) -> Output:
    """Add a pump whose module has three named rows for each channel."""
    rows = (
        ("duration_time", "s", "Pump On"),
        ("volume", "ml", "Dispense Volume"),
        ("duration_time", "s", "Dispense Duration"),
    )
    output = add_output(
        state,
        number,
        name,
        module,
        "pump",
        make_channels(number, *names),
        [row[:2] for row in rows] * len(names),
        rows_of_channel={n: (3 * n, 3 * n + 1, 3 * n + 2) for n in range(len(names))},
    )
    for row in state.rows_of(output.unique_id):
        row.name = rows[row.channel % 3][2]
    return output


def add_shared_board(state: State, number: int, name: str, channels: int) -> Output:
    """Add a relay board that records all its channels in one row."""
    return add_output(
        state,
        number,
        name,
        "waveshare_8ch_pi_relay_board_b",
        "on_off",
        make_channels(number, *[""] * channels),
        [("duration_time", "s")],
        interface="GPIO",
        rows_of_channel=dict.fromkeys(range(channels), (0,)),
    )


def add_many(state: State, outputs: int, inputs: int) -> None:
    """Add the relays and sensors of a large greenhouse."""
    for index in range(outputs):
        number = 2000 + index
        add_output(
            state,
            number,
            f"Relay {index}",
            "wired",
            "on_off",
            make_channels(number, ""),
            [("duration_time", "s")],
        )
    for index in range(inputs):
        number = 3000 + index
        state.inputs.append(
            Input(number, uid(number), f"Sensor {index}", "X", 10.0, steady(c0=1.0))
        )
        add_rows(state, number, ("temperature", "C"))


def make_channels(
    output: int, *names: str, loads: Sequence[str | None] = ()
) -> list[Channel]:
    """Make channels with names; ``loads`` are the loads that they switch in the house."""
    return [
        Channel(
            output * 10 + index,
            uid(output * 100 + index),
            index,
            name,
            {"name": name, "amps": 0.0},
            loads[index] if index < len(loads) else None,
        )
        for index, name in enumerate(names)
    ]
