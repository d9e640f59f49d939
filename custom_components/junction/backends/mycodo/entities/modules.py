"""Display names of Mycodo's input, output, and function modules.

The API reports only the ids of modules. This table has the names on Mycodo's pages for
those whose id is not a part number; docs/protocols/mycodo.md#objects.
"""

from collections.abc import Mapping
import re
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    # Inputs.
    "GPIO_STATE": "GPIO State",
    "LinuxCommand": "Bash Command",
    "MYCODO_OUTPUT_STATE": "Output State (On/Off)",
    "MYCODO_RAM": "System and Mycodo RAM",
    "MYCODO_VERSION": "Mycodo Version",
    "PythonCode": "Python 3 Code",
    "PythonCode_v_2_0": "Python 3 Code (v2.0)",
    "RPi": "CPU/GPU Temperature",
    "RPiCPULoad": "CPU Load",
    "RPiFreeSpace": "Free Space",
    "SERVER_PORT_OPEN": "Server Port Open",
    # Outputs.
    "MQTT_PAHO": "On/Off: MQTT Publish",
    "MQTT_PAHO_PWM": "PWM: MQTT Publish",
    "MQTT_PAHO_VALUE": "Value: MQTT Publish",
    "atlas_ezo_pmp": "Peristaltic Pump: Atlas Scientific",
    "command": "On/Off: Shell Script",
    "command_pwm": "PWM: Shell Script",
    "mcp4728": "Digital-to-Analog Converter: MCP4728",
    "peristaltic_pump": "Peristaltic Pump: Raspberry Pi GPIO",
    "pwm": "PWM: Raspberry Pi GPIO",
    "pwm_pca9685": "PWM: PCA9685 16-Channel LED Controller",
    "python": "On/Off: Python Code",
    "python_pwm": "PWM: Python 3 Code",
    "wired": "On/Off: Raspberry Pi GPIO",
    "wireless_rpi_rf": "On/Off: Wireless 315/433 MHz",
    # Functions.
    "AVG_LAST_MULTI": "Average (Last, Multiple)",
    "AVG_PAST_SINGLE": "Average (Past, Single)",
    "REGULATE_PH_EC": "Regulate pH and Electrical Conductivity",
    "VAP_PRESS_DEFICIT": "Vapor Pressure Deficit",
    "bang_bang": "Bang-Bang Hysteretic",
    "bang_bang_on_off": "Bang-Bang Hysteretic (On/Off)",
    "bang_bang_pwm": "Bang-Bang Hysteretic (PWM)",
    "pid_autotune": "PID Autotune",
}
_SPELLED: Final[Mapping[str, str]] = {
    "atlas": "Atlas",
    "mycodo": "Mycodo",
    "ph": "pH",
    "python": "Python",
    "rpi": "Raspberry Pi",
    **{
        word.lower(): word
        for word in (
            "ADC CO2 CPU DAC DC DO EC EZO GPIO HAT I2C ID IP LCD LED MQTT OLED ORP PID "
            "PWM RAM RF RGB SPI TTN UART USB VOC VPD"
        ).split()
    },
}
"""Words with a fixed spelling, and names."""
_COUNTED: Final = re.compile(r"([a-z]{4,})(\d+)")
_PART_NUMBER: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\w+")


def model_of(module: str) -> str:
    """Return Mycodo's name of a module, or its id in words: "Virtual relay 4"."""
    if (named := _NAMES.get(module)) is not None:
        return named
    words = [word for part in module.split("_") if part for word in _words(part)]
    if not words:
        return ""
    first = words[0]
    return " ".join(
        (first[:1].upper() + first[1:] if first.islower() else first, *words[1:])
    )


def _words(part: str) -> list[str]:
    """Return the words of one part of an id split at underscores."""
    if (spelled := _SPELLED.get(part.lower())) is not None:
        return [spelled]
    if counted := _COUNTED.fullmatch(part):
        return [counted[1], counted[2]]
    if part.isdigit():
        return [part]
    if _PART_NUMBER.fullmatch(part):
        return [part.upper() if part.islower() else part]
    if part.isupper():
        # All caps: up to four letters are most likely an abbreviation.
        return [part if len(part) < 5 else part.capitalize()]
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", part)
    if part.islower() or "".join(found) != part:
        return [part]
    # CamelCase.
    return [found[0], *(word if word.isupper() else word.lower() for word in found[1:])]
