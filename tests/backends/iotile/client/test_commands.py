"""Written values are those that the server stores, for all its conversions."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from custom_components.junction.backends.iotile.client.api import IOTileClient
from custom_components.junction.backends.iotile.client.commands import (
    find_stream,
    post_point,
    raw_of,
)
from custom_components.junction.backends.iotile.client.errors import (
    StoredOtherwiseError,
    UnknownStreamError,
)
from simulators.iotile.server import IOTileServer

from ..conftest import METER, NOW

WHEN = datetime.fromtimestamp(NOW, UTC)
INPUT: dict[str, Any] = {
    "slug": "in--a",
    "unit_full": "A",
    "unit_short": "A",
    "m": 7,
    "d": 3,
    "o": 1.5,
}
OTHER: dict[str, Any] = {
    "slug": "in--b",
    "unit_full": "B",
    "unit_short": "B",
    "m": 9,
    "d": 4,
    "o": 0.0,
}
OUTPUT: dict[str, Any] = {
    "slug": "out--c",
    "unit_full": "C",
    "unit_short": "C",
    "m": 2,
    "d": 5,
    "o": -3.0,
    "decimal_places": 2,
    "derived_units": {},
}
FACTORS = ("multiplication_factor", "division_factor", "offset")
CASES = [
    *product(("own", "none", "variable"), (INPUT, None, "variable"), (OUTPUT, None))
]


def servers_own(case: Any, raw: int) -> tuple[float, float]:
    """Compute the value that the server stores, from the server's source instead of Junction's."""
    factors, unit, output = case
    m, d, o = {"own": (3, 2, 0.5), "none": (1, 1, 0.0), "variable": (5, 2, 0.25)}[
        factors
    ]
    value = o + raw * m / d
    into = OTHER if unit == "variable" else unit
    if into is not None:
        value = into["o"] + value * into["m"] / into["d"]
    return value, value if output is None else output["o"] + value * output[
        "m"
    ] / output["d"]


@pytest.mark.parametrize("case", CASES)
async def test_every_way_to_compute(
    server: IOTileServer, client: IOTileClient, case: Any
) -> None:
    factors, unit, output = case
    world = server.world
    stream, variable = world.stream(METER), world.variable("v--0000-0005--5001")
    assert stream is not None
    assert variable is not None
    own = {"own": (3, 2, 0.5), "none": (None, None, None), "variable": (11, 13, 17.0)}
    stream |= dict(zip(FACTORS, own[factors], strict=True))
    stream |= {
        "mdo_type": "V" if factors == "variable" else "S",
        "input_unit": None if unit == "variable" else unit,
        "output_unit": output,
        "raw_value_format": "auto",
    }
    variable |= dict(zip(FACTORS, (5, 2, 0.25), strict=True))
    variable["input_unit"] = OTHER if unit == "variable" else None
    known = await find_stream(client, METER, None)
    for asked in (10.0, 123.4, -7.25):
        raw = raw_of(known, asked)
        posted = await post_point(client, known, WHEN, raw)
        row = world.points[METER][-1]
        stored, shown = servers_own(case, raw)
        assert row.value == pytest.approx(stored)
        assert posted.stored == pytest.approx(stored)
        assert posted.shown == pytest.approx(shown)
        # As near as whole raw numbers can come.
        step = abs(servers_own(case, raw + 1)[1] - shown)
        assert abs(posted.shown - asked) <= step / 2 + 1e-9


async def test_the_server_is_not_believed(
    server: IOTileServer, client: IOTileClient
) -> None:
    """Somebody changes the stream between our look and our writing."""
    known = await find_stream(client, METER, None)
    stream = server.world.stream(METER)
    assert stream is not None
    stream["multiplication_factor"] = 3
    with pytest.raises(StoredOtherwiseError) as caught:
        await post_point(client, known, WHEN, 10)
    told = caught.value.placeholders
    assert (told["stream"], told["asked"], told["stored"]) == ("IO 1", "10 G", "30 G")


async def test_an_unknown_stream_is_refused_before_it_is_lost(
    server: IOTileServer, client: IOTileClient
) -> None:
    with pytest.raises(UnknownStreamError):
        await find_stream(client, "s--0000-0005--0000-0000-0000-0097--5fff", None)
    assert server.log.count("POST") == 0


async def test_any_request(server: IOTileServer, client: IOTileClient) -> None:
    """The account's token, and the slash that the server needs, are added."""
    found = (await client.request("GET", "/project")).object()
    assert found["count"] == 2
    label = {"label": "Renamed"}
    slug = "d--0000-0000-0000-0097"
    answer = await client.request("PATCH", f"device/{slug}/", body=label)
    assert answer.object()["label"] == "Renamed"
    found = (
        await client.request("GET", "device/", {"project": "p--0000-0006"})
    ).object()
    assert found["count"] == 2
