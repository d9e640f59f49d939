"""Units and measurement names of Mycodo, as in its choice lists."""

from collections.abc import Callable, Mapping
from typing import Final

UNIT_TEXTS: Final[Mapping[str, str]] = dict(
    line.split("=", 1)
    for line in """\
A=A|C=°C|F=°F|GB=GB|Hz=Hz|K=°K|MB=MB|MHz=MHz|Ohm=Ω|Pa=Pa|V=V|W=W|bearing=bearing|bool=bool
cie=cie|cm=cm|cm_water=cm_water|cpm=cpm|cpu_load=Proc.|day=day|decimal=|degree=°
eight_bit_color=8-bit|ft=ft|full=full|g=g|g_force=g|h=h|hPa=hPa|ir=IR|kB=kB|kHz=kHz
kJ_kg=kJ/kg|kPa=kPa|kWh=kWh|kg=kg|kg_kg=kg/kg|kn=knot|l=l|l_hr=l/hr|l_min=l/min|l_s=l/s
lux=lx|m=m|m3_kg=m^3/kg|mA=mA|mV=mV|m_s=m/s|m_s_s=m/s/s|mg_L=mg/L|minute=min|ml=ml|mm=mm
mph=mph|none=|pH=pH|percent=%|pid_value=|ppb=ppb|ppm=ppm|ppm_min=ppm/min|ppt=ppt|psi=psi
rpm=rpm|s=s|setpoint=|steps=steps|uS_cm=μS/cm|uSv_hr=μSv/hr|uT=μT|ug_m3=μg/m^3|unitless=
us=µs|va=VA|var=VAr""".replace("\n", "|").split("|")
)

MEASUREMENTS: Final[Mapping[str, str]] = {
    "boolean": "Boolean",
    "co2": "Carbon Dioxide",
    "cpu_load_1m": "CPU Load (1 Minute)",
    "cpu_load_5m": "CPU Load (5 Minutes)",
    "cpu_load_15m": "CPU Load (15 Minutes)",
    "dewpoint": "Dewpoint",
    "disk_space": "Disk",
    "duration_time": "Duration",
    "duty_cycle": "Duty Cycle",
    "electrical_potential": "Electrical Potential",
    "gpio_state": "GPIO State",
    "humidity": "Humidity",
    "ion_concentration": "Ion Concentration",
    "length": "Length",
    "light": "Light",
    "moisture": "Moisture",
    "pid_d_value": "PID D-Value",
    "pid_i_value": "PID I-Value",
    "pid_p_value": "PID P-Value",
    "setpoint": "Setpoint",
    "temperature": "Temperature",
    "unitless": "Unitless",
    "vapor_pressure_deficit": "Vapor Pressure Deficit",
    "volume": "Volume",
}

CONVERSIONS: Final[Mapping[tuple[str, str], Callable[[float], float]]] = {
    ("C", "F"): lambda value: value * 9 / 5 + 32,
    ("C", "K"): lambda value: value + 273.15,
    ("percent", "decimal"): lambda value: value / 100,
    ("Pa", "kPa"): lambda value: value / 1000,
    ("Pa", "hPa"): lambda value: value / 100,
    ("ppm", "percent"): lambda value: value / 10_000,
    ("l", "ml"): lambda value: value * 1000,
}
