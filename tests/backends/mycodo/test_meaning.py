"""Every measurement and unit of Mycodo in Home Assistant's terms."""

from itertools import product
from pathlib import Path

from homeassistant.components.sensor import SensorStateClass
from homeassistant.components.sensor.const import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
    SensorDeviceClass as Class,
)
from homeassistant.const import EntityCategory
import pytest

from custom_components.junction.backends.mycodo.client.listing import (
    Listing,
    OutputKind,
    output_kind,
)
from custom_components.junction.backends.mycodo.client.models import (
    MeasurementRow,
    Output,
    OutputChannel,
    Outputs,
)
from custom_components.junction.backends.mycodo.client.units import UNITS
from custom_components.junction.backends.mycodo.entities.duty import Duty, inverted
from custom_components.junction.backends.mycodo.entities.meaning import (
    HA_UNITS,
    MEASUREMENTS,
    Meaning,
    meaning,
    translation,
)

from ...texts import icons, texts

FIXTURES = Path(__file__).parents[2] / "fixtures" / "mycodo"


def table(name: str) -> list[list[str]]:
    """Return the rows of a table among the fixtures."""
    lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


# What of them is not a matter of course: measurement, unit, class and unit in Home
# Assistant.
TABLE = """
acceleration g_force - g
acceleration_x m_s_s - m/s²
adc none - -
altitude m distance m
altitude ft distance ft
angle degree - °
battery percent battery %
battery decimal battery %
battery V voltage V
brightness percent - %
co2 ppm carbon_dioxide ppm
co2 ppb carbon_dioxide ppm
co2 percent carbon_dioxide ppm
color_red eight_bit_color - -
color_temperature K - K
color_x cie - -
color_Y cie - -
cpu_load_1m cpu_load - -
dewpoint C temperature °C
dewpoint K temperature K
direction bearing - °
disk_space MB data_size MB
disk_space GB data_size GB
dissolved_oxygen mg_L - mg/L
duration_time s duration s
duration_time minute duration min
duration_time day duration d
duty_cycle percent - %
duty_cycle decimal - %
electrical_conductivity uS_cm conductivity μS/cm
electrical_current mA current mA
electrical_potential V voltage V
energy kWh energy kWh
frequency MHz frequency MHz
hue degree - °
humidity percent humidity %
humidity decimal humidity %
humidity ppm - ppm
humidity ppt - ‰
humidity_ratio kg_kg - kg/kg
ion_concentration pH ph -
length cm distance cm
light lux illuminance lx
light full - -
light ir - -
magnetic_flux_density uT - μT
mass g weight g
methane ppm - ppm
moisture none - -
moisture percent moisture %
o2 percent - %
oxidation_reduction_potential mV voltage mV
particulate_matter_1_0 ug_m3 pm1 μg/m³
particulate_matter_2_5 ug_m3 pm25 μg/m³
particulate_matter_10_0 ug_m3 pm10 μg/m³
pid_p_value pid_value - -
position_open percent - %
power W power W
power_apparent va apparent_power VA
power_factor unitless power_factor -
power_reactive var reactive_power var
pressure hPa pressure hPa
pressure psi pressure psi
pressure cm_water pressure hPa
pulse_width us duration μs
radiation_dose_rate cpm - cpm
radiation_dose_rate uSv_hr - μSv/h
rate_ppm ppm_min - ppm/min
rate_volume l_hr volume_flow_rate L/h
rate_volume l_min volume_flow_rate L/min
resistance Ohm - Ω
revolutions rpm - rpm
rotation steps - steps
salinity ppt - ‰
saturation percent - %
specific_enthalpy kJ_kg - kJ/kg
specific_gravity unitless - -
specific_volume m3_kg - m³/kg
speed m_s speed m/s
speed kn speed kn
temperature C temperature °C
temperature F temperature °F
total_dissolved_solids ppm - ppm
unitless none - -
vapor_pressure_deficit kPa pressure kPa
version none - -
voc ppb volatile_organic_compounds_parts ppb
volume l volume_storage L
volume ml volume_storage mL
""".strip().splitlines()

ALONE = frozenset[str]()

# The whole tables of docs/protocols/mycodo.md#units-and-measurement-types, word for word.
UNIT_ROWS = table("units.tsv")
MEASUREMENT_ROWS = table("measurements.tsv")


@pytest.mark.parametrize("row", TABLE)
def test_the_table_of_the_reference(row: str) -> None:
    measurement, unit, device_class, shown = row.split()
    found = meaning(measurement, unit, beside=ALONE)
    assert (found.device_class or "-", found.unit or "-") == (device_class, shown)


def test_every_unit_of_the_reference() -> None:
    assert {unit for unit, _, _ in UNIT_ROWS} == set(UNITS) == set(HA_UNITS)
    for unit, text, said in UNIT_ROWS:
        text = {"(empty)": "", "same": unit}.get(text, text.partition(" (")[0])
        assert UNITS[unit] == text
        shown: str | None = said.partition(" (")[0]
        if said.startswith("–") or said == "binary sensor":
            shown = None
        shown = {
            "same": unit,
            "convert ×0.980665 → hPa": "hPa",
            "‰ or ppt, no class": "‰",
        }.get(said, shown)
        assert HA_UNITS[unit] == shown, unit


def test_every_measurement_of_the_reference() -> None:
    assert {row[0] for row in MEASUREMENT_ROWS} == MEASUREMENTS
    assert len(MEASUREMENTS) == 81
    for measurement, units, said in MEASUREMENT_ROWS:
        for unit in units.split(", "):
            found = meaning(measurement, unit, beside=ALONE)
            said_class = said.replace(",", " ").split()[0]
            expected = said_class if said_class in set(Class) else None
            if measurement == "direction":
                # Without a speed beside it, it need not be the wind.
                expected = None
            if measurement in ("humidity", "light"):
                fitting = {"humidity": ("percent", "decimal"), "light": ("lux",)}
                expected = expected if unit in fitting[measurement] else None
                expected = "illuminance" if unit == "lux" else expected
            assert found.device_class == expected, (measurement, unit)
            assert found.binary is said.startswith("binary_sensor")
            description = found.sensor()
            is_diagnostic = description.entity_category is EntityCategory.DIAGNOSTIC
            assert is_diagnostic is ("diagnostic" in said)
            is_hidden = not description.entity_registry_enabled_default
            assert is_hidden is ("disabled by default" in said)
            is_total = found.state_class is SensorStateClass.TOTAL_INCREASING
            assert is_total is (measurement == "energy")


@pytest.mark.parametrize(
    "beside", [ALONE, frozenset({"speed", "direction", "rate_volume"})]
)
def test_home_assistant_takes_every_pair(beside: frozenset[str]) -> None:
    """A unit that does not belong to the class would spoil the statistics."""
    for measurement, unit in product(MEASUREMENTS, HA_UNITS):
        found = meaning(measurement, unit, beside=beside)
        if found.device_class is not None:
            assert found.unit in DEVICE_CLASS_UNITS[found.device_class], found
            states = DEVICE_CLASS_STATE_CLASSES[found.device_class]
            assert found.state_class in states, found


def test_every_unit_is_there() -> None:
    assert set(UNITS) == set(HA_UNITS)
    assert len(UNITS) == 75
    # Home Assistant writes the prefix with the Greek letter.
    assert not [unit for unit in HA_UNITS.values() if unit and "\u00b5" in unit]


def test_every_measurement_has_a_name_and_an_icon() -> None:
    for measurement in MEASUREMENTS:
        key = f"mycodo_{translation(measurement)}"
        platform = {"edge": "event", "boolean": "binary_sensor"}.get(
            measurement, "sensor"
        )
        platform = "binary_sensor" if measurement == "gpio_state" else platform
        assert f"entity.{platform}.{key}.name" in texts()
        # An icon of ours would hide that of a device class: a battery shows its level.
        classes = {
            meaning(measurement, unit, beside=ALONE).device_class for unit in UNITS
        }
        if platform == "sensor" and classes == {None}:
            assert f"entity.sensor.{key}.default" in icons()


@pytest.mark.parametrize(
    ("measurement", "unit", "factor"),
    [
        ("co2", "ppb", 0.001),
        ("co2", "percent", 10_000),
        ("humidity", "decimal", 100),
        ("pressure", "cm_water", 0.980665),
        ("temperature", "F", 1),
    ],
)
def test_values_are_converted(measurement: str, unit: str, factor: float) -> None:
    assert meaning(measurement, unit, beside=ALONE).factor == factor


def test_what_stands_beside_matters() -> None:
    wind = frozenset({"speed", "direction"})
    assert meaning("speed", "m_s", beside=wind).device_class is Class.WIND_SPEED
    direction = meaning("direction", "bearing", beside=wind)
    assert direction.device_class is Class.WIND_DIRECTION
    assert direction.state_class is SensorStateClass.MEASUREMENT_ANGLE
    meter = meaning("volume", "l", beside=frozenset({"rate_volume"}))
    assert meter.device_class is Class.VOLUME
    assert meter.state_class is SensorStateClass.TOTAL_INCREASING
    energy = meaning("energy", "kWh", beside=ALONE)
    assert energy.state_class is SensorStateClass.TOTAL_INCREASING


@pytest.mark.parametrize(
    ("unit", "text", "device_class", "shown"),
    [
        ("C", None, Class.TEMPERATURE, "°C"),
        ("K", None, None, "K"),
        ("mV", None, Class.VOLTAGE, "mV"),
        ("ppm", None, None, "ppm"),
        ("umol_m2_s", "µmol/m²/s", None, "µmol/m²/s"),
        ("what", None, None, None),
    ],
)
def test_what_the_user_defined(
    unit: str, text: str | None, device_class: Class | None, shown: str | None
) -> None:
    found = meaning("par", unit, text=text, beside=ALONE)
    assert found == Meaning("par", device_class, shown, known=False)


def test_what_the_user_defined_as_true_or_false() -> None:
    assert meaning("door", "bool", beside=ALONE).binary
    # An edge is nothing that lasts.
    assert not meaning("edge", "bool", beside=ALONE).binary


# Kinds of outputs (docs/protocols/mycodo.md#kinds-of-outputs).


@pytest.mark.parametrize(
    ("recorded", "kind"),
    [
        (["duration_time"], OutputKind.ON_OFF),
        (["duration_time", "brightness", "hue"], OutputKind.ON_OFF),
        (["duration_time", "volume"], OutputKind.PUMP),
        (["duty_cycle"], OutputKind.PWM),
        (["volume"], OutputKind.PUMP),
        (["electrical_potential"], OutputKind.VALUE),
        (["rotation"], OutputKind.VALUE),
        ([], None),
    ],
)
def test_what_an_output_is(recorded: list[str], kind: OutputKind | None) -> None:
    rows = [MeasurementRow(m, "o", n, "", True, m, "s") for n, m in enumerate(recorded)]
    assert output_kind(rows) is kind


@pytest.mark.parametrize(
    ("kind", "rows", "channels", "recorded"),
    [
        (OutputKind.ON_OFF, 4, 4, [(0,), (1,), (2,), (3,)]),
        (OutputKind.PUMP, 4, 2, [(0,), (0,), (1,), (1,)]),
        (OutputKind.PUMP, 6, 2, [(0,), (0,), (0,), (1,), (1,), (1,)]),
        # All in one row, so the channels cannot be told apart.
        (OutputKind.ON_OFF, 1, 8, [tuple(range(8))]),
    ],
)
def test_which_channels_a_row_records(
    kind: OutputKind, rows: int, channels: int, recorded: list[tuple[int, ...]]
) -> None:
    listing = Listing(
        outputs=Outputs((), tuple(OutputChannel("o", n) for n in range(channels)), {}),
        rows=tuple(
            MeasurementRow(f"m{n}", "o", n, "", True, "volume", "ml")
            for n in range(rows)
        ),
    )
    assert [listing.recorded_channels(row, kind) for row in listing.rows] == recorded
    # The choice lists take precedence.
    listing.recorded = {"m0": (5,)}
    assert listing.recorded_channels(listing.rows[0], kind) == (5,)


@pytest.mark.parametrize(
    ("module", "invert", "stored", "expected"),
    [
        ("pwm", False, False, False),
        ("pwm", True, False, True),
        ("pwm", True, True, True),
        ("pwm_pca9685", True, False, False),
        ("MQTT_PAHO_PWM", True, False, True),
        ("MQTT_PAHO_PWM", True, True, False),
    ],
)
def test_reversed_signals(
    module: str, invert: bool, stored: bool, expected: bool
) -> None:
    channel = OutputChannel("o", 0, invert=invert, invert_stored=stored)
    assert inverted(Output("o", "x", module), channel) is expected


def test_a_duty_cycle_remembers_the_last() -> None:
    duty = Duty()
    assert duty.read(None) is None
    assert (duty.read(42.5), duty.last) == (42.5, 42.5)
    assert (duty.read(False), duty.last) == (0.0, 42.5)
    duty.reversed = True
    assert (duty.read(90.0), duty.last) == (10.0, 10.0)
    assert (duty.read(False), duty.last) == (100.0, 100.0)
