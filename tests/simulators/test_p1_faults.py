"""Effect of each fault on the bytes of a telegram."""

import pytest

from simulators.p1.damage import CONNECTION_FAULTS
from simulators.p1_meter import Action, Break, CrcMode, Fate, Pause

from .p1_damaged import hit, make, meant, received
from .p1_reference import clean_lines, reference_crc


def test_without_faults_every_telegram_goes_out_as_it_is() -> None:
    meter = make()
    records = list(meter.telegrams(20))
    assert all(
        r.data == r.telegram.data and r.fate is Fate.MUST and not r.fault
        for r in records
    )
    assert [r.sequence for r in records] == list(range(1, 21))
    assert [r.time for r in records] == [r.sent for r in records]
    assert received(*records) == [meant(r) for r in records]
    assert list(meter.log) == records


# One by one


@pytest.mark.parametrize("count", [1, 2, 3])
def test_bit_flip(count: int) -> None:
    record = hit("bit_flip", count=count)
    pairs = list(zip(record.data, record.telegram.data, strict=True))
    flipped = [a ^ b for a, b in pairs if a != b]
    assert 1 <= sum(each.bit_count() for each in flipped) <= count
    assert all(each < 0x80 for each in flipped)
    assert record.fate is Fate.MUST_NOT
    assert received(record) == []


def test_drop_bytes() -> None:
    record = hit("drop_bytes", count=7)
    assert len(record.data) == len(record.telegram.data) - 7
    assert received(record) == []
    assert record.fate is Fate.MUST_NOT


@pytest.mark.parametrize(("fill", "byte"), [("ff", 0xFF), ("00", 0x00)])
def test_insert_before(fill: str, byte: int) -> None:
    record = hit("insert_before", count=5, fill=fill)
    assert record.data == bytes([byte]) * 5 + record.telegram.data
    assert record.fate is Fate.MAY


def test_insert_random_bytes() -> None:
    meter = make()
    before = hit("insert_before", meter, count=9, fill="random")
    assert before.data.endswith(before.telegram.data)
    assert len(before.data) == len(before.telegram.data) + 9


def test_insert_inside() -> None:
    record = hit("insert_inside", count=4, fill="random", meter=make(seed=3))
    assert len(record.data) == len(record.telegram.data) + 4
    assert received(record) == []
    padded = hit("insert_inside", count=4, fill="ff")
    assert padded.data.replace(b"\xff", b"") == padded.telegram.data
    # A client that discards non-text bytes may accept it.
    assert padded.fate is Fate.MAY


def test_insert_after_hits_the_next_telegram() -> None:
    meter = make()
    meter.faults.once("insert_after", count=3, fill="ff")
    first, second, third = meter.telegrams(3)
    assert first.data == first.telegram.data + b"\xff\xff\xff"
    assert (first.fate, second.fate, third.fate) == (Fate.MUST, Fate.MAY, Fate.MUST)
    assert second.fault == "after insert_after"
    assert second.data == second.telegram.data
    assert received(first, second, third) == [meant(first), meant(third)]


def test_truncate() -> None:
    meter = make()
    meter.faults.once("truncate", part=0.5)
    first, second, third = meter.telegrams(3)
    assert first.telegram.data.startswith(first.data)
    assert len(first.data) == pytest.approx(len(first.telegram.data) / 2, abs=5)
    assert first.fate is Fate.MUST_NOT
    assert second.fate is (Fate.MUST if first.data.endswith(b"\n") else Fate.MAY)
    assert third.fate is Fate.MUST
    assert meant(third) in received(first, second, third)


def test_splice() -> None:
    """A telegram that begins as one and ends as the next: one header, one end, wrong checksum."""
    meter = make()
    meter.faults.once("splice", part=0.5)
    first, second, third = meter.telegrams(3)
    together = first.data + second.data
    assert together.count(b"/ISK5") == 1
    assert together.count(b"!") == 1
    assert (first.fate, second.fate, third.fate) == (
        Fate.MUST_NOT,
        Fate.MUST_NOT,
        Fate.MUST,
    )
    assert (first.fault, second.fault) == ("splice", "cut_head")
    assert received(first, second, third) == [meant(third)]


@pytest.mark.parametrize(("seconds", "fate"), [(2, Fate.MUST), (20, Fate.MAY)])
def test_stall(seconds: float, fate: Fate) -> None:
    record = hit("stall", seconds=seconds)
    assert [type(step) for step in record.steps] == [bytes, Pause, bytes]
    assert record.steps[1] == Pause(seconds)
    assert record.data == record.telegram.data
    assert record.fate is fate


def test_drip() -> None:
    record = hit("drip", seconds=0.001)
    pieces = [step for step in record.steps if isinstance(step, bytes)]
    assert {len(piece) for piece in pieces} == {1}
    assert record.steps.count(Pause(0.001)) == len(pieces) == len(record.telegram.data)
    assert record.data == record.telegram.data
    assert record.fate is Fate.MUST


def test_duplicate() -> None:
    record = hit("duplicate", count=3)
    assert record.data == record.telegram.data * 3
    assert (record.copies, record.fate) == (3, Fate.MUST)
    assert received(record) == [meant(record)] * 3


def test_burst_comes_late_and_at_once() -> None:
    meter = make()
    meter.faults.once("burst", count=4)
    records = list(meter.telegrams(6))
    assert [r.sequence for r in records] == [1, 2, 3, 4, 5, 6]
    assert len({r.time for r in records}) == 6
    assert {r.sent for r in records[:4]} == {records[3].time}
    assert all(r.fate is Fate.MUST for r in records)
    assert [r.fault for r in records[:2]] == ["burst", None]


def test_what_is_held_back_at_the_end_of_a_run_still_comes() -> None:
    meter = make()
    meter.faults.once("burst", count=50)
    assert len(list(meter.telegrams(3))) == 3


def test_glue() -> None:
    meter = make()
    meter.faults.once("glue")
    first, second = meter.telegrams(2)
    assert first.sent == second.sent == second.time
    assert received(first, second) == [meant(first), meant(second)]


def test_wrong_crc() -> None:
    record = hit("wrong_crc")
    body, mark, digits = record.data.rpartition(b"!")
    assert body + mark == record.telegram.data[: -len(b"FFFF\r\n")]
    assert int(digits, 16) != reference_crc(body + mark)
    assert record.fate is Fate.MUST_NOT


def test_lf_only() -> None:
    end = hit("lf_only")
    assert end.data == end.telegram.data.removesuffix(b"\r\n") + b"\n"
    assert received(end) == [meant(end)]
    assert end.fate is Fate.MUST
    everywhere = hit("lf_only", which="all")
    assert everywhere.data == everywhere.telegram.data.replace(b"\r\n", b"\n")
    # The checksum was made over CR LF: only a client that puts them back can verify it.
    assert received(everywhere) == []
    assert everywhere.fate is Fate.MAY


def test_no_blank_line() -> None:
    record = hit("no_blank_line")
    assert b"\r\n\r\n" in record.telegram.data
    assert b"\r\n\r\n" not in record.data
    assert received(record) == [meant(record)]
    assert record.fate is Fate.MUST


def test_no_end_line() -> None:
    meter = make()
    meter.faults.once("no_end_line")
    first, second = meter.telegrams(2)
    assert b"!" not in first.data
    assert first.data.endswith(b"\r\n")
    assert (first.fate, second.fate) == (Fate.MUST_NOT, Fate.MUST)
    assert received(first, second) == [meant(second)]


def test_seven_e1_and_the_whole_line_with_parity() -> None:
    for record in (hit("seven_e1"), next(make(even_parity=True).telegrams(1))):
        assert bytes(byte & 0x7F for byte in record.data) == record.telegram.data
        assert all(byte.bit_count() % 2 == 0 for byte in record.data)
        assert any(byte > 0x7F for byte in record.data)
        assert received(record) == [meant(record)]


def test_banner() -> None:
    record = hit("banner")
    assert record.data.startswith(b"\xff\xfb")
    assert record.data.endswith(b"\r\n" + record.telegram.data)
    assert received(record) == [meant(record)]


def test_other_meter() -> None:
    record = hit("other_meter")
    assert record.foreign is not None
    first, second = received(record)
    assert (first, second) == (clean_lines(record.foreign.data), meant(record))
    ident = "0-0:96.1.1"
    assert dict(record.foreign.lines)[ident] != dict(record.telegram.lines)[ident]


def test_pause() -> None:
    meter = make()
    next(meter.telegrams(1))
    meter.faults.once("pause", seconds=3)
    records = list(meter.telegrams(5))
    assert [bool(r.data) for r in records] == [False, False, False, True, True]
    assert [r.fate for r in records] == [Fate.MUST_NOT] * 3 + [Fate.MUST] * 2


def test_a_fault_waits_until_the_pause_is_over() -> None:
    meter = make()
    meter.faults.once("pause", seconds=3)
    meter.faults.once("duplicate")
    assert [r.fault for r in meter.telegrams(4)] == [
        "pause",
        "pause",
        "pause",
        "duplicate",
    ]


@pytest.mark.parametrize("name", CONNECTION_FAULTS)
def test_the_connection_ends(name: str) -> None:
    middle = hit(name)
    assert middle.breaks
    assert isinstance(middle.steps[-1], Break)
    assert middle.steps[-1].action is Action(name)
    assert 0 < len(middle.data) < len(middle.telegram.data)
    assert middle.fate is Fate.MUST_NOT
    meter = make()
    end = hit(name, meter, at="end")
    assert end.data == end.telegram.data
    # A reset may destroy data in transit.
    assert end.fate is (Fate.MAY if name == "rst" else Fate.MUST)
    assert next(meter.telegrams(1)).fate is Fate.MUST


def test_a_broken_connection_ends_the_line_too() -> None:
    meter = make()
    meter.faults.once("fin")
    meter.faults.once("unplug", seconds=30)
    first, second, third = meter.telegrams(3)
    assert first.steps[-1] == Break(Action.FIN, 0)
    assert second.steps[-1] == Break(Action.UNPLUG, 30)
    assert third.fate is Fate.MUST


# Checksum modes


@pytest.mark.parametrize(
    ("mode", "pattern"),
    [
        (CrcMode.UPPER, "!{:04X}\r\n"),
        (CrcMode.LOWER, "!{:04x}\r\n"),
        (CrcMode.UNPADDED, "!{:X}\r\n"),
        (CrcMode.NUL, "!{:04X}\0\r\n"),
        (CrcMode.NONE, "!\r\n"),
    ],
)
def test_ways_to_print_the_checksum(mode: CrcMode, pattern: str) -> None:
    meter = make(crc=mode)
    for record in meter.telegrams(200):
        body, mark, _ = record.data.rpartition(b"!")
        assert record.data == body + pattern.format(reference_crc(body + mark)).encode()


def test_the_reference_checksum_is_the_one_of_the_catalogue() -> None:
    assert reference_crc(b"123456789") == 0xBB3D
