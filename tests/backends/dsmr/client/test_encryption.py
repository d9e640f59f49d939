"""Encrypted frames: detection, decryption, authentication, counters."""

import pytest

from custom_components.junction.backends.dsmr.client.carrier import Carrier
from custom_components.junction.backends.dsmr.client.encryption import (
    CipherStream,
    FrameCounter,
    Keys,
    Opened,
    parse_key,
    parse_keys,
)
from custom_components.junction.backends.dsmr.client.errors import InvalidKeyError
from custom_components.junction.backends.dsmr.client.models import Rejection, Telegram
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.errors import BackendError

from ..helpers import KEY, KEYS, PLAIN, TITLE, chunks, encrypted, expected, stream, wire

OTHER = Keys(bytes(16))


def _raws(telegrams: list[Telegram]) -> list[bytes]:
    return [telegram.raw for telegram in telegrams]


def test_frames_of_this_test_are_those_of_meters() -> None:
    assert encrypted(expected("msn_luxembourg_encrypted")["frame_counter"]) == wire(
        "msn_luxembourg_encrypted"
    )


# Keys


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        KEY.hex(" "),
        KEY.hex(":"),
        KEY.hex("-", 4),
        f"  {KEY.hex()}\n",
        f"0x{KEY.hex()}",
    ],
)
def test_keys_as_people_write_them(text: str) -> None:
    assert parse_key(text) == KEY


def test_a_key_of_sixteen_characters() -> None:
    """Some operators give the key as 16 characters instead of hex digits."""
    assert parse_key(" aB3$aB3$aB3$aB3$ ") == b"aB3$aB3$aB3$aB3$"


@pytest.mark.parametrize(
    "text", ["", "00", KEY.hex()[:-1], KEY.hex() + "00", "g" * 32, "é" * 32]
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(InvalidKeyError) as error:
        parse_key(text)
    assert isinstance(error.value, BackendError)
    assert error.value.key == "invalid_key"
    if text:
        assert text not in str(error.value)


def test_keys_together() -> None:
    assert parse_keys(None, None) is None
    assert parse_keys("", KEY.hex()) is None
    assert parse_keys(KEY.hex(), None) == KEYS
    assert parse_keys(KEY.hex(), "0" * 32) == Keys(KEY, bytes(16))


def test_keys_are_not_printed() -> None:
    text = repr(KEYS)
    assert KEY.hex() not in text
    assert repr(KEY) not in text


# Frames


@pytest.mark.parametrize("size", [1, 3, 64, 5000])
def test_frames_in_pieces(size: int) -> None:
    line = stream(keys=KEYS)
    sent = b"".join(encrypted(n) for n in range(3))
    found = [raw for piece in chunks(sent, size) for raw in _raws(line.feed(piece))]
    assert found == [PLAIN] * 3
    assert line.carrier is Carrier.ENCRYPTED
    assert line.statistics.unauthenticated == 0


@pytest.mark.parametrize(("length", "size"), [("82", 900), ("81", 120), ("plain", 60)])
def test_lengths_in_ber(length: str, size: int) -> None:
    plain = PLAIN[:size]
    opened = CipherStream(KEYS).feed(encrypted(7, plain, length=length), 0)
    assert opened == [Opened(plain, True, TITLE, 7)]


def test_encrypted_only() -> None:
    opened = CipherStream(KEYS).feed(encrypted(7, control=0x20), 0)
    assert opened == [Opened(PLAIN, False, TITLE, 7)]


def test_other_authentication_key_is_noted() -> None:
    line = stream(keys=KEYS)
    assert _raws(line.feed(encrypted(1, authentication=bytes(16)))) == [PLAIN]
    assert line.statistics.unauthenticated == 1
    line = stream(keys=Keys(KEY, bytes(16)))
    assert _raws(line.feed(encrypted(1, authentication=bytes(16)))) == [PLAIN]
    assert line.statistics.unauthenticated == 0


def test_unauthenticated_text_must_have_its_own_check_sum() -> None:
    bare = PLAIN[: PLAIN.index(b"\n!") + 2] + b"\r\n"
    line = stream(keys=KEYS)
    found = [line.feed(encrypted(n, bare, authentication=bytes(16))) for n in range(5)]
    assert found == [[]] * 5
    assert line.statistics.rejected == {Rejection.CRC_MISSING: 5}
    assert len(line.feed(encrypted(9, bare))) == 1


@pytest.mark.parametrize(
    "noise",
    [
        b"\xdb",
        b"\xdb\x08",
        b"\xdb\x08SAGg0123\x82",
        b"\xdb\x08SAGg0123\x82\x05\x1b\x31",
        b"\xdb\x08SAGg0123\x82\xff\xff\x30",
        b"\xdb\x08SAGg0123\x83\x00\x05\x1b\x30",
        b"\xdb\x08SAGg0123\x10\x30",
        b"\xdb\xdb\xdb",
        bytes(range(256)),
    ],
)
def test_noise_before_aencrypted(noise: bytes) -> None:
    line = stream(keys=KEYS)
    assert _raws(line.feed(noise + encrypted())) == [PLAIN]


def test_a_false_length_does_not_swallow_the_next_frames() -> None:
    """A wrong length does not swallow the next frames, before or after a pause reveals it."""
    false = b"\xdb\x08SAGg0123\x82\x1f\xf0\x30"
    cipher = CipherStream(KEYS)
    sent = [false + encrypted(0), *map(encrypted, range(1, 8))]
    opened = [found.counter for frame in sent for found in cipher.feed(frame, 0.0)]
    assert opened == list(range(len(opened)))
    assert len(opened) >= 6
    cipher = CipherStream(KEYS)
    assert cipher.feed(false + encrypted(0), 0.0) == []
    assert [found.counter for found in cipher.feed(encrypted(1), 10.0)] == [0, 1]
    assert cipher.broken == 1


def test_a_pause_inside_a_frame_ends_it() -> None:
    line_at = [0.0]
    line = stream(keys=KEYS, monotonic=lambda: line_at[0])
    assert line.feed(encrypted(1)[:700]) == []
    line_at[0] = 3.5
    assert line.feed(encrypted(1)[700:]) == []
    assert _raws(line.feed(encrypted(2))) == [PLAIN]
    assert line.statistics.framing_errors == 1


def test_a_short_pause_inside_a_frame_does_not() -> None:
    line_at = [0.0]
    line = stream(keys=KEYS, monotonic=lambda: line_at[0])
    found: list[Telegram] = []
    for piece in chunks(encrypted(1), 200):
        line_at[0] += 2.9
        found += line.feed(piece)
    assert _raws(found) == [PLAIN]


def test_half_a_frame_behind_a_false_one_is_given_up_too() -> None:
    false = b"\xdb\x08SAGg0123\x82\x1f\xf0\x30"
    cipher = CipherStream(KEYS)
    assert cipher.feed(false + encrypted(0)[:500], 0.0) == []
    assert [found.counter for found in cipher.feed(encrypted(1), 10.0)] == [1]


# Keys that do not fit


def test_no_key_is_found_out_at_once() -> None:
    line = stream()
    assert line.feed(encrypted()) == []
    assert line.key_needed
    assert not line.wrong_key
    assert line.carrier is Carrier.UNKNOWN


def test_wrong_key_is_one_that_fails_three_times_in_a_row() -> None:
    line = stream(keys=OTHER)
    for n, wrong in enumerate((False, False, True, True)):
        assert line.feed(encrypted(n)) == []
        assert line.wrong_key is wrong
    assert not line.key_needed
    assert line.statistics.decode_errors == 4


def test_broken_frames_are_no_wrong_key() -> None:
    line = stream(keys=KEYS)
    for n in range(20):
        broken = bytearray(encrypted(n))
        broken[30 if n % 3 else 18] ^= 0xFF
        line.feed(bytes(broken))
        assert not line.wrong_key
    assert line.statistics.telegrams == 0
    assert _raws(line.feed(encrypted(20))) == [PLAIN]


def test_a_key_change_at_run_time() -> None:
    line = stream(keys=KEYS)
    assert _raws(line.feed(encrypted(1))) == [PLAIN]
    for n in range(3):
        line.feed(encrypted(n, key=bytes(16)))
    assert line.wrong_key
    line.feed(encrypted(2))
    assert not line.wrong_key


# Counters


def _feed(line: P1Stream, *counters: int) -> list[int]:
    return [n for n in counters if line.feed(encrypted(n))]


def test_lost_frames_are_counted() -> None:
    line = stream(keys=KEYS)
    assert _feed(line, 5, 6, 9, 10) == [5, 6, 9, 10]
    assert line.statistics.lost_frames == 2


def test_what_is_sent_between_connections_is_not_lost() -> None:
    line = stream(keys=KEYS)
    _feed(line, 5)
    line.reset()
    assert _feed(line, 50, 52) == [50, 52]
    assert line.statistics.lost_frames == 1


def test_frames_sent_again_are_left_out() -> None:
    line = stream(keys=KEYS)
    assert _feed(line, 5, 5, 5, 5, 5, 6, 6, 7) == [5, 6, 7]
    assert line.statistics.rejected == {Rejection.REPLAY: 5}
    line.reset()
    assert _feed(line, 7, 6, 8) == [8]


def test_a_counter_that_starts_again_is_believed_the_third_time() -> None:
    line = stream(keys=KEYS)
    assert _feed(line, 1000, 0, 1, 2, 3) == [1000, 2, 3]


def test_the_last_frame_sent_again_after_older_ones() -> None:
    assert _feed(stream(keys=KEYS), 7, 5, 6, 7, 8) == [7, 8]


def test_another_meter_has_another_counter() -> None:
    counter = FrameCounter()
    assert counter.accept(b"A", 1000)
    assert counter.accept(b"B", 3)
    assert counter.accept(b"B", 4)
    assert counter.lost == 0


def test_the_operator_switches_encryption_off_and_on() -> None:
    """Changed encryption is detected after the reconnect that the silence causes."""
    line = stream(keys=KEYS)
    assert len(line.feed(encrypted(1))) == 1
    assert line.feed(PLAIN) == []
    line.reset()
    assert len(line.feed(PLAIN)) == 1
    assert line.carrier is Carrier.CLEAR
    line.reset()
    assert len(line.feed(encrypted(2))) == 1
    assert line.carrier is Carrier.ENCRYPTED
