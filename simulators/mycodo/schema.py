"""Mycodo's tables in JSON: every field of a model is present, null if not set."""

import json
from typing import Any, Final

from .state import (
    Channel,
    ChannelState,
    Controller,
    CustomUnit,
    Input,
    Output,
    Pid,
    Row,
    User,
)

type Json = Any

INPUT_FIELDS: Final = (
    "adc_gain adc_resolution adc_sample_speed baud_rate bt_adapter calibrate_sensor_measure "
    "cmd_command custom_options datetime deadline device ftdi_location gpio_location i2c_bus "
    "i2c_location id interface is_activated is_preset location log_level_debug name period "
    "pin_clock pin_cs pin_miso pin_mosi port position_y power_output_id pre_output_duration "
    "pre_output_during_measure pre_output_id preset_name ref_ohm resolution resolution_2 "
    "rpm_pulses_per_rev sample_time sensitivity sht_voltage start_offset switch_bouncetime "
    "switch_edge switch_reset_period thermocouple_type times_check uart_location unique_id "
    "weighting"
).split()
OUTPUT_FIELDS: Final = (
    "baud_rate custom_options ftdi_location i2c_bus i2c_location id interface location "
    "log_level_debug name output_type uart_location unique_id"
).split()
ROW_FIELDS: Final = (
    "channel conversion device_id device_type id invert_scale is_enabled measurement "
    "measurement_type name rescale_equation rescale_method rescaled_measurement "
    "rescaled_unit scale_from_max scale_from_min scale_to_max scale_to_min unique_id unit"
).split()
FUNCTION_FIELDS: Final = (
    "custom_options device id is_activated log_level_debug name unique_id"
).split()
PID_FIELDS: Final = (
    "autotune_activated autotune_noiseband autotune_outstep band d direction i id "
    "integrator_max integrator_min is_activated is_held is_paused is_preset log_level_debug "
    "lower_max_duration lower_min_duration lower_min_off_duration lower_output_id "
    "max_measure_age measurement method_end_time method_start_time name p period preset_name "
    "raise_max_duration raise_min_duration raise_min_off_duration raise_output_id setpoint "
    "setpoint_tracking_id setpoint_tracking_max_age setpoint_tracking_type start_offset "
    "store_lower_as_negative unique_id"
).split()
TRIGGER_FIELDS: Final = (
    "date_offset_days edge_detected id is_activated latitude log_level_debug longitude "
    "measurement method_end_time method_start_time name output_duration output_duty_cycle "
    "output_state period program rise_or_set time_offset_minutes timer_end_time "
    "timer_start_offset timer_start_time trigger_actions_at_period trigger_actions_at_start "
    "trigger_type unique_id unique_id_1 unique_id_2 word zenith"
).split()
UNIT_FIELDS: Final = "id name name_safe unique_id unit".split()
MEASUREMENT_FIELDS: Final = "id name name_safe unique_id units".split()
USER_FIELDS: Final = (
    "email id index_page landing_page language name role_id theme unique_id"
).split()

_NO_CONVERSION: Final = {"id": None, "unique_id": None}


def model(fields: list[str], values: dict[str, Json] | None = None) -> dict[str, Json]:
    """Return all fields of a model, null except for the given values."""
    found = dict.fromkeys(fields)
    if "conversion" in found:
        found["conversion"] = dict(_NO_CONVERSION)
    return {**found, **(values or {})}


def output(row: Output) -> dict[str, Json]:
    """Serialize an output."""
    return model(
        OUTPUT_FIELDS,
        {
            "custom_options": json.dumps(row.options),
            "i2c_bus": row.i2c_bus,
            "id": row.id,
            "interface": row.interface,
            "location": "",
            "log_level_debug": False,
            "name": row.name,
            "output_type": row.module,
            "unique_id": row.unique_id,
        },
    )


def channel(output_id: str, row: Channel) -> dict[str, Json]:
    """Serialize a channel of an output."""
    return {
        "channel": row.channel,
        "custom_options": json.dumps(row.options),
        "id": row.id,
        "name": row.name,
        "output_id": output_id,
        "unique_id": row.unique_id,
    }


def state_text(value: ChannelState) -> str | None:
    """Format a state like ``/api/outputs/``: as text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(float(value))


def state_value(value: ChannelState) -> str | float | None:
    """Format a state like ``/outputstate``: numbers stay numbers."""
    return state_text(value) if value is None or isinstance(value, bool) else value


def measurement_row(row: Row) -> dict[str, Json]:
    """Serialize a device measurement, without details of its conversion."""
    a, b, c, d = row.scale
    return model(
        ROW_FIELDS,
        {
            "channel": row.channel,
            "device_id": row.device,
            "id": row.id,
            "invert_scale": False,
            "is_enabled": row.enabled,
            "measurement": "" if row.setpoint else row.measurement,
            "measurement_type": "setpoint" if row.setpoint else "",
            "name": row.name,
            "rescale_equation": "(x+2)*3",
            "rescale_method": "linear",
            "rescaled_measurement": row.rescaled[0] if row.rescaled else "",
            "rescaled_unit": row.rescaled[1] if row.rescaled else "",
            "scale_from_max": b,
            "scale_from_min": a,
            "scale_to_max": d,
            "scale_to_min": c,
            "unique_id": row.unique_id,
            "unit": row.unit,
        },
    )


def input_row(row: Input) -> dict[str, Json]:
    """Serialize an input."""
    return model(
        INPUT_FIELDS,
        {
            "adc_gain": 1,
            "adc_resolution": 18,
            "adc_sample_speed": "",
            "bt_adapter": "hci0",
            "cmd_command": row.command,
            "custom_options": json.dumps(row.options),
            "deadline": 2,
            "device": row.device,
            "gpio_location": 0,
            "i2c_bus": 1,
            "id": row.id,
            "interface": row.interface,
            "is_activated": row.active,
            "is_preset": False,
            "location": "",
            "log_level_debug": False,
            "name": row.name,
            "period": row.period,
            "port": 80,
            "position_y": 0,
            "pre_output_duration": 10.0,
            "pre_output_during_measure": True,
            "resolution": 0,
            "resolution_2": 0,
            "rpm_pulses_per_rev": 1.0,
            "sample_time": 2.0,
            "sensitivity": 0,
            "sht_voltage": "3.5",
            "start_offset": 0.0,
            "switch_bouncetime": 50,
            "switch_edge": "rising",
            "switch_reset_period": 10,
            "times_check": 1,
            "unique_id": row.unique_id,
            "weighting": 0.0,
        },
    )


def function_row(row: Input) -> dict[str, Json]:
    """Serialize a function."""
    return model(
        FUNCTION_FIELDS,
        {
            "custom_options": json.dumps({"period": row.period, **row.options}),
            "device": row.device,
            "id": row.id,
            "is_activated": row.active,
            "log_level_debug": False,
            "name": row.name,
            "unique_id": row.unique_id,
        },
    )


def pid_row(row: Pid) -> dict[str, Json]:
    """Serialize a PID controller."""
    return model(
        PID_FIELDS,
        {
            "autotune_activated": False,
            "autotune_noiseband": 0.5,
            "autotune_outstep": 10.0,
            "band": 0.0,
            "d": row.d,
            "direction": row.direction,
            "i": row.i,
            "id": row.id,
            "integrator_max": 100.0,
            "integrator_min": -100.0,
            "is_activated": row.active,
            "is_held": row.held,
            "is_paused": row.paused,
            "is_preset": False,
            "log_level_debug": False,
            "lower_max_duration": 0.0,
            "lower_min_duration": 0.0,
            "lower_min_off_duration": 0.0,
            "lower_output_id": row.lower_output,
            "max_measure_age": 120.0,
            "measurement": row.measurement,
            "name": row.name,
            "p": row.p,
            "period": row.period,
            "preset_name": "",
            "raise_max_duration": 4.0,
            "raise_min_duration": 0.0,
            "raise_min_off_duration": 0.0,
            "raise_output_id": row.raise_output,
            "setpoint": row.setpoint,
            "setpoint_tracking_id": "",
            "setpoint_tracking_max_age": 120.0,
            "setpoint_tracking_type": "" if row.follows is None else "method",
            "start_offset": 2.0,
            "store_lower_as_negative": True,
            "unique_id": row.unique_id,
        },
    )


def trigger_row(row: Controller) -> dict[str, Json]:
    """Serialize a trigger, with the position of a new Mycodo."""
    return model(
        TRIGGER_FIELDS,
        {
            "date_offset_days": 0,
            "edge_detected": "",
            "id": row.id,
            "is_activated": row.active,
            "latitude": 33.749249,
            "log_level_debug": False,
            "longitude": -84.387314,
            "measurement": "",
            "name": row.name,
            "output_duration": 0.0,
            "output_duty_cycle": 0.0,
            "output_state": "",
            "period": 60.0,
            "program": "mycodo",
            "rise_or_set": "sunrise",
            "time_offset_minutes": 0,
            "timer_end_time": "19:00",
            "timer_start_offset": 0,
            "timer_start_time": "16:30",
            "trigger_actions_at_period": True,
            "trigger_actions_at_start": True,
            "trigger_type": row.kind,
            "unique_id": row.unique_id,
            "word": "button_a",
            "zenith": 90.8,
        },
    )


def unit_row(row: CustomUnit) -> dict[str, Json]:
    """Serialize a custom unit."""
    return {field: getattr(row, field) for field in UNIT_FIELDS}


def custom_measurement(row: CustomUnit) -> dict[str, Json]:
    """Serialize a custom measurement."""
    return {
        "id": row.id,
        "name": row.name,
        "name_safe": row.name_safe,
        "unique_id": row.unique_id,
        "units": row.unit,
    }


def broken_measurement(row: CustomUnit) -> dict[str, Json]:
    """Serialize it like the list, which uses the wrong model."""
    return model(
        ROW_FIELDS, {"id": row.id, "name": row.name, "unique_id": row.unique_id}
    )


def user_row(row: User) -> dict[str, Json]:
    """Serialize a user."""
    return model(
        USER_FIELDS,
        {
            **row.settings,
            "email": f"{row.name}@example.org",
            "id": row.id,
            "name": row.name,
            "role_id": row.role_id,
            "unique_id": row.unique_id,
        },
    )
