"""Greenhouse of a simulated Mycodo, with the devices of the captures."""

from dataclasses import replace
from math import exp, log

from simulators.clock import VirtualClock
from simulators.house import House, Load

from .furniture import add_output, add_rows, make_channels, steady
from .server import make_key
from .state import (
    ADMIN,
    EDITOR,
    GUEST,
    MONITOR,
    Controller,
    CustomUnit,
    Features,
    Input,
    Measure,
    Pid,
    Row,
    State,
    User,
    uid,
)

CLIMATE, RAM, CPU, INACTIVE, MISSING, TANK = range(21, 27)
LAMP, RELAYS, FAN, PUMP, DIMMER, GPIO, UNCONFIGURED, MQTT, SPACER = range(1, 10)
AVERAGE, CONDITIONAL, TRIGGER, PID = 31, 33, 34, 41

MQTT_PASSWORD = "s3cret-mqtt"

_ROOM = "greenhouse"
_LOADS = {
    "grow light": Load("grow light", 120, room=_ROOM, lumens=9000),
    "greenhouse heater": Load("greenhouse heater", 800, phase=2, room=_ROOM),
    "greenhouse fan": Load("greenhouse fan", 35, room=_ROOM),
    "humidifier": Load("humidifier", 28, room=_ROOM),
    "circulation fan": Load("circulation fan", 60, phase=3, room=_ROOM),
}


def greenhouse(
    clock: VirtualClock, house: House | None = None, features: Features | None = None
) -> State:
    """Create the greenhouse. With a house, outputs switch its loads and sensors measure its air."""
    state = State(clock=clock, features=features or Features(), tags=[uid(61)])
    if house is not None:
        for load in _LOADS.values():
            house.add_load(replace(load))
    for number, (name, role) in enumerate(
        (("admin", ADMIN), ("monitor", MONITOR), ("guest", GUEST), ("editor", EDITOR))
    ):
        state.users.append(
            User(number + 1, uid(900 + number), name, role, make_key(name))
        )
    state.units.append(CustomUnit(1, uid(51), "PPFD unit", "umol_m2_s", "µmol/m²/s"))
    state.measurements.append(
        CustomUnit(1, uid(52), "Photosynthetic light", "par", "umol_m2_s")
    )
    state.triggers.append(Controller(1, uid(TRIGGER), "Every minute"))
    state.conditionals.append(Controller(1, uid(CONDITIONAL), "Frost guard"))
    _outputs(state)
    _inputs(state, house)
    _functions(state)
    return state


def _outputs(state: State) -> None:
    on_off = ("duration_time", "s")
    lamp = make_channels(LAMP, "", loads=("grow light",))
    lamp[0].options = {
        "on_command": "echo on > run/lamp",
        "off_command": "echo off > run/lamp",
        "command_force": False,
    }
    add_output(state, LAMP, "Grow light", "command", "on_off", lamp, [on_off])
    relays = make_channels(
        RELAYS,
        "Heater",
        "Fan",
        "Humidifier",
        "",
        loads=("greenhouse heater", "greenhouse fan", "humidifier"),
    )
    add_output(
        state,
        RELAYS,
        "Relay board",
        "virtual_relay4",
        "on_off",
        relays,
        [on_off] * 4,
        interface="PYTHON",
        returns="success",
    )
    fan = make_channels(FAN, "", loads=("circulation fan",))
    fan[0].options = {"pwm_invert_signal": False, "pwm_invert_stored_signal": False}
    add_output(
        state,
        FAN,
        "Circulation fan",
        "python_pwm",
        "pwm",
        fan,
        [("duty_cycle", "percent")],
        interface="PYTHON",
    )
    pump = make_channels(PUMP, "")
    pump[0].options = {"fastest_dispense_rate_ml_min": 150.0, "amps": 0.0}
    add_output(
        state,
        PUMP,
        "Nutrient pump",
        "virtual_pump",
        "pump",
        pump,
        [on_off, ("volume", "ml")],
        interface="PYTHON",
    )
    volt = ("electrical_potential", "V")
    add_output(
        state,
        DIMMER,
        "Dimmer 0-10 V",
        "virtual_value",
        "value",
        make_channels(DIMMER, "Left", "Right"),
        [volt, volt],
        interface="PYTHON",
    )
    add_output(
        state,
        GPIO,
        "GPIO relay (no hardware)",
        "wired",
        "on_off",
        make_channels(GPIO, ""),
        [on_off],
        interface="GPIO",
        problem="output channel doesn't exist: 0",
    )
    add_output(
        state,
        UNCONFIGURED,
        "Unconfigured shell output",
        "command",
        "on_off",
        make_channels(UNCONFIGURED, ""),
        [on_off],
        problem="Output not set up.",
    )
    mqtt = make_channels(MQTT, "")
    mqtt[0].options = {"username": "mqttuser", "password": MQTT_PASSWORD}
    add_output(
        state,
        MQTT,
        "MQTT plug",
        "MQTT_PAHO",
        "on_off",
        mqtt,
        [on_off],
        interface="IP",
        deaf=True,
    )
    add_output(state, SPACER, "Spacer", "output_spacer", "spacer", loaded=False)


def _air(house: House | None) -> Measure:
    """Return the values of the climate sensor; constant without a house."""

    def measure(moment: float) -> dict[int, float]:
        found = {
            0: 22.0,
            1: 55.0,
            2: 12.5,
            3: 1200.0,
            4: 22.0,
            5: 640.0,
            6: 6.1,
            7: 1.0,
        }
        if house is not None:
            room, second = house.rooms[_ROOM], int(moment)
            found[0] = found[4] = room.temperature(second)
            found[1] = room.humidity(second)
            found[5] = room.carbon_dioxide(second)
            # Magnus formula: saturation pressure in Pa, and the dew point of this air.
            saturated = 610.94 * exp(17.625 * found[0] / (found[0] + 243.04))
            vapor = saturated * found[1] / 100
            wet = log(vapor / 610.94)
            found[2] = 243.04 * wet / (17.625 - wet)
            found[3] = saturated - vapor
        return found

    return measure


def _inputs(state: State, house: House | None) -> None:
    def add(
        number: int, name: str, device: str, period: float, measure: Measure
    ) -> Input:
        found = Input(number - 20, uid(number), name, device, period, measure)
        state.inputs.append(found)
        return found

    climate = add(CLIMATE, "Climate sensor", "PythonCode_v_2_0", 5.0, _air(house))
    climate.options = {"python_code": "return {0: 22.0}", "use_pylint": False}
    add_rows(
        state,
        CLIMATE,
        ("temperature", "C"),
        ("humidity", "percent"),
        ("dewpoint", "C"),
        ("vapor_pressure_deficit", "Pa"),
        ("temperature", "C"),
        ("co2", "ppm"),
        ("ion_concentration", "pH"),
        ("gpio_state", "bool"),
    )
    by_channel = {row.channel: row for row in state.rows_of(uid(CLIMATE))}
    by_channel[0].name, by_channel[4].name = "Air", "Leaf"
    by_channel[4].conversion = "F"
    by_channel[6].enabled = False
    add(RAM, "Mycodo RAM", "MYCODO_RAM", 15.0, steady(c0=148.5, c1=92.25))
    add_rows(state, RAM, ("disk_space", "MB"), ("disk_space", "MB"))
    ram = state.rows_of(uid(RAM))
    ram[0].name, ram[1].name = "Backend", "Frontend"
    add(CPU, "CPU load", "RPiCPULoad", 10.0, steady(c0=0.5, c1=0.25, c2=0.125))
    add_rows(
        state,
        CPU,
        ("cpu_load_1m", "cpu_load"),
        ("cpu_load_5m", "cpu_load"),
        ("cpu_load_15m", "cpu_load"),
    )
    inactive = add(INACTIVE, "Inactive sensor", "PythonCode_v_2_0", 5.0, steady(c0=1.0))
    inactive.active = False
    add_rows(state, INACTIVE, ("temperature", "C"))
    missing = add(MISSING, "Missing 1-wire probe", "DS18B20", 15.0, steady())
    missing.interface = "1WIRE"
    add_rows(state, MISSING, ("temperature", "C"))
    tank = add(TANK, "Tank level", "LinuxCommand", 5.0, steady(c0=42.5))
    tank.command = "echo 42.5"
    add_rows(
        state,
        TANK,
        ("length", "cm"),
        rescaled=("volume", "l"),
        scale=(0.0, 100.0, 0.0, 50.0),
    )


def _functions(state: State) -> None:
    climate = state.inputs[0]
    average = Input(
        1,
        uid(AVERAGE),
        "Average temperature",
        "AVG_LAST_MULTI",
        5.0,
        lambda moment: {0: climate.measure(moment)[0]},
    )
    average.options = {"start_offset": 3, "max_measure_age": 360}
    state.functions.append(average)
    add_rows(state, AVERAGE, ("temperature", "C"))
    state.pids.append(
        Pid(
            1,
            uid(PID),
            "Heating",
            f"{uid(CLIMATE)},{uid(CLIMATE * 100 + 50)}",
            f"{uid(RELAYS)},{uid(RELAYS * 100)}",
            24.0,
        )
    )
    add_rows(state, PID, ("", ""), ("", ""), ("", ""), setpoint=True)
    names = ("Setpoint", "Setpoint (Band Min)", "Setpoint (Band Max)")
    for row, name in zip(state.rows_of(uid(PID)), names, strict=True):
        row.name = name
    for channel, (measurement, unit, name) in enumerate(
        (
            ("pid_p_value", "pid_value", "P-value"),
            ("pid_i_value", "pid_value", "I-value"),
            ("pid_d_value", "pid_value", "D-value"),
            ("duration_time", "s", "Output (Duration)"),
            ("duty_cycle", "percent", "Output (Duty Cycle)"),
            ("volume", "ml", "Output (Volume)"),
            ("unitless", "none", "Output (Value)"),
        ),
        3,
    ):
        number = PID * 100 + 50 + channel
        state.rows.append(
            Row(
                len(state.rows) + 1,
                uid(number),
                uid(PID),
                channel,
                measurement,
                unit,
                name,
            )
        )
