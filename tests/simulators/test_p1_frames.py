"""Encryption: frames that open with the right key, and only with it."""

from cryptography.exceptions import InvalidTag
import pytest

from simulators.p1.dialects import DIALECTS
from simulators.p1.frames import FrameMaker
from simulators.p1_meter import Fate, MeterPlan, P1Meter

from .p1_reference import FIXTURES, clean_lines, decrypt, fixture, text_receiver

LUXEMBOURG = DIALECTS["5L-enc"].encrypted
assert LUXEMBOURG is not None


def make(dialect: str = "5L-enc") -> P1Meter:
    return P1Meter(MeterPlan(dialect))


def opened(meter: P1Meter, data: bytes) -> bytes:
    assert meter.frames is not None
    return decrypt(data, meter.frames.key, meter.frames.authentication_key)


@pytest.mark.parametrize(
    ("name", "dialect", "plain"),
    [
        ("msn_luxembourg_encrypted", "5L-enc", "v5l_luxembourg_clear"),
        ("at_sagemcom_encrypted", "AT-enc", "at_sagemcom_clear"),
    ],
)
def test_the_captured_text_gives_the_captured_frame(
    name: str, dialect: str, plain: str
) -> None:
    settings = DIALECTS[dialect].encrypted
    assert settings is not None
    text, _ = fixture(plain)
    frame = FrameMaker(settings).frame(text, settings.counter)
    assert frame == (FIXTURES / f"{name}.bin").read_bytes()


@pytest.mark.parametrize("dialect", ["5L-enc", "AT-enc"])
def test_frames_hold_the_telegram_and_count(dialect: str) -> None:
    meter = make(dialect)
    counters = []
    for record in meter.telegrams(5):
        text = opened(meter, record.data)
        assert text == record.telegram.data
        assert list(text_receiver(text)) == [clean_lines(text)]
        assert int.from_bytes(record.data[14:18]) == record.frame_counter
        counters.append(record.frame_counter)
    settings = DIALECTS[dialect].encrypted
    assert settings is not None
    assert counters == [settings.counter + n for n in range(5)]


def test_two_frames_in_one_piece() -> None:
    meter = make()
    meter.faults.once("glue")
    first, second = meter.telegrams(2)
    assert second.frame_counter == (first.frame_counter or 0) + 1
    assert first.data[:10] == second.data[:10]


def test_a_wrong_tag_spoils_the_proof_but_not_the_text() -> None:
    meter = make()
    meter.faults.once("wrong_tag")
    bad, good = meter.telegrams(2)
    with pytest.raises(InvalidTag):
        opened(meter, bad.data)
    assert opened(meter, good.data) == good.telegram.data
    assert (bad.fate, good.fate) == (Fate.MAY, Fate.MUST)
    # Nothing but the tag differs from the frame it should be.
    assert meter.frames is not None and bad.frame_counter is not None
    whole = meter.frames.frame(bad.telegram.data, bad.frame_counter)
    assert whole[:-12] == bad.data[:-12]


def test_a_new_key_starts_the_counter_again() -> None:
    meter = make()
    old_key = meter.frames.key if meter.frames else b""
    list(meter.telegrams(2))
    meter.change_key(bytes(range(16)))
    record = next(meter.telegrams(1))
    assert record.frame_counter == 0
    assert opened(meter, record.data) == record.telegram.data
    with pytest.raises(InvalidTag):
        decrypt(record.data, old_key, bytes.fromhex("00112233445566778899AABBCCDDEEFF"))


def test_the_counter_can_be_reset_and_ends_at_32_bits() -> None:
    meter = make()
    list(meter.telegrams(2))
    meter.set_counter(0)
    assert next(meter.telegrams(1)).frame_counter == 0
    meter.set_counter(2**32 - 1)
    assert [r.frame_counter for r in meter.telegrams(2)] == [2**32 - 1, 0]


def test_keys_are_checked() -> None:
    with pytest.raises(ValueError, match="16 bytes, not 3"):
        make().change_key(b"abc")
    clear = P1Meter(MeterPlan("5L"))
    with pytest.raises(ValueError, match="does not encrypt"):
        clear.change_key(bytes(16))
    with pytest.raises(ValueError, match="does not encrypt"):
        clear.set_counter(1)
