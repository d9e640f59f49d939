"""Distribution of faults over telegrams; their fates are those in careful clients."""

from itertools import pairwise

import pytest

from simulators.p1.damage import CONNECTION_FAULTS
from simulators.p1.dialects import DIALECTS
from simulators.p1_meter import Fate

from .p1_damaged import hit, make, meant, received
from .p1_reference import clean_lines, frame_receiver

# Choosing


def test_one_shots_come_in_order_and_once() -> None:
    meter = make()
    meter.faults.once("duplicate")
    meter.faults.once("wrong_crc", times=2)
    assert meter.faults.waiting == 3
    assert [r.fault for r in meter.telegrams(5)] == [
        "duplicate",
        "wrong_crc",
        "wrong_crc",
        None,
        None,
    ]


def test_a_rate_is_met_and_can_be_ended() -> None:
    meter = make()
    meter.faults.rate("wrong_crc", 0.25)
    hits = sum(r.fault == "wrong_crc" for r in meter.telegrams(2000))
    assert 400 < hits < 600
    meter.faults.rate("wrong_crc", 0)
    assert not any(r.fault for r in meter.telegrams(200))


def test_a_mix_has_everything_that_leaves_the_connection_alone() -> None:
    meter = make()
    meter.faults.mix(0.5)
    seen = {(r.fault or "").removeprefix("after ") for r in meter.telegrams(2000)}
    assert seen - {""} == meter.faults.possible - set(CONNECTION_FAULTS)
    meter.faults.clear()
    list(meter.telegrams(20))
    assert not any(r.fault for r in meter.telegrams(100))


def test_every_dialect_says_which_faults_it_can_have() -> None:
    for name in DIALECTS:
        possible = make(name).faults.possible
        assert ("wrong_crc" in possible) == (name not in ("2.2", "3", "Q3D"))
        assert ("wrong_tag" in possible) == name.endswith("-enc")
        assert ("seven_e1" in possible) == (not name.endswith("-enc"))
        for fault in possible:
            hit(fault, make(name))


def test_what_makes_no_sense_is_refused() -> None:
    faults = make().faults
    with pytest.raises(
        ValueError, match="no fault named 'flood'; there are banner, bit_flip"
    ):
        faults.once("flood")
    with pytest.raises(ValueError, match="cannot have the fault 'wrong_tag'"):
        faults.once("wrong_tag")
    with pytest.raises(ValueError, match="'truncate' has no parameter 'count'"):
        faults.once("truncate", count=3)
    with pytest.raises(
        ValueError, match="fill of 'insert_before' is one of ff, 00, random, not '77'"
    ):
        faults.once("insert_before", fill="77")
    with pytest.raises(ValueError, match="seconds of 'pause' is a number, not 'long'"):
        faults.rate("pause", 0.1, seconds="long")
    with pytest.raises(ValueError, match="probability of 2"):
        faults.mix(2)
    assert faults.waiting == 0


def test_without_a_checksum_damage_may_pass_unseen() -> None:
    for name in ("2.2", "3", "Q3D"):
        assert hit("bit_flip", make(name)).fate is Fate.UNKNOWN
        assert hit("truncate", make(name)).fate is Fate.UNKNOWN
        assert hit("lf_only", make(name), which="all").fate is Fate.MUST


# All at once


@pytest.mark.parametrize(
    "dialect", ["5", "4", "5B", "5B-2.1", "5L", "5S", "5EONHU", "AT", "LT", "heat"]
)
def test_a_careful_client_meets_the_fates_in_clear_text(dialect: str) -> None:
    """Valid telegrams arrive, invalid ones do not, and nothing else is ever read."""
    meter = make(dialect, seed=11)
    meter.faults.mix(0.3)
    records = list(meter.telegrams(600))
    got = received(*records)
    true = {tuple(meant(r)) for r in records if r.fate in (Fate.MUST, Fate.MAY)}
    foreign = {tuple(clean_lines(r.foreign.data)) for r in records if r.foreign}
    assert {tuple(lines) for lines in got} <= true | foreign
    for record in records:
        if record.fate is Fate.MUST:
            assert meant(record) in got, record.fault
    assert sum(r.fate is Fate.MUST_NOT for r in records) > 30


@pytest.mark.parametrize("dialect", ["5L-enc", "AT-enc"])
def test_a_careful_client_meets_the_fates_behind_encryption(dialect: str) -> None:
    meter = make(dialect, seed=12)
    meter.faults.mix(0.3)
    records = list(meter.telegrams(600))
    assert meter.frames is not None
    stream = b"".join(record.data for record in records)
    got = list(
        frame_receiver(stream, meter.frames.key, meter.frames.authentication_key)
    )
    true = {tuple(meant(r)) for r in records if r.fate in (Fate.MUST, Fate.MAY)}
    foreign = {tuple(clean_lines(r.foreign.data)) for r in records if r.foreign}
    assert {tuple(lines) for lines in got} <= true | foreign
    for record in records:
        if record.fate is Fate.MUST:
            assert meant(record) in got, record.fault


# In packets


def test_rfxtrx_packets_hold_the_telegram_among_others() -> None:
    meter = make(rfxtrx=True)
    records = list(meter.telegrams(30))
    stream = b"".join(r.data for r in records)
    inner = bytearray()
    others = 0
    sequence = []
    while stream:
        packet, stream = stream[: stream[0] + 1], stream[stream[0] + 1 :]
        assert len(packet) == packet[0] + 1
        if packet[1:3] == b"\x62\x01":
            sequence.append(packet[3])
            inner += packet[4:]
        else:
            others += 1
    assert inner == b"".join(r.telegram.data for r in records)
    assert others > 5
    assert all((b - a) % 256 == 1 for a, b in pairwise(sequence))
