"""Names of the modules of inputs, outputs, and functions."""

import pytest

from custom_components.junction.backends.mycodo.entities.modules import model_of


@pytest.mark.parametrize(
    ("module", "model"),
    [
        # As Mycodo's pages show them.
        ("PythonCode_v_2_0", "Python 3 Code (v2.0)"),
        ("wired", "On/Off: Raspberry Pi GPIO"),
        ("AVG_LAST_MULTI", "Average (Last, Multiple)"),
        # Part numbers are spelled as by their manufacturers.
        ("BME280", "BME280"),
        ("DS18B20", "DS18B20"),
        ("TH1X_AM2301", "TH1X AM2301"),
        ("MIJIA_LYWSD03MMC", "Mijia LYWSD03MMC"),
        ("ATLAS_DO", "Atlas DO"),
        ("atlas_ph", "Atlas pH"),
        ("mcp23017", "MCP23017"),
        # Modules of one's own, in words.
        ("virtual_relay4", "Virtual relay 4"),
        ("virtual_pump", "Virtual pump"),
        ("rpi_pwm_2", "Raspberry Pi PWM 2"),
        ("MyOwnSensor", "My own sensor"),
        ("WATERING", "Watering"),
        ("äöü", "Äöü"),
        ("", ""),
        ("___", ""),
        ("-", "-"),
    ],
)
def test_models(module: str, model: str) -> None:
    assert model_of(module) == model
