"""Units: which one a measurement is stored in, and how people write them."""

import pytest

from custom_components.junction.backends.mycodo.client.models import (
    MeasurementRow,
    Unit,
)
from custom_components.junction.backends.mycodo.client.units import (
    stored_unit,
    targets,
    unit_id,
    unit_text,
)

# The unit that counts (docs/protocols/mycodo.md#the-unit-that-counts).


def row(unit: str, **more: str) -> MeasurementRow:
    return MeasurementRow("m", "d", 0, "", True, "temperature", unit, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("declared", "shown", "stored"),
    [
        ("C", "[Input 01 CH0] Climate (Air) Temperature (°C)", "C"),
        ("C", "[Input 01 CH4] Climate (Leaf) (°F)", "F"),
        ("C", "[Input 01 CH4] Climate (°K)", "K"),
        ("C", None, "C"),
        ("C", "", "C"),
        # The last parentheses hold a name: decimal has no text.
        ("percent", "[Input 01 CH4] Climate (Leaf)", "percent"),
        # Not unique: the target of the conversion counts.
        ("kg", "[Input 01 CH4] Scale (g)", "g"),
        ("m_s_s", "[Input 01 CH4] Shaker (g)", "g_force"),
        ("s", "[Input 01 CH4] Uptime (day)", "day"),
        ("s", "[Input 01 CH4] Uptime (d)", "day"),
        # Both micro signs.
        ("uT", "[Input 01 CH4] Field (µT)", "uT"),
        # A conversion that the user added.
        ("none", "[Input 01 CH4] Light (µmol/m²/s)", "umol_m2_s"),
        ("none", "[Input 01 CH4] Level (cm)", "cm"),
        ("", "[Input 01 CH4] Unset (°C)", ""),
    ],
)
def test_the_unit_that_counts(declared: str, shown: str | None, stored: str) -> None:
    custom = [Unit("umol_m2_s", "µmol/m²/s")]
    assert stored_unit(row(declared), shown, custom) == stored


def test_the_unit_of_what_is_rescaled() -> None:
    found = row("cm", rescaled_measurement="volume", rescaled_unit="l")
    assert stored_unit(found, "[Input 06 CH0] Tank Volume (l)") == "l"
    assert stored_unit(found, "[Input 06 CH0] Tank (ml)") == "ml"
    assert (found.meaning, found.declared_unit) == ("volume", "l")
    half = row("cm", rescaled_measurement="volume")
    assert (half.meaning, half.declared_unit) == ("temperature", "cm")


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("C", "C"),
        ("°C", "C"),
        ("° c", "C"),
        ("°F", "F"),
        ("K", "K"),
        ("%", "percent"),
        ("PPM", "ppm"),
        ("µS/cm", "uS_cm"),
        ("uS_cm", "uS_cm"),
        ("μg/m³", "ug_m3"),
        ("m/s", "m_s"),
        ("m/s²", "m_s_s"),
        ("L/min", "l_min"),
        ("lx", "lux"),
        ("g", "g"),
        ("mV", "mV"),
        ("MB", "MB"),
        ("kWh", "kWh"),
        ("µmol/m²/s", "umol_m2_s"),
        ("furlong", None),
    ],
)
def test_units_as_people_write_them(typed: str, unit: str | None) -> None:
    assert unit_id(typed, [Unit("umol_m2_s", "µmol/m²/s")]) == unit


def test_texts_and_conversions_of_units() -> None:
    assert unit_text("C") == "°C"
    assert unit_text("x", [Unit("x", "X!")]) == "X!"
    assert unit_text("y") is None
    assert targets("C") == ("F", "K")
    assert targets("pH") == ()
