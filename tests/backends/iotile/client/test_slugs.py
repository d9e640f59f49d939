"""Names of things, against 126 vectors of the vendor's own client library."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.junction.backends.iotile.client import slugs
from custom_components.junction.backends.iotile.client.errors import BadSlugError

VECTORS = json.loads(
    (Path(__file__).parents[3] / "fixtures" / "iotile" / "gid_vectors.json").read_text()
)
MAKE: dict[str, Any] = {
    "project": slugs.project_slug,
    "device": slugs.device_slug,
    "block": slugs.block_slug,
    "variable": slugs.variable_slug,
    "stream": slugs.stream_slug,
    "stream.from_parts": slugs.stream_from,
    "streamer": slugs.streamer_slug,
    "fleet": slugs.fleet_slug,
}
# Where the library does not pad, keeps capitals, loses bits or takes any letter, and the
# server then answers with an error or nothing: what ours makes of it.
BETTER: dict[tuple[str, str], str | None] = {
    ("project", "P--0000-0001"): "p--0000-0001",
    ("device", "281474976710656"): None,
    ("device", "18446744073709551615"): None,
    ("device", "d--97"): "d--0000-0000-0000-0097",
    ("device", "97"): "d--0000-0000-0000-0097",
    ("device", "D--0000-0000-0000-0001"): "d--0000-0000-0000-0001",
    ("device", "d--0000-0000-0000-00A0"): "d--0000-0000-0000-00a0",
    ("device", "d--1-2-3-4-5"): None,
    ("block", "d--0000-0000-0000-1234"): "b--0003-0000-0000-1234",
    ("variable", "5"): "v--0000-0000--0005",
    ("variable", "v--0123"): "v--0000-0000--0123",
    ("variable", "x--0000-1234--0005"): None,
    ("variable", "v--1234--0005"): "v--0000-1234--0005",
    ("variable", "500F"): "v--0000-0000--500f",
    ("stream", "s--0000-0001----5001"): "s--0000-0001--0000-0000-0000-0000--5001",
    ("stream", "s--1--2--5001"): "s--0000-0001--0000-0000-0000-0002--5001",
    ("stream", "S--0000-0001--0000-0000-0000-0002--5001"): (
        "s--0000-0001--0000-0000-0000-0002--5001"
    ),
    ("stream", "x--a--b--c"): None,
}


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == 126


@pytest.mark.parametrize(
    "vector", VECTORS, ids=lambda v: f"{v['type']}-{v['args']}-{v.get('kwargs')}"
)
def test_vector(vector: dict[str, Any]) -> None:
    kind, args = vector["type"], vector["args"]
    more = dict(vector.get("kwargs") or {})
    expected = vector.get("slug")
    key = (kind, str(args[0]))
    if more.pop("allow_64bits", None) is False and expected is None:
        # Ours has no such switch: a block in front of a device is allowed.
        if isinstance(args[0], str):
            assert slugs.device_slug(args[0]).startswith("d--")
            return
    elif key in BETTER and not (kind == "variable" and len(args) > 1):
        expected = BETTER[key]
    try:
        found = MAKE[kind](*args, **more)
    except BadSlugError:
        found = None
    assert found == expected
    if found is not None and kind != "stream.from_parts":
        # The canonical form is unchanged.
        assert slugs.any_slug(found) == found


@pytest.mark.parametrize(
    "given",
    [
        "",
        "foo",
        "q--1",
        "s--1",
        "97",
        "s--1--2--0",
        "s--zz--97--5001",
        "s--1--2--15001",
        "t--97",
        "t--97--10000",
        "v--1--2--3",
        "v--1--0",
        "p--100000000",
        "d--1-2",
    ],
)
def test_nothing_at_all(given: str) -> None:
    with pytest.raises(BadSlugError):
        slugs.any_slug(given)


@pytest.mark.parametrize("given", ["d--97", "97", "0x97", "D--0000-0000-0000-0097"])
def test_one_device_in_many_forms(given: str) -> None:
    assert slugs.device_slug(given) == "d--0000-0000-0000-0097"
    assert slugs.device_slug(f" {given} ") == "d--0000-0000-0000-0097"


def test_numbers_out_of_range() -> None:
    assert slugs.streamer_slug(0x97, "3") == "t--0000-0000-0000-0097--0003"
    for index in ("x", -1, 1 << 16):
        with pytest.raises(BadSlugError):
            slugs.streamer_slug(0x97, index)
    for block in (-1, 1 << 16):
        with pytest.raises(BadSlugError):
            slugs.block_slug("97", block=block)
    for nothing in (None, 1.5, True):
        with pytest.raises(BadSlugError):
            slugs.device_slug(nothing)  # type: ignore[arg-type]


def test_parts() -> None:
    parts = slugs.stream_parts("s--5--97--5001")
    assert parts == slugs.StreamParts("p--0000-0005", "d--0000-0000-0000-0097", 0x5001)
    assert slugs.stream_parts("s--5--0--6001").device is None
    archived = slugs.stream_parts("s--0000-0000--0001-0000-0000-0097--5001")
    assert archived.device == "b--0001-0000-0000-0097"
