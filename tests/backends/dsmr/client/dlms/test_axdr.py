"""Junction's A-XDR decoder against dlms-cosem's, and inputs that only Junction refuses."""

from typing import Any

from dlms_cosem.dlms_data import DlmsDataParser
import pytest

from custom_components.junction.backends.dsmr.client.dlms import axdr
from custom_components.junction.backends.dsmr.client.dlms.assembly import Assembler
from custom_components.junction.backends.dsmr.client.dlms.axdr import (
    AxdrError,
    AxdrShortError,
    Node,
)
from custom_components.junction.backends.dsmr.client.dlms.frames import FrameFinder
from custom_components.junction.backends.dsmr.client.dlms.notification import read_all

from .captures import NAMES, wire

KNOWN_ERRORS = {
    "dk_kamstrup_ct_65",
    "no_aidon_list3",
    "no_kamstrup_list2_list1",
    "se_kamstrup_hourly",
}
"""Lists with visible strings, which dlms-cosem does not read."""

CLEAR = [name for name in NAMES if "encrypted" not in name]


def bodies(name: str) -> list[tuple[Node, bytes]]:
    """Return the lists of a capture, each with its bytes."""
    assembler, found = Assembler(), []
    for part in FrameFinder().feed(wire(name), 0.0):
        if (whole := assembler.add(part)) is None:
            continue
        for _, body in read_all(whole.data):
            at = next(
                at
                for at in range(len(whole.data))
                if whole.data[at] == body.tag and _is_all(whole.data, at)
            )
            found.append((body, whole.data[at:]))
    return found


def _is_all(data: bytes, at: int) -> bool:
    try:
        return axdr.read(data, at)[1] == len(data)
    except AxdrError:
        return False


def theirs(value: Any) -> Any:
    """Return a value of dlms-cosem in Junction's types: tuples, bytes, and numbers."""
    if isinstance(value, list):
        return tuple(map(theirs, value))
    inner = getattr(value, "value", value)
    return theirs(inner) if isinstance(inner, list) else inner


def ours(node: Node) -> Any:
    """Return a value without its types."""
    return tuple(map(ours, node.items)) if node.items else node.value


def _same(mine: Any, other: Any) -> None:
    if isinstance(mine, tuple):
        assert len(mine) == len(other)
        for one, two in zip(mine, other, strict=True):
            _same(one, two)
    elif isinstance(mine, bytes):
        assert bytes(other) == mine
    else:
        assert other == mine


@pytest.mark.parametrize("name", CLEAR)
def test_values_are_those_of_dlms_cosem(name: str) -> None:
    found = bodies(name)
    assert found
    for body, data in found:
        if name in KNOWN_ERRORS:
            with pytest.raises(NotImplementedError, match="VisibleString"):
                DlmsDataParser().parse(data)
            continue
        (parsed,) = DlmsDataParser().parse(data)
        _same(ours(body), theirs(parsed))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("", AxdrShortError),
        ("0600", AxdrShortError),
        ("0905616263", AxdrShortError),
        ("0984", AxdrError),
        ("09", AxdrShortError),
        ("0981", AxdrShortError),
        ("0201", AxdrShortError),
        ("FF", AxdrError),
        ("0201" * 10 + "00", AxdrError),
        ("02820300" + "00" * 768, AxdrError),
    ],
)
def test_what_is_no_value(data: str, error: type[AxdrError]) -> None:
    with pytest.raises(error):
        axdr.read(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", None),
        ("0301", True),
        ("040AFFC0", b"\xff\xc0"),
        ("0FFF", -1),
        ("14FFFFFFFFFFFFFFFE", -2),
        ("1742280000", 42.0),
        ("184045000000000000", 42.0),
        ("1B10203040", b"\x10\x20\x30\x40"),
        ("0981026162", b"ab"),
        ("098200026162", b"ab"),
    ],
)
def test_types(data: str, value: object) -> None:
    node, end = axdr.read(bytes.fromhex(data))
    assert node.value == value
    assert end == len(bytes.fromhex(data))
