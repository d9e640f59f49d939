"""Sun, clouds, and outdoor air, as functions of seed and moment only."""

from dataclasses import dataclass
from math import cos, pi, sin

from .clock import DAY, HOUR
from .noise import smooth, unit

_CLOUD_DAY, _CLOUD, _AIR_DAY, _AIR, _HUMID = range(100, 105)
_YEAR = 365.2425 * DAY
_SUNRISE, _SUNSET = 7 * HOUR, 19 * HOUR
_MIDSUMMER = 171 * DAY


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather at the house. ``standard_hours`` places noon: the sun shines from 07 to 19 h."""

    seed: int
    standard_hours: int = 1

    def sun(self, moment: int) -> float:
        """Return the height of the sun: a half sine from 07 to 19 h standard time, 0 to 1."""
        second = (moment + self.standard_hours * HOUR) % DAY
        if not _SUNRISE < second < _SUNSET:
            return 0.0
        return sin(pi * (second - _SUNRISE) / (_SUNSET - _SUNRISE))

    def season(self, moment: int) -> float:
        """Return the season, from -1 at midwinter to +1 at midsummer."""
        return cos(2 * pi * ((moment - _MIDSUMMER) % _YEAR) / _YEAR)

    def clear(self, moment: int) -> float:
        """Return the share of light that passes the clouds, 0.15 to 1."""
        day = (moment + self.standard_hours * HOUR) // DAY
        overcast = unit(self.seed, _CLOUD_DAY, day)
        return 1 - 0.85 * overcast * smooth(self.seed, _CLOUD, moment / 1200)

    def light(self, moment: int) -> float:
        """Return the light outside relative to a clear noon at midsummer, 0 to 1."""
        height = self.sun(moment)
        return (
            height * (0.6 + 0.4 * self.season(moment)) * self.clear(moment)
            if height
            else 0.0
        )

    def lux(self, moment: int) -> float:
        """Return the brightness outside in lx: 0.1 at night, about 80 000 at a clear noon."""
        return 0.1 + 80_000 * self.light(moment)

    def temperature(self, moment: int) -> float:
        """Return the outdoor air temperature in °C."""
        day_part = ((moment + self.standard_hours * HOUR) % DAY) / DAY
        swing = -cos(2 * pi * (day_part - 3 / 24))
        drift = 8 * smooth(self.seed, _AIR_DAY, moment / (3 * DAY)) - 4
        gust = 1.2 * smooth(self.seed, _AIR, moment / (2 * HOUR)) - 0.6
        return 10.5 + 8 * self.season(moment) + 3.5 * swing + drift + gust

    def humidity(self, moment: int) -> float:
        """Return the relative humidity outside in percent."""
        return (
            62
            + 30 * smooth(self.seed, _HUMID, moment / (4 * HOUR))
            - 8 * self.sun(moment)
        )
