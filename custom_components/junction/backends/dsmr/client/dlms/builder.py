"""Collect the values of a list, and determine its meter, manufacturer, and time."""

from collections.abc import Callable
import re
from typing import Final

from . import axdr
from .axdr import Node
from .clock import read_clock
from .models import ClockTime, ListKind, MeterList, PushReading
from .units import scaled

STRINGS: Final = frozenset({axdr.OCTETS, axdr.TEXT, axdr.UTF8})
CLOCK_OBIS: Final = "0-0:1.0.0"
LIST_NAME: Final = re.compile(r"\d+-\d+:0\.2\.129")
_CLOCK_ID: Final = re.compile(r"\d+-\d+:1\.0\.0")
_PUSH_ID: Final = re.compile(r"\d+-\d+:25\.9\.0")
# Ids of a meter's number, best first; 96.1.0 is printed on Kaifa's meters.
_NUMBERS: Final = ("42.0.0", "96.1.0", "0.0.5", "0.0.1")
_KAIFA_NUMBERS: Final = ("96.1.0", "42.0.0")
_MODELS: Final = ("96.1.7", "96.1.1")
_MAKERS: Final = (
    ("AIDON", "ADN"),
    ("KAMSTRUP", "KAM"),
    ("KFM", "KFM"),
    ("1KFM", "KFM"),
    ("ISK", "ISK"),
    ("LGZ", "LGZ"),
    ("SAG", "SAG"),
)


class ListBuilder:
    """Collect the values of a list."""

    def __init__(
        self,
        kind: ListKind,
        manufacturer: str | None,
        fixed: Callable[[str, Node], PushReading | None],
    ) -> None:
        """Initialize; ``fixed`` converts values that come without a scale."""
        self._kind = kind
        self._manufacturer = manufacturer
        self._fixed = fixed
        self._readings: list[PushReading] = []
        self._time: ClockTime | None = None

    def add(self, obis: str | None, node: Node, scale: tuple[int, str] | None) -> None:
        """Add one value. Raises ValueError if its type does not match its id."""
        if obis is not None and _CLOCK_ID.fullmatch(obis):
            if not node.octets:
                raise ValueError("no time")
            self._time = read_clock(node.octets)
            return
        if obis is not None and _PUSH_ID.fullmatch(obis):
            return
        if node.tag in STRINGS:
            if node.text is not None:
                self._readings.append(PushReading(obis, node.text, ""))
            return
        if (number := node.number) is None or obis is None:
            return
        if scale is not None:
            exponent, unit = scale
            self._readings.append(PushReading(obis, scaled(number, exponent), unit))
        elif (reading := self._fixed(obis, node)) is not None:
            self._readings.append(reading)

    def build(self, *, unlabelled: bool = True) -> MeterList | None:
        """Return the list, None if it is empty."""
        if not self._readings:
            return None
        texts = {
            reading.obis: str(reading.value)
            for reading in self._readings
            if reading.obis is not None and not reading.obis.startswith("1-0:1.")
        }
        by_id = {obis.partition(":")[2]: text for obis, text in texts.items()}
        name = next((t for o, t in texts.items() if LIST_NAME.fullmatch(o)), None)
        last = self._readings[-1]
        manufacturer = (
            manufacturer_of(name, by_id.get("42.0.0"), by_id.get("96.1.0"))
            or self._manufacturer
        )
        order = _KAIFA_NUMBERS if manufacturer == "KFM" else _NUMBERS
        number = next((by_id[key] for key in order if key in by_id), None)
        if number is None and unlabelled and last.obis is None:
            number = str(last.value)
        return MeterList(
            self._kind,
            tuple(self._readings),
            time=self._time,
            number=number,
            name=name,
            manufacturer=manufacturer,
            model=next((by_id[key] for key in _MODELS if key in by_id), None),
        )


def manufacturer_of(*texts: str | None) -> str | None:
    """Return the FLAG letters of the manufacturer in the texts, or None."""
    for text in texts:
        for start, manufacturer in _MAKERS:
            if text is not None and text.upper().startswith(start):
                return manufacturer
    return None
