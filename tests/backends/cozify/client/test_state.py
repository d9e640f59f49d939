"""Deltas of a hub, and the resulting state."""

from datetime import UTC, datetime
from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from custom_components.junction.backends.cozify.client.models import Device, Kind, Rule
from custom_components.junction.backends.cozify.client.parse import parse_poll
from custom_components.junction.backends.cozify.client.state import CozifyState
from custom_components.junction.backends.http import Answer
from custom_components.junction.cleaning import MAX_NAME
from custom_components.junction.errors import ProtocolError

FIXTURES = Path(__file__).parents[3] / "fixtures" / "cozify"


def answer(body: object = b"", status: int = 200) -> Answer:
    """Return an answer with a body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(
        status=status,
        headers={},
        body=data,
        url=URL("http://hub"),
        received=datetime.now(UTC),
    )


# Deltas.


def delta(ts: int, *, full: bool = False, **kinds: Any) -> dict[str, Any]:
    """Return a delta of the hub."""
    names = {"devices": "DEVICE_DELTA", "rooms": "ROOM_DELTA", "rules": "RULE_DELTA"}
    return {
        "type": "POLL_DELTA",
        "full": full,
        "timestamp": ts,
        "polls": [
            {"type": names.get(kind, kind), kind: items}
            for kind, items in kinds.items()
        ],
    }


def lamp(ts: int, **state: Any) -> dict[str, Any]:
    return {"type": "LIGHT", "name": "L", "timestamp": ts, "state": state}


def test_shapes_of_an_answer() -> None:
    one = delta(1)
    assert parse_poll(answer(one)) == [one]
    assert parse_poll(answer([one, one])) == [one, one]
    for nothing in (b"", b" \n", b"null", b"[]"):
        assert parse_poll(answer(nothing)) == []
    for status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        assert parse_poll(answer(b"whatever", status)) == []
    for wrong in (b"1", b'{"a":1}', b'["x"]', b"<html>", b'{"type":'):
        with pytest.raises(ProtocolError):
            parse_poll(answer(wrong))


def test_vendors_example_of_timestamps() -> None:
    example = json.loads((FIXTURES / "vendor_doc_examples.json").read_text())
    store = CozifyState()
    for poll in example["poll_timestamps"]:
        assert store.ts == poll["request_ts"]
        store.apply([delta(poll["response_timestamp"])])


def test_real_devices() -> None:
    store = CozifyState()
    devices = json.loads((FIXTURES / "devices.json").read_text())
    changes = store.apply([delta(5, full=True, devices=devices)])
    assert len(changes.all) == len(store.devices) == 5
    lamp = store.devices["a371469c-ae3e-11e5-ab7a-68c90bba878f"]
    assert (lamp.name, lamp.manufacturer, lamp.reachable) == (
        "Dining Täble",
        "OSRAM",
        False,
    )
    assert lamp.can("COLOR_HS", "nothing")


def test_deltas() -> None:
    store = CozifyState()
    store.apply([delta(10, full=True, devices={"a": lamp(9), "b": lamp(9)})])
    changes = store.apply([delta(12, devices={"a": lamp(11, isOn=True), "b": None})])
    assert {(c.id, c.new is None) for c in changes.all} == {("a", False), ("b", True)}
    assert not changes.full
    assert store.ts == 12
    # The same once more, and an older one, change nothing.
    assert store.apply([delta(12, devices={"a": lamp(11, isOn=True)})]).all == []
    assert store.apply([delta(13, devices={"a": lamp(8)})]).all == []
    # Deleting an unknown object has no effect either.
    assert store.apply([delta(14, devices={"b": None, "zz": None})]).all == []
    # Objects missing from another full list are removed.
    changes = store.apply([delta(15, full=True, devices={"c": lamp(3)})])
    assert set(store.devices) == {"c"}
    assert changes.full


def test_full_without_a_kind() -> None:
    store = CozifyState()
    store.apply(
        [delta(1, full=True, devices={"a": lamp(1)}, rooms={"r": {"name": "R"}})]
    )
    store.apply([delta(2, full=True)])
    # There are always devices; rooms there may be none.
    assert set(store.devices) == {"a"}
    assert store.rooms == {}


def test_time_that_runs_backwards() -> None:
    store = CozifyState()
    store.apply([delta(100, full=True, devices={"a": lamp(1)})])
    changes = store.apply([delta(50, devices={"a": lamp(2)})])
    assert changes.stale
    assert changes.all == []
    assert store.ts == 100


def test_what_nobody_knows_is_left_out() -> None:
    store = CozifyState()
    told = delta(1, full=True, devices={"a": lamp(1), "b": 7, "c": []}, ZONE_DELTA={})
    told["polls"] += ["x", {"type": "DEVICE_DELTA"}, {}]
    store.apply([told])
    assert set(store.devices) == {"a"}
    assert store.strange == {
        "devices: int": 1,
        "devices: list": 1,
        "ZONE_DELTA": 1,
        "?": 1,
    }


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"state": None, "capabilities": None, "room": 5, "buttons": "x"},
        {
            "state": [],
            "capabilities": {"values": [1, None]},
            "name": 3,
            "timestamp": "x",
        },
    ],
)
def test_devices_of_wrong_shapes(said: dict[str, Any]) -> None:
    device = Device.parse("abcdefghij", said)
    assert device.name == "abcdefgh"
    assert device.capabilities == frozenset()
    assert device.room is None
    assert device.reachable


def test_rules_have_their_own_spelling() -> None:
    rule = Rule.parse("1", {"is_on": True, "config": {"name": "Yö"}})
    assert (rule.on, rule.name) == (True, "Yö")
    assert Rule.parse("1", {"isOn": False}).on is False


def test_answer_to_a_command() -> None:
    store = CozifyState()
    changes = store.take(Kind.SCENE, [{"id": "1", "isOn": True}, {"isOn": True}])
    assert [change.id for change in changes.all] == ["1"]


@pytest.mark.parametrize("said", [["ON_OFF"], {"type": "SET", "values": ["ON_OFF"]}])
def test_capabilities_come_as_an_object_or_a_bare_list(said: object) -> None:
    device = Device.parse("1", {"capabilities": said})
    assert device.capabilities == {"ON_OFF"}


def test_what_nobody_knows_is_counted_within_bounds() -> None:
    store = CozifyState()
    count = 500
    for number in range(1, count + 1):
        kinds: dict[str, Any] = {f"KIND_{number}" * 100: {}}
        store.apply([delta(number, full=False, **kinds)])
    assert sum(store.strange.values()) == count
    assert len(store.strange) <= 21
    assert max(map(len, store.strange)) <= MAX_NAME
