"""Rooms of the house: temperature, humidity, carbon dioxide, brightness, and occupancy.

Each reading is a closed formula of the moment and of the last change, so a room costs nothing
while it is not read, and a whole day may pass in one step.
"""

from dataclasses import dataclass
from math import exp

from .clock import DAY, HOUR
from .noise import smooth, unit
from .weather import Weather

_WARM, _DAMP, _PRESENCE, _SOIL = range(200, 204)
_WARMING, _COOLING = 1.5 * HOUR, 30 * HOUR
_SOIL_DRYING = 6 * DAY


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """Fixed properties of a room."""

    name: str
    window: float = 0.01
    """Share of the light outside that reaches the room."""
    area: float = 15.0
    """Floor in m²; lumens divided by it are lux."""
    hours: tuple[tuple[int, int], ...] = ()
    """Hours of the day (standard time) in which somebody is usually here."""
    heated: bool = True
    outdoors: bool = False


DEFAULT_ROOMS = (
    RoomPlan("living room", 0.012, 32, ((7, 8), (17, 23))),
    RoomPlan("kitchen", 0.010, 14, ((6, 8), (12, 13), (17, 19))),
    RoomPlan("bedroom", 0.008, 16, ((0, 6), (23, 24))),
    RoomPlan("bathroom", 0.004, 7, ((6, 7), (22, 23))),
    RoomPlan("study", 0.010, 11, ((9, 12), (13, 17))),
    RoomPlan("greenhouse", 0.700, 12, ((18, 19),), heated=False),
    RoomPlan("garden", 1.000, 200, (), heated=False, outdoors=True),
)


class Room:
    """One room. Setpoints are in °C; its lights are loads of the house."""

    def __init__(
        self, plan: RoomPlan, weather: Weather, index: int, moment: int
    ) -> None:
        """Start at a steady 20 °C, or at the temperature of an unheated room."""
        self.plan = plan
        self.lumens = 0.0
        self.setpoint = 20.0
        self.heating = plan.heated
        self._weather = weather
        self._stream = index * 1000
        self._since = moment
        self._from = self._target(moment)
        self._soil_since = moment
        self._soil_from = 45.0

    def set_heating(self, moment: int, setpoint: float, *, on: bool = True) -> None:
        """Heat the room to ``setpoint`` from now on, or turn the heating off."""
        self._from = self._settling(moment)
        self._since = moment
        self.setpoint, self.heating = setpoint, on

    def temperature(self, moment: int) -> float:
        """Return the air temperature in °C."""
        if self.plan.outdoors:
            return self._weather.temperature(moment)
        wobble = (
            0.5 * smooth(self._weather.seed, _WARM + self._stream, moment / HOUR) - 0.25
        )
        gain = 2.5 * self.plan.window * 10 * self._weather.light(moment)
        return self._settling(moment) + wobble + gain

    def humidity(self, moment: int) -> float:
        """Return the relative humidity in percent."""
        if self.plan.outdoors:
            return self._weather.humidity(moment)
        return 38 + 18 * smooth(
            self._weather.seed, _DAMP + self._stream, moment / (3 * HOUR)
        )

    def brightness(self, moment: int) -> float:
        """Return the brightness in lx, from daylight and the lights that are on."""
        return (
            self.plan.window * self._weather.lux(moment) + self.lumens / self.plan.area
        )

    def occupied(self, moment: int) -> bool:
        """Return whether the room is occupied."""
        local = moment + self._weather.standard_hours * HOUR
        hour = local % DAY // HOUR
        usual = any(begin <= hour < end for begin, end in self.plan.hours)
        chance = unit(self._weather.seed, _PRESENCE + self._stream, local // 600)
        return chance < (0.9 if usual else 0.04)

    def carbon_dioxide(self, moment: int) -> float:
        """Return the carbon dioxide in ppm, averaged over the occupancy of the last hour."""
        if self.plan.outdoors:
            return 420.0
        presence = sum(self.occupied(moment - back) for back in range(0, HOUR, 600)) / 6
        return 430 + 550 * presence

    def soil_moisture(self, moment: int) -> float:
        """Return the soil moisture in percent by volume; it falls until the soil is watered."""
        noise = smooth(self._weather.seed, _SOIL + self._stream, moment / HOUR)
        return self._soil(moment) + noise

    def water(self, moment: int, millilitres: float) -> None:
        """Water the soil: 1 l on 1 m² adds 1 percent, up to 60 percent."""
        gain = millilitres / 1000 / self.plan.area
        self._soil_from = min(60.0, self._soil(moment) + gain)
        self._soil_since = moment

    def _soil(self, moment: int) -> float:
        part = exp(-(moment - self._soil_since) / _SOIL_DRYING)
        return 12 + (self._soil_from - 12) * part

    def _pace(self) -> float:
        return _WARMING if self.heating else _COOLING

    def _target(self, moment: int) -> float:
        if self.heating:
            return self.setpoint
        # Sun and people keep an unheated room slightly above the mean of the last days.
        return (
            3
            + sum(
                self._weather.temperature(moment - back * 6 * HOUR) for back in range(4)
            )
            / 4
        )

    def _settling(self, moment: int) -> float:
        target = self._target(moment)
        return target + (self._from - target) * exp(
            -(moment - self._since) / self._pace()
        )
