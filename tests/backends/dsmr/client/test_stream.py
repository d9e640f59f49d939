"""Streams: protocols on the line, and statistics."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.junction.backends.dsmr.client.carrier import Carrier
from custom_components.junction.backends.dsmr.client.dialect import Dialect
from custom_components.junction.backends.dsmr.client.line_kinds import LineKind
from custom_components.junction.backends.dsmr.client.models import Rejection
from custom_components.junction.backends.dsmr.client.rfxtrx import RfxtrxUnwrapper

from ..helpers import (
    VALID,
    chunks,
    even_parity,
    hdlc,
    rfxtrx,
    stamped,
    stream,
    telegram,
    wire,
)

RAW = wire("v5_nl_3phase_gas")


@pytest.mark.parametrize("name", VALID)
def test_clear_text_of_every_dialect(name: str) -> None:
    line = stream()
    found = [t for piece in chunks(wire(name) * 3, 64) for t in line.feed(piece)]
    assert len(found) in (2, 3)
    assert line.carrier is Carrier.CLEAR
    assert line.last is found[-1]
    assert found[-1].raw == wire(name)[: len(found[-1].raw)]
    assert line.statistics.telegrams == len(found)
    assert line.statistics.bytes_received == 3 * len(wire(name))


def test_parity_is_not_checked_where_there_is_a_check_sum() -> None:
    line = stream()
    for raw in (RAW, *[bytes(even_parity(RAW))] * 5, RAW):
        found = [t.raw for piece in chunks(raw, 64) for t in line.feed(piece)]
        assert found == [RAW]


# RFXtrx


FOREIGN = bytes.fromhex("0a520211700200a72d0089")


@pytest.mark.parametrize("name", ["v5_nl_3phase_gas", "v5b_emucs_2_1", "v5s_sweden"])
@pytest.mark.parametrize("foreign", [b"", FOREIGN])
@pytest.mark.parametrize("size", [1, 17, 5000])
@pytest.mark.parametrize("packet", [8, 32, 200])
def test_rfxtrx(name: str, foreign: bytes, size: int, packet: int) -> None:
    line = stream()
    sent = FOREIGN + rfxtrx(wire(name), packet, foreign) * 3
    found = [t.raw for piece in chunks(sent, size) for t in line.feed(piece)]
    assert found == [wire(name)] * 3
    assert line.carrier is Carrier.RFXTRX
    assert line.statistics.framing_errors == 0


def test_rfxtrx_from_the_middle_of_a_packet() -> None:
    sent = rfxtrx(RAW)[11:] + rfxtrx(RAW) * 2
    assert [t.raw for t in stream().feed(sent)] == [RAW] * 2


def test_rfxtrx_finds_its_step_again() -> None:
    sent = rfxtrx(RAW)
    line = stream()
    assert len(line.feed(sent)) == 1
    line.feed(sent[:100] + sent[111:])
    assert [t.raw for t in line.feed(sent)] == [RAW]
    unwrapper = RfxtrxUnwrapper()
    assert unwrapper.feed(sent) == RAW
    assert unwrapper.packets == -(-len(RAW) // 32)


def test_rfxtrx_hands_on_what_is_no_text() -> None:
    line = stream()
    sent = rfxtrx(RAW + b"\x01\xff\x02", 200) + rfxtrx(RAW, 200)
    assert [t.raw for t in line.feed(sent)] == [RAW] * 2


@pytest.mark.parametrize(
    "noise",
    [
        b"\x02\x62\x01",  # too short
        b"\xf0\x52\x01" + bytes(20),  # longer than any
        b"\x20\x62\x05" + bytes(20),  # another subtype
        b"\x20\x62\x01\x00" + bytes(28),  # no text
    ],
)
def test_rfxtrx_steps_over_what_is_no_packet(noise: bytes) -> None:
    line = stream()
    line.feed(noise + rfxtrx(RAW))
    assert [t.raw for t in line.feed(noise + rfxtrx(RAW) * 2)][-1:] == [RAW]


# Other protocols


@pytest.mark.parametrize("size", [1, 10, 5000])
def testhdlc(size: int) -> None:
    line = stream()
    for piece in chunks(b"\x12\x7e\x34" + hdlc(120) + hdlc(300)[1:] + hdlc(20), size):
        line.feed(piece)
    assert line.other_kind is LineKind.HDLC
    line.reset()
    assert line.other_kind is None


@pytest.mark.parametrize("name", [*VALID, "msn_two_frames"])
def test_p1_is_nohdlc(name: str) -> None:
    line = stream()
    for _ in range(5):
        line.feed(wire(name))
        assert not line.is_other


def test_a_line_keeps_what_it_carries_until_reset() -> None:
    line = stream()
    line.feed(RAW)
    assert line.feed(rfxtrx(RAW)) == []
    line.reset()
    assert line.carrier is Carrier.UNKNOWN
    assert len(line.feed(rfxtrx(RAW))) == 1


# Statistics


def test_reasons_are_counted_apart() -> None:
    line = stream()
    line.feed(RAW)
    body = RAW[: RAW.index(b"!")]
    line.feed(wire("v5_nl_bad_crc"))
    line.feed(body + b"!XYZ\r\n")
    line.feed(body + RAW)
    line.feed(body + b"!\r\n")
    statistics = line.statistics
    assert statistics.telegrams == 2
    assert statistics.rejected == {
        Rejection.CRC: 1,
        Rejection.SHAPE: 1,
        Rejection.CUT: 1,
        Rejection.CRC_MISSING: 1,
    }
    assert statistics.crc_errors == 1
    assert statistics.framing_errors == 2
    assert statistics.last_error == "crc_missing"
    assert statistics.last_telegram is not None


def test_a_telegram_without_end_is_a_framing_error() -> None:
    line = stream()
    line.feed(b"/ABC5\r\n" + b"1-0:1.7.0(00.000*kW)\r\n" * 1000)
    assert line.statistics.framing_errors == 1


def test_malformed_lines_are_counted() -> None:
    line = stream()
    line.feed(telegram("1-0:1.7.0(x)", "what", "1-0:2.7.0(00.000*kW)"))
    assert line.statistics.malformed_lines == 2


def test_as_dict_is_plain() -> None:
    line = stream()
    line.feed(RAW + wire("v5_nl_bad_crc"))
    values = line.statistics.as_dict()
    assert values["telegrams"] == 1
    assert values["rejected"] == {"crc": 1}
    assert values["last_telegram"] == "2026-03-01T12:00:00+00:00"
    assert set(values) == set(line.statistics.__slots__)


def test_interval_is_the_meters_own_and_missing_telegrams_show() -> None:
    at = [0.0]
    line = stream(monotonic=lambda: at[0])
    for second in (0, 1, 2, 3, 4, 7, 8):
        # They arrive in one burst, late
        line.feed(stamped(second))
    assert line.statistics.interval == 1
    assert line.statistics.lost_telegrams == 2


def test_a_pause_between_connections_is_no_loss() -> None:
    line = stream()
    for second in (0, 1, 2):
        line.feed(stamped(second))
    line.reset()
    for second in (500, 501):
        line.feed(stamped(second))
    assert line.statistics.lost_telegrams == 0
    assert line.statistics.interval == 1


def test_interval_of_a_meter_without_clock_is_that_of_arrival() -> None:
    at = [0.0]
    line = stream(monotonic=lambda: at[0])
    for _ in range(5):
        line.feed(wire("v2_2_gas"))
        at[0] += 10.0
    assert line.statistics.interval == 10
    assert line.statistics.lost_telegrams == 0


def test_one_late_telegram_does_not_move_the_interval() -> None:
    line = stream()
    for second in (0, 1, 2, 3, 30, 31, 32):
        line.feed(stamped(second))
    assert line.statistics.interval == 1


# Time


def test_offset_is_found_with_the_first_telegram() -> None:
    line = stream(now=lambda: datetime(2026, 3, 1, 11, 0, 3, tzinfo=UTC))
    (found,) = line.feed(stamped(0))
    assert line.standard_offset == timedelta(hours=2)
    assert found.timestamp == datetime(2026, 3, 1, 11, tzinfo=UTC)
    (found,) = line.feed(stamped(1))
    assert found.timestamp == datetime(2026, 3, 1, 11, 0, 1, tzinfo=UTC)


def test_offset_of_the_options_wins() -> None:
    line = stream(standard_offset=timedelta(hours=3))
    (found,) = line.feed(stamped(0))
    assert found.timestamp == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_lithuania_without_a_trustworthy_clock() -> None:
    line = stream(now=lambda: datetime(2020, 1, 1, 0, 25, tzinfo=UTC))
    (found,) = line.feed(wire("lt_eso_extended"))
    assert line.dialect is Dialect.ESO
    assert line.standard_offset is None
    assert found.timestamp == datetime(2025, 2, 10, 6, 15, 30, tzinfo=UTC)


def test_winter_and_summer_around_the_change_are_a_second_apart() -> None:
    now = datetime(2025, 10, 26, 1, tzinfo=UTC)
    line = stream(now=lambda: now)
    (before,) = line.feed(wire("v5_nl_dst_before"))
    (after,) = line.feed(wire("v5_nl_dst_after"))
    assert before.timestamp is not None
    assert after.timestamp is not None
    assert after.timestamp - before.timestamp == timedelta(seconds=1)
