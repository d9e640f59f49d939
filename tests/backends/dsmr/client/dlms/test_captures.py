"""Every capture gives its expected result, to the last value."""

from typing import Any

import pytest

from .captures import NAMES, decode, expected, keys_of, told_time, wire


@pytest.mark.parametrize("size", [0, 1, 7, 64])
@pytest.mark.parametrize("name", NAMES)
def test_capture(name: str, size: int) -> None:
    pushes = decode(wire(name), keys_of(name), size)
    answers = expected(name)["pushes"]
    assert len(pushes) == len(answers)
    for push, answer in zip(pushes, answers, strict=True):
        found = [
            {"obis": one.obis, "value": one.value, "unit": one.unit}
            for one in push.list.readings
        ]
        assert found == [
            {"obis": one["obis"], "value": _value(one), "unit": one["unit"]}
            for one in answer["readings"]
        ]
        assert push.frames == (answer["frames"] or 0)
        assert push.root == answer["root"]
        assert push.elements == answer["elements"]
        assert push.list.number == answer["meter_id"]
        for time, key in ((push.time, "header_time"), (push.list.time, "list_time")):
            told = answer[key]
            assert told_time(time, told and told["utc"]) == told
        _encryption(push.encryption, answer["encryption"])


def _value(reading: dict[str, Any]) -> Any:
    return reading["value"]


def _encryption(found: Any, answer: dict[str, Any] | None) -> None:
    if answer is None:
        assert found is None
        return
    assert found.title.hex() == answer["system_title"]
    assert f"{found.security:02x}" == answer["security_byte"]
    assert found.counter == answer["frame_counter"]
    assert found.has_tag == answer["tag"]
    assert found.authentic == answer["tag"]
