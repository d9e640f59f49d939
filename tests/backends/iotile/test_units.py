"""Units and meanings of every type of variable of the real server."""

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from custom_components.junction.backends.iotile.client import parse
from custom_components.junction.backends.iotile.entities.readings import (
    Reading,
    reading,
)
from custom_components.junction.backends.iotile.entities.units import meaning

from .conftest import METER

FIXTURES = Path(__file__).parents[2] / "fixtures" / "iotile"


def read(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


STREAMS_ROWS = read("stream_list_all_full")["body"]["results"]
STREAMS = [stream for row in STREAMS_ROWS if (stream := parse.read_stream(row))]


def test_units_of_every_type_of_variable() -> None:
    """No unit of the real server is unknown, and none is taken for another."""
    seen = 0
    for kind in read("vartype_list")["body"]["results"]:
        for row in kind["available_output_units"]:
            stream = parse.read_stream(
                {
                    "slug": METER,
                    "data_type": "D0",
                    "var_type": kind["slug"],
                    "output_unit": row,
                }
            )
            assert stream is not None
            found = meaning(stream)
            seen += 1
            if row["unit_short"] == "C":
                assert found.unit == "°C"
            if kind["slug"] not in (
                *("count", "none", "default", "acceleration"),
                *("pulse-rate", "dust-density"),
            ):
                assert found.device_class is not None, row["slug"]
    assert seen > 25


def test_every_unit_has_digits() -> None:
    """None is left to what Home Assistant would make of a float."""
    seen = 0
    for kind in read("vartype_list")["body"]["results"]:
        for row in kind["available_output_units"]:
            own: int = row["decimal_places"]
            for told in (own, None, -1, 99):
                stream = parse.read_stream(
                    {
                        "slug": METER,
                        "data_type": "D0",
                        "var_type": kind["slug"],
                        "output_unit": {**row, "decimal_places": told},
                    }
                )
                assert stream is not None
                digits = meaning(stream).decimals
                assert digits is not None
                assert 0 <= digits <= 6, row["slug"]
                # As the server has it, of the unit that the server has it for.
                if (
                    told is not None
                    and told in range(7)
                    and not meaning(stream).stored
                    and (meaning(stream).unit != "m³")
                ):
                    least = 1 if kind["slug"] == "temp" else 0
                    assert digits == max(told, least), row["slug"]
                seen += 1
    assert seen > 100
    # Nor without a unit: counters and plain numbers.
    plain = parse.read_stream({"slug": METER, "data_type": "D0"})
    assert plain is not None
    for digits, expected in ((None, 2), (0, 0), (3, 3), (-2, 0)):
        assert meaning(replace(plain, decimals=digits)).decimals == expected


def test_unknown_units_are_shown_as_they_are() -> None:
    row = {"slug": METER, "var_type": "mine", "data_type": "D0"}
    for unit, expected in (
        ({"unit_short": "foo", "m": 1, "d": 1}, "foo"),
        ({"unit_short": "deg", "unit_full": "Celsius", "m": 1, "d": 1}, "°C"),
        ({"unit_short": "C", "m": 1, "d": 1}, "C"),
        ({"unit_short": "C", "m": 1, "d": 0}, None),
    ):
        stream = parse.read_stream({**row, "output_unit": unit})
        assert stream is not None
        assert meaning(stream).unit == expected


def test_what_volumes_mean() -> None:
    by_variable = {stream.slug[-4:]: stream for stream in STREAMS}
    assert reading(by_variable["5001"]) is Reading.INTERVAL
    assert reading(by_variable["100d"]) is Reading.METER
    virtual = by_variable["6001"]
    assert reading(virtual) is Reading.OPEN
    assert reading(virtual, intervals=[virtual.slug]) is Reading.INTERVAL
    assert reading(virtual, meters=[virtual.slug]) is Reading.METER
    assert reading(by_variable["500f"]) is Reading.MEASURED
