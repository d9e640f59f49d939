"""All V0 actions of gateway 2.29, with their parameters and their risks.

Protocol: docs/protocols/openmotics.md#every-gateway-action.
"""

from collections.abc import Mapping
from typing import Final

from ....errors import CallerError
from ...verdict import (
    CallRefusedError,
    ConfigurationCallError,
    DeletingCallError,
    DisturbingCallError,
    ErasingCallError,
    HardwareCallError,
    LoginCallError,
    NotConfirmedCallError,
    SecretsCallError,
    SoftwareCallError,
    UsersCallError,
)

FREE: Final[Mapping[str, str]] = {
    "send_notification": "source topic message type?",
    "module_discover_status": "",
    "get_modules": "",
    "get_modules_information": "source? address? fields? refresh?",
    "get_features": "",
    "get_platform_details": "",
    "flash_leds": "type id",
    "get_status": "",
    "get_system_status": "",
    "get_input_status": "",
    "set_input": "id is_on",
    "get_output_status": "",
    "get_last_outputs": "",
    "set_output": "id is_on dimmer? timer?",
    "set_all_lights_off": "",
    "set_all_lights_floor_off": "floor",
    "set_all_lights_floor_on": "floor",
    "get_last_inputs": "",
    "get_shutter_status": "",
    "do_shutter_down": "id position?",
    "do_shutter_up": "id position?",
    "do_shutter_stop": "id",
    "do_shutter_goto": "id position",
    "do_shutter_group_down": "id",
    "do_shutter_group_up": "id",
    "do_shutter_group_stop": "id",
    "get_thermostat_group_configurations": "fields?",
    "get_thermostat_group_configuration": "id fields?",
    "get_thermostat_group_status": "",
    "get_global_thermostat_configuration": "fields?",
    "set_thermostat_group": "thermostat_group_id state? mode?",
    "get_thermostat_status": "",
    "set_thermostat_mode": "thermostat_on automatic? setpoint? cooling_mode? cooling_on?",
    "set_current_setpoint": "thermostat temperature",
    "set_per_thermostat_mode": "thermostat_id automatic setpoint",
    "set_thermostat": "thermostat_id preset? state? temperature?",
    "get_airco_status": "",
    "set_airco_status": "thermostat_id airco_on",
    "get_ventilation_configurations": "fields?",
    "get_ventilation_configuration": "ventilation_id fields?",
    "get_ventilation_status": "fields?",
    "set_ventilation_mode_auto": "ventilation_id",
    "set_ventilation_level": "ventilation_id level timer?",
    "get_sensor_status": "fields?",
    "set_sensor_status": "status",
    "get_sensor_temperature_status": "",
    "get_sensor_humidity_status": "",
    "get_sensor_brightness_status": "",
    "set_virtual_sensor": "sensor_id temperature humidity brightness",
    "do_group_action": "group_action_id",
    "set_master_status_leds": "status",
    "get_errors": "",
    "master_diagnostics": "",
    "get_output_configuration": "id fields?",
    "get_output_configurations": "fields?",
    "get_shutter_configuration": "id fields?",
    "get_shutter_configurations": "fields?",
    "get_shutter_group_configuration": "id fields?",
    "get_shutter_group_configurations": "fields?",
    "get_input_configuration": "id fields?",
    "get_input_configurations": "fields?",
    "get_thermostat_configuration": "id fields?",
    "get_thermostat_configurations": "fields?",
    "get_sensor_configuration": "id fields?",
    "get_sensor_configurations": "fields?",
    "get_pump_group_configuration": "id fields?",
    "get_pump_group_configurations": "fields?",
    "get_cooling_configuration": "id fields?",
    "get_cooling_configurations": "fields?",
    "get_cooling_pump_group_configuration": "id fields?",
    "get_cooling_pump_group_configurations": "fields?",
    "get_global_rtd10_configuration": "fields?",
    "get_rtd10_heating_configuration": "id fields?",
    "get_rtd10_heating_configurations": "fields?",
    "get_rtd10_cooling_configuration": "id fields?",
    "get_rtd10_cooling_configurations": "fields?",
    "get_group_action_configuration": "id fields?",
    "get_group_action_configurations": "fields?",
    "get_pulse_counter_configuration": "id fields?",
    "get_pulse_counter_configurations": "fields?",
    "get_pulse_counter_status": "",
    "set_pulse_counter_status": "pulse_counter_id value",
    "get_dimmer_configuration": "fields?",
    "get_can_led_configuration": "id fields?",
    "get_can_led_configurations": "fields?",
    "get_room_configuration": "id fields?",
    "get_room_configurations": "fields?",
    "get_power_modules": "",
    "get_realtime_power": "",
    "get_total_energy": "",
    "in_power_address_mode": "",
    "get_version": "",
    "get_system_info": "",
    "get_update_output": "",
    "get_timezone": "",
    "list_scheduled_actions": "",
    "pause_schedule": "schedule_id",
    "resume_schedule": "schedule_id",
    "list_schedules": "",
    "get_plugins": "",
    "get_metric_definitions": "source? metric_type?",
    "get_can_bus_termination": "",
    "health_check": "",
    "indicate": "",
}
"""Parameters by action; ``?`` = optional."""

CONFIRM: Final[Mapping[type[CallerError], Mapping[str, tuple[str, str]]]] = {
    DisturbingCallError: {
        "get_master_debug_buffer": ("amount?", "shows raw master traffic"),
        "do_basic_action": (
            "action_type action_number",
            "reaches master functions that no name shows",
        ),
        "read_modbus_register": (
            "slaveaddress registeraddress number_of_decimals? functioncode? signed?",
            "reads a register of a foreign device",
        ),
        "read_modbus_registers": (
            "args",
            "reads registers of a foreign device, on a busy bus",
        ),
        "write_modbus_register": (
            "slaveaddress registeraddress value number_of_decimals? functioncode? signed?",
            "writes one register of a foreign device",
        ),
        "write_modbus_registers": ("args", "writes registers of a foreign device"),
        "get_energy_time": ("module_id input_id?", "takes the energy bus"),
        "get_energy_frequency": ("module_id input_id?", "takes the energy bus"),
        "stop_plugin": ("name", "stops a plugin"),
        "start_plugin": ("name", "starts a plugin"),
        "restart_services": ("", "ends all logins and sockets"),
        "reset_master": ("power_on?", "restarts the master"),
    },
    DeletingCallError: {
        "master_clear_error_list": ("", "zeroes the error counts"),
        "copy_thermostat_schedule": (
            "source_id destination_id",
            "overwrites seven days and preset temperatures",
        ),
        "copy_cooling_schedule": (
            "source_id destination_id",
            "overwrites seven days and preset temperatures",
        ),
        "remove_scheduled_action": ("id", "removes a schedule"),
        "remove_schedule": ("schedule_id", "removes a schedule"),
    },
    NotConfirmedCallError: {
        "schedule_action": ("timestamp action", "runs an action later"),
        "add_schedule": (
            "name start schedule_type arguments? repeat? duration? end?",
            "runs an action later",
        ),
    },
    SecretsCallError: {
        "get_plugin_logs": ("", "logs may hold secrets"),
        "get_settings": ("settings", "settings may hold secrets"),
    },
}
"""By obstacle: parameters, and the reason to ask for confirmation."""

REFUSED: Final[Mapping[type[CallerError], Mapping[str, tuple[str, str]]]] = {
    LoginCallError: {
        "login": (
            "username password accept_terms? timeout? impersonate?",
            "belongs to the session",
        ),
        "logout": ("", "belongs to the session"),
    },
    UsersCallError: {
        "create_user": ("username password", "creates a user"),
        "get_usernames": ("", "needs the button on the gateway"),
        "remove_user": ("username", "deletes a user"),
    },
    HardwareCallError: {
        "open_maintenance": ("", "opens a raw console socket"),
        "raw_master_action": (
            "action size data?",
            "any raw master command, eeprom writes too",
        ),
        "module_discover_start": ("", "master in discovery: modules are (re)addressed"),
        "module_discover_stop": ("", "ends discovery"),
        "module_discover_auto": ("wait?", "automatic discovery"),
        "replace_module": (
            "old_address new_address",
            "takes over the configuration of a module",
        ),
        "add_virtual_output_module": ("", "adds a module for good"),
        "add_virtual_input_module": ("", "adds a module for good"),
        "add_virtual_dim_control_module": ("", "adds a module for good"),
        "add_virtual_sensor_module": ("", "adds a module for good"),
        "uart_request_mode": ("mode", "claims the serial port"),
        "start_power_address_mode": ("", "stops all measurements"),
        "stop_power_address_mode": ("", "ends it"),
        "set_power_voltage": ("module_id voltage", "calibrates a power module"),
        "do_raw_energy_command": (
            "address mode command data",
            "any raw energy-bus command",
        ),
        "set_can_bus_termination": ("enabled", "a wrong value stops the bus"),
        "reset_bus": ("", "restarts all modules"),
    },
    CallRefusedError: {
        "get_module_log": ("", "returns and empties the discovery log"),
        "shutter_report_position": ("id position direction?", "is for plugins"),
        "shutter_report_lost_position": ("id", "is for plugins"),
        "set_ventilation_status": ("status", "is for plugins"),
        "get_reset_dirty_flag": ("", "clears the flag that the vendor's tools use"),
        "do_url_action": (
            "url method? headers? data? auth? timeout?",
            "makes the gateway fetch any address",
        ),
    },
    ConfigurationCallError: {
        "set_thermostat_group_configuration": ("config", "writes configuration"),
        "set_thermostat_group_configurations": ("config", "writes configuration"),
        "set_global_thermostat_configuration": ("config", "writes configuration"),
        "set_ventilation_configuration": ("config", "writes configuration"),
        "set_output_configuration": ("config", "writes configuration"),
        "set_output_configurations": ("config", "writes configuration"),
        "set_shutter_configuration": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_shutter_configurations": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_shutter_group_configuration": ("config", "writes configuration"),
        "set_shutter_group_configurations": ("config", "writes configuration"),
        "set_input_configuration": ("config", "writes configuration"),
        "set_input_configurations": ("config", "writes configuration"),
        "set_thermostat_configuration": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_thermostat_configurations": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_sensor_configuration": ("config", "writes configuration"),
        "set_sensor_configurations": ("config", "writes configuration"),
        "set_pump_group_configuration": ("config", "writes configuration"),
        "set_pump_group_configurations": ("config", "writes configuration"),
        "set_cooling_configuration": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_cooling_configurations": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_cooling_pump_group_configuration": ("config", "writes configuration"),
        "set_cooling_pump_group_configurations": ("config", "writes configuration"),
        "set_global_rtd10_configuration": ("config", "writes configuration"),
        "set_rtd10_heating_configuration": ("config", "writes configuration"),
        "set_rtd10_heating_configurations": ("config", "writes configuration"),
        "set_rtd10_cooling_configuration": ("config", "writes configuration"),
        "set_rtd10_cooling_configurations": ("config", "writes configuration"),
        "set_group_action_configuration": ("config", "writes configuration"),
        "set_group_action_configurations": ("config", "writes configuration"),
        "set_pulse_counter_configuration": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_pulse_counter_configurations": (
            "config",
            "writes configuration, and a part of it erases the rest",
        ),
        "set_dimmer_configuration": ("config", "writes configuration"),
        "set_can_led_configuration": ("config", "writes configuration"),
        "set_can_led_configurations": ("config", "writes configuration"),
        "set_room_configuration": ("config", "writes configuration"),
        "set_room_configurations": ("config", "writes configuration"),
        "set_loglevel": ("level? logger_name?", "changes what is logged"),
        "set_power_modules": ("modules", "writes configuration"),
        "set_timezone": ("timezone", "moves all schedules"),
        "set_setting": ("setting value", "changes what the cloud may do"),
        "set_self_recovery": ("active", "turns the watchdog on/off"),
    },
    ErasingCallError: {
        "delete_thermostat_group_configuration": ("id", "deletes a group"),
        "restore_full_backup": ("backup_data", "overwrites eeprom and databases"),
        "master_restore": ("data", "overwrites the master's eeprom"),
        "set_pulse_counter_amount": ("amount", "deletes counters above the amount"),
        "remove_plugin": ("name", "deletes plugin and data"),
        "factory_reset": ("username password confirm? can?", "erases the installation"),
    },
    SoftwareCallError: {
        "update": ("version metadata?", "updates the gateway"),
        "update_firmware": (
            "module_type firmware_version module_address? force?",
            "flashes modules",
        ),
        "install_plugin": ("package_data", "installs code on the gateway (multipart)"),
    },
}
"""By obstacle: parameters, and the reason to refuse the call."""

USED: Final = frozenset(
    """
    login logout get_features get_platform_details get_input_status set_input
    get_output_status set_output set_all_lights_off get_shutter_status
    do_shutter_down do_shutter_up do_shutter_stop do_shutter_goto
    do_shutter_group_down do_shutter_group_up do_shutter_group_stop
    get_thermostat_group_configurations get_thermostat_group_status
    set_thermostat_group get_thermostat_status set_thermostat_mode
    set_current_setpoint set_per_thermostat_mode set_thermostat
    get_ventilation_configurations get_ventilation_status
    set_ventilation_mode_auto set_ventilation_level get_sensor_status
    get_sensor_temperature_status get_sensor_humidity_status
    get_sensor_brightness_status
    set_sensor_status set_virtual_sensor do_group_action get_errors
    get_output_configurations get_shutter_configurations
    get_shutter_group_configurations get_input_configurations
    get_thermostat_configuration get_thermostat_configurations
    set_thermostat_configuration get_sensor_configurations
    get_cooling_configuration get_cooling_configurations
    set_cooling_configuration get_group_action_configurations
    get_pulse_counter_configurations get_pulse_counter_status
    set_pulse_counter_status get_room_configurations get_power_modules
    get_realtime_power get_total_energy get_version restart_services indicate
    """.split()
)
"""Actions that the client itself calls."""
