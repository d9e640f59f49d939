"""Houses for a simulated gateway: the one of the captures, and large ones."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .state import (
    SHUTTER_RELAY,
    UNSET,
    UNSET_WORD,
    Account,
    OutputValue,
    Row,
    ShutterRun,
    State,
    Unit,
)

ADMIN = Account("admin", "gateway-s3cret")
GUEST = Account("guest", "guest-s3cret", role="USER")
NEWCOMER = Account("newcomer", "newcomer-s3cret", terms=False)

LIGHT, OUTLET, VALVE, ALARM, APPLIANCE, PUMP = 255, 0, 1, 2, 3, 4
HVAC, GENERIC, MOTOR, VENTILATION, HEATER = 5, 6, 7, 8, 9

_DAY: list[Any] = [16.0, "06:00", "08:00", 21.0, "17:00", "22:30", 21.5]
_COOL_DAY: list[Any] = [28.0, "06:00", "08:00", 24.0, "17:00", "22:30", 24.5]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def output(number: int, name: str, kind: int, module: str = "O", **extra: Any) -> Row:
    """Return the configuration of an output."""
    leds: Row = {}
    for led in range(1, 5):
        leds |= {f"can_led_{led}_id": UNSET, f"can_led_{led}_function": "UNKNOWN"}
    return {
        "id": number,
        "module_type": module,
        "name": name,
        "timer": UNSET_WORD,
        "type": kind,
        "lock_bit_id": UNSET,
        **leds,
        "in_use": True,
        "room": UNSET,
        "module": {
            "hardware_type": "virtual" if module.islower() else "physical",
            "hardware_module": "dim_control" if module in "dD" else "output",
            "module_id": number // 8,
        },
        **extra,
    }


def button(number: int, name: str = "", action: int = UNSET, **extra: Any) -> Row:
    """Return the configuration of an input."""
    return {
        "id": number,
        "module_type": "I",
        "name": name,
        "action": action,
        "basic_actions": "",
        "invert": UNSET,
        "room": UNSET,
        "can": " ",
        "event_enabled": False,
        "in_use": bool(name),
        "module": {
            "hardware_type": "physical",
            "hardware_module": "input",
            "module_id": number // 8,
        },
        **extra,
    }


def shutter(number: int, name: str = "", up: int = UNSET, **extra: Any) -> Row:
    """Return the configuration of a shutter; without a name it is an unused one."""
    return {
        "id": number,
        "name": name,
        "timer_up": up,
        "timer_down": extra.pop("down", up),
        "up_down_config": 1,
        "group_1": UNSET,
        "group_2": UNSET,
        "room": UNSET,
        "steps": UNSET_WORD,
        "in_use": True,
        **extra,
    }


def sensor(
    number: int, external: str, quantity: str, unit: str, name: str, room: int = UNSET
) -> Row:
    """Return the configuration of a sensor."""
    return {
        "id": number,
        "source": {"type": "master", "name": None},
        "external_id": external,
        "physical_quantity": quantity,
        "unit": unit,
        "name": name,
        "offset": 0,
        "room": room,
        "virtual": False,
        "in_use": True,
    }


def thermostat(number: int, name: str, *, cooling: bool, **extra: Any) -> Row:
    """Return the configuration of a thermostat, for heating or for cooling."""
    warm = (25.0, 38.0, 25.0) if cooling else (16.0, 15.0, 22.0)
    row: Row = {
        "id": number,
        "name": name,
        "room": UNSET,
        "thermostat_group": 0,
        "setp0": None,
        "setp1": None,
        "setp2": None,
        "setp3": warm[0],
        "setp4": warm[1],
        "setp5": warm[2],
        "sensor": UNSET,
        "output0": UNSET,
        "output1": UNSET,
        "pid_p": 120.0,
        "pid_i": 0.0,
        "pid_d": 0.0,
        "pid_int": UNSET,
        "permanent_manual": True,
    }
    for day in _DAYS:
        row[f"auto_{day}"] = list(_COOL_DAY if cooling else _DAY)
    return row | extra


def module(number: int, name: str, version: int, named: int, address: str) -> Row:
    """Return the configuration of an energy module."""
    ports = 12 if version == 12 else 8
    row: Row = {"id": number, "name": name, "address": address, "version": version}
    for field, used, default in (
        ("input", "CT {}", ""),
        ("sensor", 2, 2),
        ("times", "", ""),
        ("inverted", False, False),
    ):
        for port in range(12):
            value: Any = default
            if field == "input" and port < named:
                value = str(used).format(port)
            row[f"{field}{port}"] = value if port < ports else None
    return row


def group_row(number: int, name: str) -> Row:
    """Return the configuration of a group of thermostats."""
    row: Row = {"id": number, "name": name, "pump_delay": 60}
    for way in ("heating", "cooling"):
        for index in range(4):
            row[f"switch_to_{way}_output_{index}"] = UNSET
            row[f"switch_to_{way}_value_{index}"] = UNSET
    return row


def house(now: Callable[[], float], **options: Any) -> State:
    """Return the house of the captures: the same ids, names and kinds."""
    accounts = [replace(account) for account in (ADMIN, GUEST, NEWCOMER)]
    state = State(now=now, accounts=accounts, **options)
    kinds = (
        ("Ceiling lamp", LIGHT, 0),
        ("Wall outlet", OUTLET, 1),
        ("Boiler pump", PUMP, UNSET),
        ("Fan", VENTILATION, 2),
        ("Floor valve", VALVE, UNSET),
        ("Second valve", VALVE, UNSET),
        ("Alarm siren", ALARM, UNSET),
        ("Washing machine", APPLIANCE, UNSET),
    )
    for number, (name, kind, room) in enumerate(kinds):
        state.outputs.append(output(number, name, kind, "o", room=room))
    state.outputs.append(output(8, "Dimmer 8", LIGHT, "d", room=0))
    state.outputs.append(output(9, "Dimmer 9", LIGHT, "d", room=1))
    state.outputs.append(output(10, "Towel heater", HEATER, "d", room=2))
    state.outputs.append(output(11, "Gate motor", MOTOR, "d"))
    state.outputs.append(output(12, "Heat recovery", HVAC, "d"))
    for number in range(13, 16):
        state.outputs.append(output(number, "", OUTLET, "d", in_use=False))
    for number in range(16, 20):
        state.outputs.append(output(number, "", SHUTTER_RELAY, "O"))
    state.outputs.append(output(20, "Garden spots", GENERIC, "o"))
    state.outputs.append(output(21, "", GENERIC, "o"))
    for number in range(22, 24):
        state.outputs.append(output(number, "", GENERIC, "o", in_use=False))
    for number in range(16):
        state.inputs.append(button(number))
    state.inputs[0] |= {"name": "Hall button", "action": 0, "in_use": True, "room": 0}
    state.inputs[1] |= {"name": "Door contact", "in_use": True}
    for number in range(12):
        state.shutters.append(shutter(number))
    state.shutters[8] = shutter(8, "Living blind", 6, down=5, group_1=0, room=0)
    state.shutters[9] = shutter(9, "Kitchen screen", 8, up_down_config=0, room=1)
    state.shutters[10] = shutter(10, "Bedroom blind", 4, steps=21, room=2)
    for number in range(16):
        state.shutter_groups.append(
            {
                "id": number,
                "timer_up": UNSET,
                "timer_down": UNSET,
                "room": UNSET,
                "in_use": number == 0,
            }
        )
    state.sensors += [
        sensor(1, "0", "temperature", "celcius", "Living", 0),
        sensor(2, "1", "temperature", "celcius", "Kitchen", 1),
        sensor(3, "0", "humidity", "percent", "Living", 0),
        sensor(4, "0", "brightness", "percent", "Living", 0),
        sensor(5, "7", "co2", "parts_per_million", "Air", 2),
        sensor(6, "7", "voc", "parts_per_million", "Air", 2),
        sensor(7, "8", "brightness", "lux", "Roof"),
        sensor(8, "8", "sound", "decibel", "Roof"),
        sensor(9, "8", "dust", "micro_gram_per_cubic_meter", "Roof"),
        sensor(10, "8", "comfort_index", "percent", "Roof"),
        sensor(11, "8", "aqi", "none", "Roof"),
    ]
    state.sensor_values.update(
        {1: 20.5, 2: 21.0, 3: 45.0, 4: 45.0, 5: 612.0, 6: 0.4, 7: 5400.0, 8: 38.5}
    )
    state.sensor_values.update({9: 11.0, 10: 82.0, 11: 31.0})
    for name, rows in (("heating", state.thermostats), ("cooling", state.cooling)):
        cools = name == "cooling"
        rows += [thermostat(number, "", cooling=cools) for number in range(32)]
        rows[0] |= {"name": "Living", "room": 0, "sensor": 1}
        rows[1] |= {"name": "Kitchen", "room": 1, "sensor": 2}
    state.thermostats[0]["output0"] = 4
    state.thermostats[1]["output0"] = 5
    state.cooling[0]["output0"] = 12
    state.units.update({0: Unit(), 1: Unit()})
    state.groups.append(group_row(0, "Heating"))
    state.group_modes[0] = "heating"
    state.modules += [
        module(1, "Energy module", 12, 4, "E2"),
        module(2, "Power module", 8, 4, "E3"),
        module(3, "P1 concentrator", 1, 1, "E4"),
    ]
    for row in state.modules:
        for port in range(12 if row["version"] == 12 else 8):
            state.watts[row["id"], port] = 120.0 * port - 240 * (port == 3) * 2
            state.energy[row["id"], port] = [919_396 + 1000 * port, 500 * port]
    for number in range(32):
        state.pulses.append(
            {
                "id": number,
                "name": "Water meter" if number == 0 else "",
                "input": 8 if number == 0 else UNSET,
                "persistent": True,
                "room": 1 if number == 0 else UNSET,
                "in_use": number == 0,
            }
        )
        state.pulse_values.append(5_163_800 + number if number < 8 else 0)
    for number in range(256):
        name, steps = {0: ("All off", "161,0,161,8"), 1: ("Movie", "165,0")}.get(
            number, ("", "")
        )
        state.actions.append(
            {
                "id": number,
                "name": name,
                "actions": steps,
                "internal": False,
                "show_in_app": number != 1,
            }
        )
    names = ("Living room", "Kitchen", "Bedroom")
    state.rooms += [
        {"id": n, "name": names[n] if n < len(names) else "", "floor": UNSET}
        for n in range(100)
    ]
    state.ventilations.append(
        {
            "id": 1,
            "external_id": "vent-1",
            "source": {"type": "plugin", "name": "DemoPlugin"},
            "name": "Attic unit",
            "room": UNSET,
            "amount_of_levels": 4,
            "device": {
                "vendor": "Renson",
                "type": "Endura Delta",
                "serial": "RE123-0042",
            },
        }
    )
    state.ventilation_values[1] = {"mode": "auto", "level": None}
    state.lamps.append(
        {
            "id": 0,
            "name": "Colored strip",
            "room": 0,
            "capabilities": ["ON_OFF", "RANGE", "WHITE_TEMP", "FULL_COLOR"],
            "on": False,
            "value": 40,
        }
    )
    return furnish(state)


def large(
    now: Callable[[], float], *, outputs: int, inputs: int, thermostats: int
) -> State:
    """Return a house with many devices of a few kinds, and none that has to be polled."""
    state = State(now=now, accounts=[replace(ADMIN)])
    for number in range(outputs):
        state.outputs.append(output(number, f"Lamp {number}", LIGHT, room=number % 50))
    for number in range(inputs):
        state.inputs.append(
            button(number, f"Button {number}", number, room=number % 50)
        )
    for number in range(max(thermostats, 32)):
        used: Row = (
            {"sensor": number + 1, "name": f"Zone {number}"}
            if number < thermostats
            else {}
        )
        for rows, cools in ((state.thermostats, False), (state.cooling, True)):
            rows.append(thermostat(number, "", cooling=cools) | used)
        if used:
            state.units[number] = Unit()
            state.sensors.append(
                sensor(
                    number + 1, str(number), "temperature", "celcius", f"Zone {number}"
                )
            )
            state.sensor_values[number + 1] = 19.0 + number / 100
    state.groups.append(group_row(0, ""))
    state.group_modes[0] = "heating"
    state.rooms += [{"id": n, "name": f"Room {n}", "floor": UNSET} for n in range(100)]
    return furnish(state)


def furnish(state: State) -> State:
    """Set a value for everything that is configured."""
    for row in state.outputs:
        state.output_values.setdefault(row["id"], OutputValue())
    for row in state.inputs:
        state.input_values.setdefault(row["id"], False)
    for row in state.shutters:
        state.runs.setdefault(row["id"], ShutterRun())
    return state
